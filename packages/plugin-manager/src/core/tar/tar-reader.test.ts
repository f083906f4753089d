import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PluginError } from '../../protocol/error.ts';
import { badArchives } from '../../testing/bad-archives/bad-archives.ts';
import { gnuLongName, gnuMagic, paxHeader, paxRecord, tarOf } from '../../testing/bad-archives/tar-builder.ts';
import { createTarReader } from './tar-reader.ts';

/** What a reader finds in chunks that end at these places: entries with their data, or the code that it refuses with. */
function read(tar: Uint8Array, ends: readonly number[]): unknown {
  const reader = createTarReader('inspect');
  const found: { readonly path: string; readonly index: number; data: string }[] = [];
  let start = 0;
  try {
    for (const end of [...ends, tar.length]) {
      for (const event of reader.push(tar.subarray(start, end))) {
        const last = found.at(-1);
        if (event.kind === 'entry') found.push({ path: event.entry.path, index: event.entry.index, data: '' });
        else if (last) last.data += Buffer.from(event.bytes).toString('hex');
      }
      start = end;
    }
    reader.end();
    return found;
  } catch (error) {
    if (error instanceof PluginError) return [error.code, error.message];
    throw error;
  }
}

const good = tarOf([
  paxHeader([paxRecord('comment', 'global')], 'g'),
  { path: 'p/', type: '5' },
  { path: 'p/empty' },
  paxHeader([paxRecord('path', `p/${'x'.repeat(150)}`)]),
  { path: 'p/x', body: 'a'.repeat(512) },
  gnuLongName(`p/${'y'.repeat(150)}`),
  { path: 'p/y', magic: gnuMagic, body: 'b'.repeat(1_300) },
]);
const places = (length: number) =>
  fc
    .array(
      fc.oneof(
        fc.nat(length),
        fc.nat(length >> 9).map((block) => block << 9),
      ),
      { maxLength: 40 },
    )
    .map((ends) => ends.toSorted((a, b) => a - b));

it('finds the same in whatever chunks a tar comes', () => {
  const whole = read(good, []);
  expect(whole).toMatchObject([
    { path: 'p/', index: 0 },
    { path: 'p/empty', index: 1, data: '' },
    { path: `p/${'x'.repeat(150)}`, index: 2, data: '61'.repeat(512) },
    { path: `p/${'y'.repeat(150)}`, index: 3, data: '62'.repeat(1_300) },
  ]);
  const each = Array.from({ length: good.length }, (_, at) => at);
  expect(read(good, each)).toEqual(whole);
  fc.assert(
    fc.property(places(good.length), (ends) => {
      expect(read(good, ends)).toEqual(whole);
    }),
  );
});

it('refuses the same in whatever chunks a bad tar comes', () => {
  // Those take long to make, and are refused for what all of it comes to.
  const small = badArchives.filter(({ name }) => !/bomb|entries|huge/.test(name));
  const tars = small.flatMap((archive) => {
    try {
      return [gunzipSync(archive.bytes())];
    } catch {
      return [];
    }
  });
  expect(tars.length).toBeGreaterThan(100);
  for (const tar of tars) {
    const steps = Array.from({ length: Math.floor(tar.length / 97) }, (_, at) => (at + 1) * 97);
    expect(read(tar, steps)).toEqual(read(tar, []));
  }
});

it('ends with whatever bytes it is given', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.nat(good.length), (bytes, at) => {
      const tar = Buffer.from(good);
      tar.set(bytes.subarray(0, tar.length - at), at);
      read(tar, []);
      read(bytes, []);
    }),
  );
});
