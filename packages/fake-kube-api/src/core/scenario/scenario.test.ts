import { expect, test } from 'vitest';
import { createScenarioCluster } from '../../../test/support/scenario-cluster.ts';
import { newDeployment } from '../../../test/support/workloads.ts';
import type { KubeObject } from '../../protocol/kube-object.ts';
import { isTrue } from './conditions.ts';
import type { Condition, Deployment } from './views.ts';

/** Whether a pod or a node says that it is ready. */
const isReady = (object: KubeObject) =>
  isTrue((object['status'] as { readonly conditions?: readonly Condition[] } | undefined)?.conditions, 'Ready');

const isRolledOut = ({ metadata, spec, status }: Deployment) =>
  status !== undefined &&
  status.observedGeneration === metadata.generation &&
  status.updatedReplicas === spec.replicas &&
  status.replicas === spec.replicas &&
  status.availableReplicas === spec.replicas;

test('a started scenario is a cluster that runs, but for what is meant to be in trouble', () => {
  const { list, scenario } = createScenarioCluster();
  const waiting = list('pods').filter(({ status }) => status?.phase !== 'Running');
  expect(waiting.map(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'])).toEqual(['reports']);
  const troubled = list('deployments').filter((deployment) => !isRolledOut(deployment));
  expect(troubled.map(({ metadata }) => metadata.name)).toEqual(['reports']);
  expect(list('nodes').map(({ metadata }) => metadata.name)).toEqual([
    'control-plane-1',
    'worker-1',
    'worker-2',
    'worker-3',
  ]);
  expect(scenario.stats.errors).toBe(0);
});

test('a deployment that a user creates gets its pods on nodes, started and ready within seconds', () => {
  const { create, get, list, until, logs, scenario } = createScenarioCluster();
  create('deployments', newDeployment('web'));
  expect(until(() => list('pods', 'default').length === 3)).toBeLessThanOrEqual(200);
  const tookMs = until(() => isRolledOut(get('deployments', 'default', 'web')));
  expect(tookMs).toBeGreaterThan(300);
  expect(tookMs).toBeLessThan(5_000);
  const [set] = list('replicaSets', 'default');
  const hash = set?.metadata.labels?.['pod-template-hash'];
  expect(set?.metadata.name).toBe(`web-${hash}`);
  for (const pod of list('pods', 'default', `pod-template-hash=${hash}`)) {
    expect(pod.spec.nodeName).toMatch(/^worker-/);
    expect(pod.status).toMatchObject({ phase: 'Running', podIP: expect.any(String) as string });
    expect(pod.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'ReplicaSet', name: set?.metadata.name });
  }
  expect(get('deployments', 'default', 'web').metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
  const reasons = new Set(list('events', 'default').map(({ reason }) => reason as string));
  expect([...reasons].sort()).toEqual(
    ['Created', 'Pulled', 'Pulling', 'ScalingReplicaSet', 'Scheduled', 'Started', 'SuccessfulCreate'].sort(),
  );
  expect(logs.some((line) => line.startsWith('default/web-'))).toBe(true);
  expect(scenario.stats.errors).toBe(0);
});

test('a new image rolls within maxSurge and maxUnavailable, and an old template comes back as a new revision', () => {
  const { create, get, list, patch, until, clock } = createScenarioCluster();
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
  create('deployments', newDeployment('web', { strategy: { type: 'RollingUpdate', rollingUpdate } }));
  until(() => isRolledOut(get('deployments', 'default', 'web')));
  const template = (image: string) => ({ spec: { template: { spec: { containers: [{ name: 'main', image }] } } } });
  patch('deployments', 'default', 'web', template('nginx:1.29.1'));
  let steps = 0;
  while (!isRolledOut(get('deployments', 'default', 'web'))) {
    clock.advance(20);
    const pods = list('pods', 'default').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(pods.length).toBeLessThanOrEqual(4);
    expect(pods.filter(isReady).length).toBeGreaterThanOrEqual(3);
    expect(steps++).toBeLessThan(2_000);
  }
  const deployment = get('deployments', 'default', 'web');
  expect(deployment.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
  expect(deployment.status?.conditions).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'Available', status: 'True' }),
      expect.objectContaining({ type: 'Progressing', reason: 'NewReplicaSetAvailable' }),
    ]),
  );
  patch('deployments', 'default', 'web', template('nginx:1.29.0'));
  until(() => isRolledOut(get('deployments', 'default', 'web')));
  expect(list('replicaSets', 'default')).toHaveLength(2);
  expect(get('deployments', 'default', 'web').metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
});

