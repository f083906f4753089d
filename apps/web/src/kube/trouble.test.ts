import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KubeObject, ListResponse, WatchEvent } from '@fleetwire/kube-watch';
// As the scenario of the demo cluster left them.
import demo from './demo-objects.json' with { type: 'json' };
import { watchedKinds } from './trouble.ts';

const fixtures = join(import.meta.dirname, '..', '..', '..', '..', 'fixtures', 'kubernetes');
const read = (name: string): string => readFileSync(join(fixtures, name), 'utf8');
const object = (name: keyof typeof demo): KubeObject => demo[name];

const minuteMs = 60_000;
const now = Date.parse('2026-11-21T17:46:00Z');
const { pod, deployment, statefulSet, daemonSet, node, job } = watchedKinds;
const ago = (ms: number): string => new Date(now - ms).toISOString();

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
  expect(deployment.troubleOf(object('unavailable'), now + minuteMs)).toEqual({
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

describe('what is no trouble', () => {
  const owned = (kind: string) => ({
    ...object('running').metadata,
    ownerReferences: [{ apiVersion: 'x/v1', kind, name: 'owner', uid: 'o', controller: true }],
  });
  const failed = (kind: string, status: object): KubeObject =>
    ({ metadata: owned(kind), status: { phase: 'Failed', ...status } }) as unknown as KubeObject;
  const readySince = (ms: number) => [{ type: 'Ready', status: 'False', lastTransitionTime: ago(ms) }];

  it('is a deployment that was made, or asked to grow, a moment ago', () => {
    const unavailable = (ms: number): KubeObject =>
      ({
        metadata: { ...object('available').metadata, managedFields: [{ subresource: 'status', time: ago(ms) }] },
        spec: { replicas: 10 },
        status: { conditions: [{ type: 'Available', status: 'False', reason: 'x', lastTransitionTime: ago(ms) }] },
      }) as unknown as KubeObject;
    expect(deployment.troubleOf(unavailable(2_000), now)).toBeUndefined();
    expect(deployment.troubleOf(unavailable(2 * minuteMs), now)).toMatchObject({ reason: 'x' });
  });

  it('is a node that has just joined; one that was ready before is told at once', () => {
    const unready = (bornMs: number, sinceMs: number): KubeObject =>
      ({
        metadata: { ...object('readyNode').metadata, creationTimestamp: ago(bornMs) },
        status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(sinceMs) }] },
      }) as unknown as KubeObject;
    expect(node.troubleOf(unready(5_000, 5_000), now)).toBeUndefined();
    expect(node.troubleOf(unready(3 * minuteMs, 3 * minuteMs), now)).toBeDefined();
    expect(node.troubleOf(unready(60 * minuteMs, 1_000), now)).toBeDefined();
  });

  it.each(['deployment', 'statefulSet', 'daemonSet', 'job', 'node', 'pod'] as const)(
    'is a %s being deleted',
    (kind) => {
      const bad = {
        ...{ ...object('unreadyNode'), spec: { replicas: 3 } },
        status: {
          phase: 'Failed',
          desiredNumberScheduled: 3,
          conditions: ['Failed', 'ReplicaFailure'].map((type) => ({ type, status: 'True' })),
        },
      } as unknown as KubeObject;
      expect(watchedKinds[kind].troubleOf(bad, now)).toBeDefined();
      const going = { ...bad, metadata: { ...bad.metadata, deletionTimestamp: ago(1_000) } };
      expect(watchedKinds[kind].troubleOf(going, now)).toBeUndefined();
    },
  );

  it.each(['Evicted', 'Terminated', 'NodeShutdown', 'Preempting'])('is a pod that was %s and replaced', (reason) => {
    expect(pod.troubleOf(failed('ReplicaSet', { reason }), now)).toBeUndefined();
    const { ownerReferences: _, ...metadata } = owned('ReplicaSet');
    const alone = { ...failed('ReplicaSet', { reason }), metadata };
    expect(pod.troubleOf(alone, now)).toMatchObject({ reason });
  });

  it('is a pod that its controller lost to a disruption, or long ago', () => {
    const disrupted = { conditions: [{ type: 'DisruptionTarget', status: 'True' }] };
    expect(pod.troubleOf(failed('ReplicaSet', disrupted), now)).toBeUndefined();
    const refused = (ms: number) => ({ reason: 'UnexpectedAdmissionError', conditions: readySince(ms) });
    expect(pod.troubleOf(failed('DaemonSet', refused(minuteMs)), now)).toMatchObject({
      reason: 'UnexpectedAdmissionError',
    });
    expect(pod.troubleOf(failed('DaemonSet', refused(61 * minuteMs)), now)).toBeUndefined();
  });

  const pending = (status: object): KubeObject =>
    ({
      metadata: { ...object('running').metadata, creationTimestamp: ago(60 * minuteMs) },
      spec: {
        initContainers: [{ name: 'proxy', restartPolicy: 'Always' }, { name: 'migrate' }],
        containers: [{ name: 'web' }],
      },
      status: { phase: 'Pending', ...status },
    }) as unknown as KubeObject;

  it('is a pod whose scheduling somebody holds back', () => {
    const gated = { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' };
    expect(pod.troubleOf(pending({ conditions: [gated] }), now)).toBeUndefined();
  });

  it('is an init container that runs for some minutes; then the reason is not that it runs', () => {
    const running = (name: string, ms: number) => ({ name, state: { running: { startedAt: ago(ms) } } });
    const waiting = { name: 'web', state: { waiting: { reason: 'PodInitializing' } } };
    const after = (ms: number): KubeObject =>
      pending({
        initContainerStatuses: [running('proxy', 60 * minuteMs), running('migrate', ms)],
        containerStatuses: [waiting],
      });
    expect(pod.troubleOf(after(14 * minuteMs), now)).toBeUndefined();
    expect(pod.troubleOf(after(15 * minuteMs), now)).toMatchObject({
      reason: 'PodInitializing',
      message: 'The init container migrate has not ended.',
    });
    // The sidecar is no reason to wait.
    const sidecar = pending({
      initContainerStatuses: [running('proxy', minuteMs), { name: 'migrate', state: { waiting: {} } }],
    });
    expect(pod.troubleOf(sidecar, now)).toBeDefined();
  });
});

