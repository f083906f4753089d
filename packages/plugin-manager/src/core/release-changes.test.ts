import { expect, it } from 'vitest';
import { readChanges } from './release-changes.ts';

it('reads texts and objects as Artifact Hub gives them', () => {
  const links = [{ name: 'issue', url: 'javascript:alert(1)' }];
  expect(readChanges(['First', { kind: 'Added', description: ' Second\nline ', links }])).toEqual([
    { description: 'First' },
    { kind: 'added', description: 'Second line' },
  ]);
});

it.each([
  [undefined],
  [null],
  ['text'],
  [{ length: 1, 0: 'x' }],
  [[]],
  [[1, null, {}, { description: 7 }, '', '   ', { description: { toString: 1 } }]],
])('of %j nothing is told', (value) => {
  expect(readChanges(value)).toBeUndefined();
});

it('is bounded: 100 changes of 500 characters, without control characters, and kinds that are words', () => {
  const changes = readChanges([
    'x'.repeat(1_000_000),
    { kind: '<b>', description: 'a\u001b[31mb' },
    ...Array.from({ length: 200 }, (_, index) => String(index)),
  ]);
  expect(changes).toHaveLength(100);
  expect(changes?.[0]?.description).toHaveLength(500);
  expect(changes?.[1]).toEqual({ description: 'a [31mb' });
});

it('shows nothing that turns or hides what stands around it', () => {
  expect(readChanges(['safe \u202egnp.exe \u2066x\u200b'])).toEqual([{ description: 'safe gnp.exe x' }]);
  expect(readChanges(['\u202e\u200b'])).toBeUndefined();
});
