import { expect, it } from 'vitest';
import { compareValues, sortValueOf } from './sort-value.ts';

/** Sorts cells of a column upwards, from the order that is most wrong. */
const sorted = (column: string, cells: readonly unknown[]): unknown[] =>
  cells.toReversed().sort((a, b) => compareValues(sortValueOf(a, column), sortValueOf(b, column)));

it.each([
  ['Restarts', [0, 2, 10]],
  ['Restarts', ['0', '2 (5m ago)', '10 (3d ago)']],
  ['Duration', ['45s', '5m', '5m10s', '2h', '36h', '2d4h', '1y2d']],
  ['Last Seen', ['9s', '2m', '1h', '<unknown>']],
  ['CPU', ['100m', '250m', '1', '1500m', '2']],
  ['Capacity', ['512Ki', '100Mi', '1Gi', '1.5Gi', '2G', '1Ti']],
  ['Use', ['9%', '10%', '100%']],
  ['Ready', ['0/3', '1/3', '2/3', '1/1', '3/3']],
  ['Completions', ['0/1', '1/1']],
  ['Name', ['node-1', 'node-9', 'node-10', 'web-2']],
  ['Suspend', [false, true]],
  ['Status', ['Failed', 'Running', '<none>']],
  ['Node', ['a', null]],
  ['Port', [80, '443', '8080:31000/TCP']],
])('the column %s sorts as people would: %j', (column, cells) => {
  expect(sorted(column, cells)).toEqual(cells);
});

it('what looks like a number and is none stays a text', () => {
  expect(['10.0.0.1', '2001:db8::1', '1.2.3', '5x'].map((cell) => sortValueOf(cell, 'IP'))).toEqual([
    '10.0.0.1',
    '2001:db8::1',
    '1.2.3',
    '5x',
  ]);
  expect(sorted('Cluster-IP', ['10.0.0.2', '10.0.0.10'])).toEqual(['10.0.0.2', '10.0.0.10']);
});
