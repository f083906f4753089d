import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import type { OperationProgress } from '../../core/operation-progress.ts';
import { progressLine, sizeText } from './progress-line.ts';

const mebibyte = 1024 * 1024;
const half: OperationProgress = {
  type: 'bytes',
  done: 5 * mebibyte,
  total: 10 * mebibyte,
  fraction: 0.5,
  rate: 2.5 * mebibyte,
  percentage: 37.5,
};

it('shows how far it is, a bar, sizes and rate', () => {
  expect(progressLine(half, { columns: 80, isColoured: false })).toBe(
    ` 37 % ${'█'.repeat(9)}${'░'.repeat(15)} 5.0 MiB of 10.0 MiB, 2.5 MiB/s`,
  );
});

it('leaves out what is not known, and says the phase in place of sizes', () => {
  const { total: _, ...rest } = half;
  expect(progressLine({ ...rest, rate: 0 }, { columns: 80, isColoured: false })).toMatch(/ 5\.0 MiB$/);
  const phase: OperationProgress = { type: 'phase', phase: 'integrity', percentage: 70 };
  expect(progressLine(phase, { columns: 80, isColoured: false })).toMatch(/^ 70 % █{17}░{7} integrity$/);
});

it('uses colour only where it may, and then for the bar alone', () => {
  const coloured = progressLine(half, { columns: 80, isColoured: true });
  expect(coloured).toContain('\u001b[32m█████████\u001b[39m');
  expect(stripVTControlCharacters(coloured)).toBe(progressLine(half, { columns: 80, isColoured: false }));
});

it('is never wider than the terminal, nor than 80 columns, whatever is said', () => {
  const warning: OperationProgress = { type: 'warning', message: 'long '.repeat(100), percentage: 100 };
  for (const event of [half, warning]) {
    for (let columns = 0; columns <= 200; columns += 1) {
      const line = stripVTControlCharacters(progressLine(event, { columns, isColoured: true }));
      expect(line.length).toBeLessThanOrEqual(Math.min(80, Math.max(0, columns - 1)));
    }
  }
});

it('shows no control characters of others', () => {
  const warning: OperationProgress = { type: 'warning', message: 'a\u001b]0;title\u0007b\u202ec', percentage: 1 };
  expect(progressLine(warning, { columns: 80, isColoured: false })).toMatch(/ a\ufffd\]0;title\ufffdb\ufffdc$/);
});

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [64 * mebibyte, '64.0 MiB'],
  [5_000 * 1024 * mebibyte, '5000.0 GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
