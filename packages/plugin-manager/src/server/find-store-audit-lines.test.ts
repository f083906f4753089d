import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { maxReadBytes } from './appended-lines.ts';
import { findStoreAuditLines } from './find-store-audit-lines.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'store-audit-'));
});
afterEach(() => rm(root, { recursive: true }));

const line = (operationId: string, program = 'mine') =>
  `${JSON.stringify({ at: 7, program, operationId, action: 'install', outcome: 'done' })}\n`;
const find = async (...ids: string[]) =>
  [...(await findStoreAuditLines({ root, program: 'mine', operationIds: new Set(ids) })).keys()].toSorted();

it('finds in both files what the program itself has written of these operations, and nothing else', async () => {
  expect(await find('a')).toEqual([]);
  await writeFile(join(root, 'audit.1.jsonl'), `${line('a')}damaged\n${line('b')}${line('c', 'other')}`);
  await writeFile(join(root, 'audit.jsonl'), `${line('d')}${line('e').trimEnd()}`);
  expect(await find('a', 'c', 'd', 'e', 'none')).toEqual(['a', 'd']);
  expect(await find()).toEqual([]);
});

it('takes the first of several lines of one operation', async () => {
  const failed = line('a').replace('done', 'failed');
  const outcomeOfA = async () =>
    (await findStoreAuditLines({ root, program: 'mine', operationIds: new Set(['a']) })).get('a')?.outcome;
  await writeFile(join(root, 'audit.jsonl'), failed + line('a'));
  expect(await outcomeOfA()).toBe('failed');
  await writeFile(join(root, 'audit.1.jsonl'), line('a') + failed);
  expect(await outcomeOfA()).toBe('done');
});

it('reads no more than the end of a file that is larger than any audit', async () => {
  const path = join(root, 'audit.jsonl');
  await writeFile(path, `${line('a')}{"at":1`);
  await truncate(path, 8 * maxReadBytes);
  await appendFile(path, `\n${line('b')}`);
  expect(await find('a', 'b')).toEqual(['b']);
});
