import { expect, it } from 'vitest';
import { ByteRate } from './byte-rate.ts';

const mebibyte = 1024 * 1024;

it('[O7] lets 32 MiB through at once, then 8 MiB a second', () => {
  const rate = new ByteRate();
  for (let read = 0; read < 32; read += 1) expect(rate.take(mebibyte, 1_000)).toBe(0);
  expect(rate.take(8 * mebibyte, 1_000)).toBe(1_000);
  expect(rate.take(0, 1_500)).toBe(500);
  // Readers share what there is.
  expect(rate.take(8 * mebibyte, 2_000)).toBe(1_000);
  expect(rate.take(0, 3_000)).toBe(0);
  // Rest is remembered up to one burst.
  expect(rate.take(32 * mebibyte, 60_000)).toBe(0);
  expect(rate.take(mebibyte, 60_000)).toBe(125);
});
