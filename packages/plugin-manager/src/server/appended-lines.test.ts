import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { maxLineBytes, maxReadBytes, openLineFile, type LineFile } from './appended-lines.ts';

let folder: string;
let path: string;
let file: LineFile | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'appended-lines-'));
  path = join(folder, 'a.jsonl');
});
afterEach(async () => {
  await file?.close();
  await rm(folder, { recursive: true });
});

async function open(): Promise<LineFile> {
  await file?.close();
  file = await openLineFile(path);
  if (file === undefined) throw new Error(`expected a file at ${path}`);
  return file;
}

async function read(from: number): Promise<{ readonly texts: readonly (string | undefined)[]; readonly end: number }> {
  const texts: (string | undefined)[] = [];
  let end = from;
  for await (const piece of (await open()).pieces(from)) {
    ({ end } = piece);
    if (piece.kind === 'line') texts.push(piece.text);
  }
  return { texts, end };
}

it('goes on behind what was passed over of a line that is too long, and tells nothing of its rest', async () => {
  const bytes = 3 * maxLineBytes;
  await writeFile(path, `one\n${'x'.repeat(bytes)}`);
  expect(await read(0)).toEqual({ texts: ['one'], end: 4 + bytes });
  await appendFile(path, 'rest');
  const { texts, end } = await read(4 + bytes);
  expect(texts).toEqual([]);
  await appendFile(path, 'more\ntwo\nthr');
  expect(await read(end)).toMatchObject({ texts: [undefined, 'two'], end: 4 + bytes + 'restmore\ntwo\n'.length });
});

it('tells a place for each part of such a line, so that whoever reads may stop', async () => {
  await writeFile(path, 'x'.repeat(10 * maxLineBytes));
  let parts = 0;
  for await (const { kind } of (await open()).pieces(0)) parts += kind === 'part' ? 1 : 0;
  expect(parts).toBeGreaterThanOrEqual(8);
});

it('ends where the file ended when it was opened, so that whoever appends cannot hold it up', async () => {
  await writeFile(path, 'one\n');
  const opened = await open();
  await appendFile(path, 'two\n');
  const texts: (string | undefined)[] = [];
  for await (const piece of opened.pieces(0)) texts.push(piece.kind === 'line' ? piece.text : undefined);
  expect(texts).toEqual(['one']);
});

it('reads the end alone of what is more than any audit', async () => {
  await writeFile(path, 'one\n');
  await truncate(path, 4 * maxReadBytes);
  await appendFile(path, '\ntwo\n');
  expect((await read(0)).texts).toEqual([undefined, 'two']);
});