describe('what is trouble though it runs', () => {
  const running = (conditions: readonly object[], containerStatuses: readonly object[]): KubeObject =>
    ({
      metadata: object('running').metadata,
      spec: { containers: containerStatuses },
      status: { phase: 'Running', conditions, containerStatuses },
    }) as unknown as KubeObject;
  const unready = (ms: number) => [
    { type: 'Ready', status: 'False', reason: 'ContainersNotReady', lastTransitionTime: ago(ms) },
  ];
  const started = (name: string, ms: number) => ({ name, ready: false, state: { running: { startedAt: ago(ms) } } });

  it('is a pod that is not ready for five minutes, unless what is not ready is done', () => {
    const web = started('web', 10 * minuteMs);
    expect(pod.troubleOf(running(unready(4 * minuteMs), [web]), now)).toBeUndefined();
    expect(pod.troubleOf(running(unready(5 * minuteMs), [web]), now)).toEqual({
      reason: 'ContainersNotReady',
      message: undefined,
      since: now - 5 * minuteMs,
    });
    const done = { name: 'web', ready: false, state: { terminated: { reason: 'Completed', exitCode: 0 } } };
    const proxy = { ...started('proxy', 60 * minuteMs), ready: true };
    expect(pod.troubleOf(running(unready(30 * minuteMs), [done, proxy]), now)).toBeUndefined();
  });

  it('is a pod between two crashes, until it has run for longer than the last time', () => {
    const crashing = (runsMs: number, lastedMs: number, restartCount = 50): KubeObject => {
      const finishedMs = runsMs + 10_000;
      const terminated = {
        reason: 'OOMKilled',
        exitCode: 137,
        startedAt: ago(finishedMs + lastedMs),
        finishedAt: ago(finishedMs),
      };
      return running([], [{ ...started('web', runsMs), restartCount, lastState: { terminated } }]);
    };
    expect(pod.troubleOf(crashing(3_000, 8_000), now)).toMatchObject({
      reason: 'OOMKilled',
      message: 'web has crashed and been restarted 50 times.',
      since: now - 13_000,
    });
    expect(pod.troubleOf(crashing(2 * minuteMs, 8_000), now)).toBeUndefined();
    expect(pod.troubleOf(crashing(3_000, 60 * minuteMs), now)).toBeUndefined();
    expect(pod.troubleOf(crashing(3_000, 8_000, 1), now)).toBeUndefined();
  });

  const controller = (ms: number, rest: object): KubeObject => ({
    metadata: {
      ...object('available').metadata,
      generation: 2,
      managedFields: [
        { manager: 'kubectl', time: ago(1_000), fieldsV1: { 'f:spec': {} } },
        { manager: 'kube-controller-manager', subresource: 'status', time: ago(ms) },
      ],
    },
    ...rest,
  });

  it.each([
    ['statefulSet', { spec: { replicas: 5 }, status: { readyReplicas: 3, observedGeneration: 2 } }],
    ['daemonSet', { status: { numberReady: 3, desiredNumberScheduled: 5, observedGeneration: 2 } }],
    ['deployment', { spec: { replicas: 5 }, status: { readyReplicas: 3, observedGeneration: 2 } }],
  ] as const)('is a %s that lacks pods and whose status has not moved for five minutes', (kind, rest) => {
    const { troubleOf } = watchedKinds[kind];
    expect(troubleOf(controller(4 * minuteMs, rest), now)).toBeUndefined();
    expect(troubleOf(controller(5 * minuteMs, rest), now)).toEqual({
      reason: '3 of 5 ready',
      message: undefined,
      since: now - 5 * minuteMs,
    });
    // Asked for a moment ago.
    const status = { ...rest.status, observedGeneration: 1 };
    expect(troubleOf(controller(60 * minuteMs, { ...rest, status }), now)).toBeUndefined();
  });

  it('is no controller that has all its pods, however old; one without kept fields is told without a time', () => {
    const full = { spec: { replicas: 3 }, status: { readyReplicas: 3, numberReady: 3, desiredNumberScheduled: 3 } };
    expect(statefulSet.troubleOf(controller(60 * minuteMs, full), now)).toBeUndefined();
    expect(daemonSet.troubleOf(controller(60 * minuteMs, full), now)).toBeUndefined();
    const { metadata } = object('available');
    const bare = { metadata, spec: { replicas: 3 }, status: {} } as unknown as KubeObject;
    expect(statefulSet.troubleOf(bare, now)).toEqual({ reason: '0 of 3 ready', message: undefined, since: undefined });
  });
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
