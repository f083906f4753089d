import { expect, it } from 'vitest';
import type { KubeWatchError, TargetState } from '@fleetwire/kube-watch';
import { listProblems, summarizeList } from './list-status.ts';

const target = (change: Partial<TargetState>): TargetState => ({
  cluster: 'demo',
  namespace: undefined,
  status: 'live',
  transport: 'multiplexed',
  degradedReason: undefined,
  isSynced: true,
  isPartial: false,
  isStale: false,
  staleSince: undefined,
  lastSyncAt: 0,
  error: undefined,
  itemCount: 1,
  ...change,
});
const error = (status: number, message: string): KubeWatchError =>
  Object.assign(new Error(message), { status, reason: undefined, cluster: 'demo', namespace: undefined }) as never;

it.each([
  ['Live', 'good', [target({})]],
  ['Loading', 'busy', [target({}), target({ status: 'syncing' })]],
  [
    'Reconnecting, data from 12 s ago',
    'busy',
    [target({}), target({ status: 'reconnecting', isStale: true, staleSince: 8_000 })],
  ],
  [
    'old is reconnecting, data from 12 s ago',
    'busy',
    [target({}), target({ cluster: 'old', status: 'reconnecting', isStale: true, staleSince: 8_000 })],
  ],
  ['Polling, a few seconds old', 'busy', [target({}), target({ status: 'polling' })]],
  ['Not updated', 'bad', [target({ status: 'stopped', error: error(401, 'no') })]],
  ['Not updated', 'bad', [target({ status: 'stopped', error: error(404, 'no'), isStale: true, staleSince: 8_000 })]],
  ['Trying again', 'busy', [target({ status: 'connecting', isSynced: false, error: error(0, 'refused') })]],
  ['Waiting for clusters', 'busy', []],
] as const)('says %s', (label, tone, targets) => {
  expect(summarizeList(targets, 20_000)).toMatchObject({ label, tone });
});

it('a dead cluster, or a namespace that is denied, does not make the rest look broken', () => {
  const targets = [
    target({}),
    target({ cluster: 'old', status: 'reconnecting', itemCount: 0, error: error(0, 'connection refused') }),
    target({ namespace: 'a', status: 'stopped', error: error(403, 'pods is forbidden') }),
  ];
  expect(summarizeList(targets, 0).label).toBe('Live');
  expect(listProblems(targets)).toEqual([
    { where: 'old', message: 'connection refused', kind: 'failed', hasRows: false },
    { where: 'demo: a', message: 'pods is forbidden', kind: 'denied', hasRows: true },
  ]);
});

it('a cluster that is gone is said to be, whatever the server called it', () => {
  const targets = [target({}), target({ cluster: 'old', itemCount: 0, error: error(404, 'unknown channel kube/old') })];
  const gone = { where: 'old', message: 'There is no cluster “old”', kind: 'missing', hasRows: false };
  expect(listProblems(targets, [{ name: 'demo' }])).toEqual([gone]);
  expect(listProblems(targets, [{ name: 'demo' }, { name: 'old' }])).toMatchObject([
    { message: targets[1]?.error?.message },
  ]);
  expect(listProblems(targets)).toMatchObject([{ message: 'unknown channel kube/old' }]);
});

it('says why changes come another way', () => {
  const targets = [target({ status: 'polling', degradedReason: 'you may list but not watch' })];
  expect(summarizeList(targets, 0).detail).toBe('you may list but not watch');
});

it('alike problems of many namespaces are one', () => {
  const targets = ['a', 'b', 'c', 'd', 'e'].map((namespace) => target({ namespace, error: error(404, 'not found') }));
  expect(listProblems(targets)).toEqual([
    { where: 'demo: a, b, c and 2 more', message: 'not found', kind: 'missing', hasRows: true },
  ]);
});
