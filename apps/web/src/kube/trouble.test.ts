import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { KubeObject, ListResponse, WatchEvent } from '@fleetwire/kube-watch';
// As the scenario of the demo cluster left them.
import demo from './demo-objects.json' with { type: 'json' };
import { watchedKinds } from './trouble.ts';

const fixtures = join(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'kubernetes');
const read = (name: string): string => readFileSync(join(fixtures, name), 'utf8');
const object = (name: keyof typeof demo): KubeObject => demo[name];

const minuteMs = 60_000;
const now = Date.parse('2026-11-21T17:46:00Z');
const { pod, deployment, node, job } = watchedKinds;

it('a pod that crashes again and again is in trouble though its phase is Running', () => {
  expect(object('crashing')).toMatchObject({ status: { phase: 'Running' } });
  expect(pod.troubleOf(object('crashing'), now)).toEqual({
    reason: 'CrashLoopBackOff',
    message: expect.stringMatching(/^back-off \d+s restarting failed container=reconciler/) as string,
    since: Date.parse('2026-11-21T17:44:44Z'),
  });
});

it('a pod whose image cannot be pulled is in trouble at once', () => {
  expect(pod.troubleOf(object('unpullable'), 0)).toMatchObject({
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "registry.example/payments/reports:2.0.0-missing"',
  });
});

it('a pod that runs, or is going, or ended well, is not', () => {
  const running = object('running');
  expect(pod.troubleOf(running, now)).toBeUndefined();
  const deletionTimestamp = '2026-11-21T17:45:00Z';
  const crashing = object('crashing');
  expect(pod.troubleOf({ ...crashing, metadata: { ...crashing.metadata, deletionTimestamp } }, now)).toBeUndefined();
  expect(pod.troubleOf({ ...running, status: { phase: 'Succeeded' } } as KubeObject, now)).toBeUndefined();
});

it('a pod that waits is in trouble when it waits for long, as a real server left those that nobody runs', () => {
  const { items } = JSON.parse(read('list-pods.json')) as ListResponse;
  const newest = Math.max(...items.map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '')));
  expect(items.flatMap((each) => pod.troubleOf(each, newest) ?? [])).toEqual([]);
  const later = items.flatMap((each) => (pod.troubleOf(each, newest + 2 * minuteMs) === undefined ? [] : [each]));
  expect(later.length).toBeGreaterThan(5);
  expect(later.every((each) => (each as { status?: { phase?: string } }).status?.phase === 'Pending')).toBe(true);
  const [first] = later;
  const created = Date.parse(first?.metadata.creationTimestamp ?? '');
  expect(pod.troubleOf(first as KubeObject, now)).toEqual({ reason: 'Pending', message: undefined, since: created });
});

it('the life of recorded pods is no trouble while it goes on', () => {
  const events = read('watch-pods-lifecycle.ndjson')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as WatchEvent)
    .flatMap((event) => (event.type === 'ERROR' || event.type === 'BOOKMARK' ? [] : [event.object]));
  expect(events.length).toBeGreaterThan(20);
  const born = (each: KubeObject): number => Date.parse(each.metadata.creationTimestamp ?? '');
  expect(events.filter((each) => pod.troubleOf(each, born(each) + minuteMs) !== undefined)).toEqual([]);
});

it('a pod that cannot be placed says why', () => {
  const message = '0/4 nodes are available: 4 Insufficient memory.';
  const unplaced = {
    metadata: { ...object('running').metadata, creationTimestamp: '2026-11-21T17:40:00Z' },
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
    },
  } as unknown as KubeObject;
  expect(pod.troubleOf(unplaced, now)).toMatchObject({ reason: 'Unschedulable', message });
});

it('a failed pod is in trouble with the reason of its end; one of a job is not, as the job makes another', () => {
  const ofJob = object('failedOfJob');
  expect(ofJob).toMatchObject({ status: { phase: 'Failed' } });
  expect(pod.troubleOf(ofJob, now)).toBeUndefined();
  const { ownerReferences: _, ...metadata } = ofJob.metadata;
  expect(pod.troubleOf({ ...ofJob, metadata }, now)).toMatchObject({ reason: 'Error' });
  const evicted = { metadata, status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' } };
  expect(pod.troubleOf(evicted as KubeObject, now)).toMatchObject({ reason: 'Evicted', message: 'low on memory' });
});

it('a deployment is in trouble when it is not available, does not get on, or cannot make its pods', () => {
  expect(deployment.troubleOf(object('available'), now)).toBeUndefined();
  expect(deployment.troubleOf(object('unavailable'), now)).toEqual({
    reason: 'MinimumReplicasUnavailable',
    message: 'Deployment does not have minimum availability.',
    since: Date.parse('2026-11-21T17:44:44Z'),
  });
  const withConditions = (...conditions: readonly object[]): KubeObject =>
    ({ ...object('available'), status: { conditions } }) as unknown as KubeObject;
  const stuck = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };
  expect(deployment.troubleOf(withConditions({ type: 'Available', status: 'True' }, stuck), now)).toMatchObject({
    reason: 'ProgressDeadlineExceeded',
  });
  const refused = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota' };
  expect(deployment.troubleOf(withConditions(refused), now)).toMatchObject({ reason: 'FailedCreate' });
});

it('a node is in trouble when it is not ready or does not say, a job when it gave up', () => {
  expect(node.troubleOf(object('readyNode'), now)).toBeUndefined();
  expect(node.troubleOf(object('unreadyNode'), now)).toMatchObject({
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  });
  const { metadata } = object('readyNode');
  expect(node.troubleOf({ metadata }, now)).toEqual({ reason: 'NotReady', message: undefined, since: undefined });
  expect(job.troubleOf(object('failedJob'), now)).toMatchObject({ reason: 'BackoffLimitExceeded' });
  expect(job.troubleOf({ metadata }, now)).toBeUndefined();
});

it.each([[null], ['x'], [[]], [{ conditions: 'x', containerStatuses: [null] }], [{ phase: 7 }]])(
  'a status that makes no sense breaks nothing: %j',
  (status) => {
    const odd = { metadata: object('running').metadata, spec: { containers: [{ name: 'a' }, null] }, status };
    for (const { troubleOf } of Object.values(watchedKinds)) {
      expect(() => troubleOf(odd as unknown as KubeObject, now)).not.toThrow();
    }
  },
);