test('a deleted pod ends gracefully, and its owner replaces it at once', () => {
  const { list, remove, get, until } = createScenarioCluster();
  const [pod] = list('pods', 'shop', 'app.kubernetes.io/name=cart');
  const name = pod?.metadata.name ?? '';
  remove('pods', 'shop', name);
  expect(get('pods', 'shop', name).metadata.deletionTimestamp).toBeDefined();
  const names = () => list('pods', 'shop', 'app.kubernetes.io/name=cart').map(({ metadata }) => metadata.name);
  expect(until(() => names().length === 4)).toBeLessThanOrEqual(200);
  expect(until(() => !names().includes(name))).toBeLessThan(2_000);
  until(() => isRolledOut(get('deployments', 'shop', 'cart')));
});

test('a container that exits backs off longer each time', () => {
  const { create, list, until } = createScenarioCluster();
  create('deployments', newDeployment('crashing', { replicas: 1 }, { command: ['sh', '-c', 'exit 3'] }));
  const status = () => list('pods', 'default')[0]?.status?.containerStatuses?.[0];
  until(() => status()?.state.waiting?.reason === 'CrashLoopBackOff');
  expect(status()).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 3, reason: 'Error' } } });
  expect(until(() => status()?.restartCount === 2)).toBeGreaterThan(9_000);
  until(() => status()?.state.waiting !== undefined);
  expect(until(() => status()?.restartCount === 3)).toBeGreaterThan(19_000);
  expect(list('events', 'default').find(({ reason }) => reason === 'BackOff')).toMatchObject({ type: 'Warning' });
});

test('what fits on no node stays pending and says why, until it fits', () => {
  const { create, list, until, patch } = createScenarioCluster();
  const pod = newDeployment('big', { replicas: 1 }, { resources: { requests: { cpu: '64' } } });
  create('deployments', pod);
  until(() => list('events', 'default').some(({ reason }) => reason === 'FailedScheduling'));
  const message = list('events', 'default').find(({ reason }) => reason === 'FailedScheduling')?.['message'];
  expect(message).toContain('0/4 nodes are available');
  expect(message).toContain('3 Insufficient cpu');
  const containers = [{ name: 'main', image: 'nginx:1.29.0', resources: { requests: { cpu: '1' } } }];
  patch('deployments', 'default', 'big', { spec: { template: { spec: { containers } } } });
  until(() => list('pods', 'default').some(({ status }) => status?.phase === 'Running'));
});

test('the same seed and the same clock make the same life', () => {
  const story = () => {
    const cluster = createScenarioCluster({ eventsPerSecond: 20, logLinesPerSecond: 5, seed: 3 });
    cluster.clock.advance(30_000);
    const pods = cluster.list('pods').map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
    return { pods, logs: cluster.logs.slice(-20), version: cluster.store.resourceVersion };
  };
  expect(story()).toEqual(story());
});

test('life goes on at the rate that was asked for, without errors and without growing', () => {
  const { clock, scenario, list } = createScenarioCluster({
    eventsPerSecond: 4,
    logLinesPerSecond: 10,
    maxEvents: 100,
  });
  const before = scenario.stats.writes;
  clock.advance(1_200_000);
  const perSecond = (scenario.stats.writes - before) / 1_200;
  expect(perSecond).toBeGreaterThan(2);
  expect(perSecond).toBeLessThan(4.5);
  expect(scenario.stats.lastError).toBeUndefined();
  expect(list('events').length).toBeLessThanOrEqual(100);
  expect(list('pods').length).toBeLessThan(80);
  expect(list('replicaSets').length).toBeLessThan(11 * list('deployments').length);
  expect(list('deployments').filter((deployment) => !isRolledOut(deployment)).length).toBeLessThan(5);
  expect(scenario.stats.logLines).toBeGreaterThan(10_000);
});

test('at a high rate the changes that life leaves over are restarts of pods', () => {
  const { clock, scenario } = createScenarioCluster({ eventsPerSecond: 200, size: 200 });
  const before = scenario.stats.writes;
  clock.advance(20_000);
  const perSecond = (scenario.stats.writes - before) / 20;
  expect(perSecond).toBeGreaterThan(150);
  expect(perSecond).toBeLessThan(210);
});

test('a silent node takes its pods out of service, and they return with it', () => {
  const { clock, list } = createScenarioCluster({ eventsPerSecond: 4 });
  for (let seconds = 0; list('nodes').every(isReady); seconds++) {
    if (seconds > 7_200) throw new Error('expected an outage within two hours');
    clock.advance(1_000);
  }
  const down = list('nodes').find((node) => !isReady(node));
  expect(down?.spec?.taints).toContainEqual(expect.objectContaining({ key: 'node.kubernetes.io/unreachable' }));
  const there = () => list('pods').filter(({ spec }) => spec.nodeName === down?.metadata.name);
  expect(there().filter(isReady)).toEqual([]);
  clock.advance(31_000);
  expect(there().filter(isReady).length).toBeGreaterThan(0);
});

