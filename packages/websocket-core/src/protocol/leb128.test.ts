import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeLeb128, encodeLeb128, maxStreamId } from './leb128.ts';

// The examples of DWARF 5, table 7.7, and the bounds of each length.
const known: readonly [value: number, bytes: readonly number[]][] = [
  [0, [0x00]],
  [2, [0x02]],
  [127, [0x7f]],
  [128, [0x80, 0x01]],
  [129, [0x81, 0x01]],
  [12_857, [0xb9, 0x64]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 0x01]],
  [maxStreamId, [0xff, 0xff, 0xff, 0xff, 0x0f]],
];

it.each(known)('[M9] encodes and decodes %i in its shortest form', (value, bytes) => {
  expect([...encodeLeb128(value)]).toEqual(bytes);
  expect(decodeLeb128(Uint8Array.from(bytes))).toEqual({ ok: true, value, end: bytes.length });
});

it('[M9] comes back from its bytes, whatever follows them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: maxStreamId }), fc.uint8Array(), (value, rest) => {
      const head = encodeLeb128(value);
      const bytes = Uint8Array.from([...head, ...rest]);
      expect(decodeLeb128(bytes)).toEqual({ ok: true, value, end: head.length });
      expect(decodeLeb128(Uint8Array.from([7, ...bytes]), 1)).toEqual({ ok: true, value, end: head.length + 1 });
    }),
  );
});

const bad: readonly [bytes: readonly number[], failure: string][] = [
  [[], 'truncated'],
  [[0x80], 'truncated'],
  [[0xff, 0xff], 'truncated'],
  [[0x80, 0x00], 'overlong'],
  [[0x81, 0x80, 0x00], 'overlong'],
  [[0x80, 0x80, 0x80, 0x80, 0x00], 'overlong'],
  [[0xff, 0xff, 0xff, 0xff, 0x10], 'overflow'],
  [[0xff, 0xff, 0xff, 0xff, 0x7f], 'overflow'],
  [[0x80, 0x80, 0x80, 0x80, 0x80, 0x01], 'overflow'],
  [[0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'overflow'],
];

it.each(bad)('[M9] refuses the bytes %j as %s', (bytes, failure) => {
  expect(decodeLeb128(Uint8Array.from(bytes))).toEqual({ ok: false, failure });
});

it('[M9] reads no more than five bytes, and accepts nothing but the shortest form', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const result = decodeLeb128(bytes);
      if (!result.ok) return;
      expect(result.end).toBeLessThanOrEqual(5);
      expect([...encodeLeb128(result.value)]).toEqual([...bytes.subarray(0, result.end)]);
    }),
  );
});

it.each([-1, 0.5, Number.NaN, Infinity, maxStreamId + 1])('does not encode %d', (value) => {
  expect(() => encodeLeb128(value)).toThrow(RangeError);
});
