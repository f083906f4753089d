import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createAuditFile } from './audit-file.ts';
import { nodeFileSystem } from './file-system.ts';
import { storeLayout } from './store-layout.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-file-'));
});
afterEach(() => rm(root, { recursive: true }));

it('puts a file that has its size aside once, under the lock, and keeps the one before it', async () => {
  const withLock = vi.fn((work: () => Promise<void>) => work());
  const layout = storeLayout(root);
  const file = createAuditFile({ fileSystem: nodeFileSystem, layout, maxBytes: 20, withLock });
  for (let index = 0; index < 7; index += 1) await file.append({ index });
  // Twelve bytes each: the third finds two.
  const linesOf = async (name: string) => (await readFile(join(root, name), 'utf8')).trim().split('\n');
  expect(await linesOf('audit.jsonl')).toEqual(['{"index":6}']);
  expect(await linesOf('audit.1.jsonl')).toEqual(['{"index":4}', '{"index":5}']);
  expect(await readdir(root)).toHaveLength(2);
  expect(withLock).toHaveBeenCalledTimes(3);
});

it('looks once more under the lock: another process may have put it aside', async () => {
  const layout = storeLayout(root);
  const file = createAuditFile({
    ...{ fileSystem: nodeFileSystem, layout, maxBytes: 10 },
    withLock: async (work) => {
      await nodeFileSystem.rename(layout.auditFile, layout.olderAuditFile);
      await work();
    },
  });
  await file.append({ by: 'this one' });
  await file.append({ by: 'this one, later' });
  expect(await readFile(layout.olderAuditFile, 'utf8')).toBe('{"by":"this one"}\n');
  expect(await readFile(layout.auditFile, 'utf8')).toBe('{"by":"this one, later"}\n');
});
