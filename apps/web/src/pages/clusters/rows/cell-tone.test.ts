import { expect, it } from 'vitest';
import { cellTone } from './cell-tone.ts';

it.each([
  ['Status', 'Running', undefined],
  ['Status', 'Completed', undefined],
  ['Status', 'CrashLoopBackOff', 'bad'],
  ['Status', 'ImagePullBackOff', 'bad'],
  ['Status', 'Init:0/1', 'busy'],
  ['Status', 'ContainerCreating', 'busy'],
  ['Status', 'Ready,SchedulingDisabled', 'busy'],
  ['Status', 'NotReady', 'bad'],
  ['Ready', '1/1', undefined],
  ['Ready', '0/1', 'busy'],
  ['Ready', 'False', 'busy'],
  ['Type', 'Warning', 'busy'],
  ['Type', 'Normal', undefined],
  ['Name', 'error-reporter', undefined],
])('%s %s looks %s', (column, text, tone) => {
  expect(cellTone(column, text, [text])).toBe(tone);
});

it('what has done its work need not be ready', () => {
  expect(cellTone('Ready', '0/1', ['job-1', '0/1', 'Completed'])).toBeUndefined();
});