test('a stopped scenario stands still, and carries on where it was', () => {
  const { clock, scenario, store, patch, list, until } = createScenarioCluster({ eventsPerSecond: 10 });
  clock.advance(5_000);
  scenario.stop();
  const stopped = store.resourceVersion;
  clock.advance(60_000);
  expect(store.resourceVersion).toBe(stopped);
  patch('deployments', 'shop', 'cart', { spec: { replicas: 5 } });
  scenario.start();
  until(() => list('pods', 'shop', 'app.kubernetes.io/name=cart').length >= 5);
  scenario.dispose();
  expect(() => scenario.start()).toThrow('not disposed');
});

test('events stay in bounds over many starts', () => {
  const { clock, scenario, list } = createScenarioCluster({ eventsPerSecond: 20, maxEvents: 30 });
  for (let start = 0; start < 4; start++) {
    clock.advance(60_000);
    scenario.stop();
    scenario.start();
  }
  clock.advance(30_000);
  expect(list('events').length).toBeLessThanOrEqual(30);
  expect(scenario.stats.events).toBeGreaterThan(10);
});

test('options that make no sense are refused by name', () => {
  expect(() => createScenarioCluster({ nodes: 0 })).toThrow(
    'expected nodes of a scenario to be a whole number from 1 on, got 0',
  );
  expect(() => createScenarioCluster({ eventsPerSecond: -1 })).toThrow('eventsPerSecond');
});

test('load fills namespaces of its own, and churn is one write for each change', () => {
  const { scenario, list, store, clock } = createScenarioCluster({ size: 1_100 });
  expect(list('pods', 'load-0')).toHaveLength(1_000);
  expect(list('pods', 'load-1')).toHaveLength(100);
  const before = Number(store.resourceVersion);
  expect(scenario.churn(2_500)).toBe(2_500);
  expect(Number(store.resourceVersion) - before).toBe(2_500);
  clock.advance(1_000);
  expect(Number(store.resourceVersion) - before).toBeLessThan(2_520);
  expect(list('pods', 'load-0')[0]?.status?.containerStatuses?.[0]?.restartCount).toBeGreaterThanOrEqual(1);
});

test('claims of no class get the default one on a cluster of load too, and no controller fails', () => {
  const { scenario, list, clock } = createScenarioCluster({ size: 100, eventsPerSecond: 20 });
  clock.advance(30_000);
  const claims = list('claims');
  expect(claims.length).toBeGreaterThan(0);
  for (const { spec, status } of claims) {
    expect(spec.storageClassName).toBe('standard');
    expect(status?.phase).toBe('Bound');
  }
  expect(scenario.stats.errors, String(scenario.stats.lastError)).toBe(0);
});

test('a cluster looks as if it had been in use for a while; what comes later is new', () => {
  const { clock, list, patch, until, scenario } = createScenarioCluster();
  const hoursOf = ({ metadata }: KubeObject) =>
    (clock.now() - Date.parse(metadata.creationTimestamp ?? '')) / 3_600_000;
  const agesOf = (objects: readonly KubeObject[]) => objects.map(hoursOf).sort((a, b) => a - b);
  const within = (objects: readonly KubeObject[], least: number, most: number) => {
    expect(objects.length).toBeGreaterThan(0);
    expect(agesOf(objects)[0]).toBeGreaterThanOrEqual(least);
    expect(agesOf(objects).at(-1)).toBeLessThanOrEqual(most);
  };
  within(list('namespaces'), 60 * 24, 62 * 24);
  within(list('nodes'), 14 * 24, 42 * 24);
  within(list('deployments'), 4 * 24, 14 * 24);
  within(list('replicaSets'), 24, 3 * 24);
  within(list('pods'), 1, 20);
  for (const pod of list('pods')) {
    expect(pod.status?.startTime).toBe(pod.metadata.creationTimestamp);
    for (const { state } of pod.status?.containerStatuses ?? []) {
      if (state.running) expect(state.running.startedAt).toBe(pod.metadata.creationTimestamp);
    }
  }
  // Their schedules have been kept all the while.
  expect(list('jobs')).toEqual([]);
  for (const { status } of list('cronJobs'))
    expect(Date.parse(status?.lastScheduleTime ?? '')).toBeLessThanOrEqual(clock.now());

  const before = new Set(list('pods').map(({ metadata }) => metadata.name));
  patch('deployments', 'shop', 'cart', { spec: { replicas: 6 } });
  until(() => list('pods').length === before.size + 3);
  within(
    list('pods').filter(({ metadata }) => !before.has(metadata.name)),
    0,
    0.01,
  );
  scenario.stop();
  scenario.start();
  within(
    list('pods').filter(({ metadata }) => !before.has(metadata.name)),
    0,
    0.01,
  );
});
