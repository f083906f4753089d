import { describe, expect, it } from 'vitest';
import { createRow, formatTable } from './rows.ts';

const row = { id: 'a', title: 'a', unit: 'ms', fleetwire: 3, peer: { name: 'b', value: 2 } };

describe('a row', () => {
  it('meets a bar that its ratio reaches, whichever way the bar lies', () => {
    expect(createRow({ ...row, bar: { kind: 'at-most', limit: 1.5 } })).toMatchObject({ ratio: 1.5, met: true });
    expect(createRow({ ...row, bar: { kind: 'at-most', limit: 1.4 } }).met).toBe(false);
    expect(createRow({ ...row, bar: { kind: 'at-least', limit: 1.5 } }).met).toBe(true);
    expect(createRow({ ...row, bar: { kind: 'at-least', limit: 1.6 } }).met).toBe(false);
  });

  it('without a peer is held to its value', () => {
    expect(
      createRow({ id: 'a', title: 'a', unit: 'KiB', fleetwire: 15, bar: { kind: 'at-most', limit: 14 } }).met,
    ).toBe(false);
  });

  it('that could not be measured meets no bar', () => {
    expect(createRow({ ...row, ratio: NaN, bar: { kind: 'at-most', limit: 1.5 } }).met).toBe(false);
  });

  it('without a bar only informs', () => {
    expect(createRow(row).met).toBeUndefined();
  });
});

it('the table names what was missed', () => {
  const table = formatTable([createRow({ ...row, bar: { kind: 'at-most', limit: 1.4 } }), createRow(row)]);
  expect(table.split('\n').map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    '| measured | unit | fleetwire | beside | its value | ratio | bar | |',
    '| -------- | ---- | --------- | ------ | --------- | ----- | ----- | ------- |',
    '| a | ms | 3 | b | 2 | 1.50 | ≤ 1.4 | NOT MET |',
    '| a | ms | 3 | b | 2 | 1.50 | | |',
  ]);
});
