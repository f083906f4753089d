import { expect, test } from 'vitest';
import { createScenarioCluster } from '../../../test/support/scenario-cluster.ts';
import { newDeployment, newWorkload } from '../../../test/support/workloads.ts';
import { isReady } from './availability.ts';
import { isTrue } from './conditions.ts';
import { RESOURCES } from './resource-ids.ts';

const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

test('a stateful set starts its pods one after another, each with a bound claim, and updates them from the last', () => {
  const { create, list, get, until, patch } = createScenarioCluster();
  create(
    'statefulSets',
    newWorkload('StatefulSet', 'db', { replicas: 3, serviceName: 'db', volumeClaimTemplates: [claim] }),
  );
  const pods = () => list('pods', 'default', 'app=db');
  let most = 0;
  until(() => {
    // Never more than one that is not ready yet.
    most = Math.max(most, pods().filter((pod) => !isReady(pod)).length);
    return pods().filter(isReady).length === 3;
  });
  expect(most).toBe(1);
  expect(pods().map(({ metadata }) => metadata.name)).toEqual(['db-0', 'db-1', 'db-2']);
  const claims = list('claims', 'default');
  expect(claims.map(({ metadata, status }) => [metadata.name, status?.phase])).toEqual([
    ['data-db-0', 'Bound'],
    ['data-db-1', 'Bound'],
    ['data-db-2', 'Bound'],
  ]);
  const containers = [{ name: 'main', image: 'nginx:1.29.1' }];
  patch('statefulSets', 'default', 'db', { spec: { template: { spec: { containers } } } });
  const images = () => pods().map(({ spec }) => spec.containers[0]?.image.split(':')[1]);
  until(() => images()[2] === '1.29.1');
  expect(images().slice(0, 2)).toEqual(['1.29.0', '1.29.0']);
  until(() => images().every((image) => image === '1.29.1') && pods().filter(isReady).length === 3);
  const { status } = get('statefulSets', 'default', 'db');
  expect(status).toMatchObject({ updatedReplicas: 3, readyReplicas: 3 });
  expect(
    list('revisions', 'default')
      .map(({ revision }) => revision)
      .sort(),
  ).toEqual([1, 2]);
  patch('statefulSets', 'default', 'db', { spec: { replicas: 1 } });
  until(() => pods().length === 1);
  expect(pods()[0]?.metadata.name).toBe('db-0');
  expect(list('claims', 'default')).toHaveLength(3);
});

test('a daemon set has a pod on each node that it tolerates, and updates them one by one', () => {
  const { create, list, until, patch, get } = createScenarioCluster();
  create('daemonSets', newWorkload('DaemonSet', 'agent'));
  const pods = () => list('pods', 'default', 'app=agent');
  until(() => pods().filter(isReady).length === 3);
  expect(
    pods()
      .map(({ spec }) => spec.nodeName)
      .sort(),
  ).toEqual(['worker-1', 'worker-2', 'worker-3']);
  patch('nodes', undefined, 'worker-2', { spec: { unschedulable: true } });
  patch('daemonSets', 'default', 'agent', {
    spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:1.29.1' }] } } },
  });
  until(() => {
    expect(pods().filter(isReady).length).toBeGreaterThanOrEqual(2);
    return (
      pods().every(({ spec }) => spec.containers[0]?.image === 'nginx:1.29.1') && pods().filter(isReady).length === 3
    );
  });
  expect(get('daemonSets', 'default', 'agent').status).toMatchObject({ desiredNumberScheduled: 3, numberReady: 3 });
});

test('a job runs to its end, at most so many pods at a time', () => {
  const { create, list, get, until } = createScenarioCluster();
  const template = {
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1', command: ['sleep', '2'] }] },
  };
  create('jobs', newWorkload('Job', 'sum', { completions: 3, parallelism: 2, template }));
  let most = 0;
  until(() => {
    most = Math.max(most, get('jobs', 'default', 'sum').status?.active ?? 0);
    return isTrue(get('jobs', 'default', 'sum').status?.conditions, 'Complete');
  });
  expect(most).toBe(2);
  expect(get('jobs', 'default', 'sum').status).toMatchObject({ succeeded: 3 });
  const pods = list('pods', 'default', 'job-name=sum');
  expect(pods.map(({ status }) => status?.phase)).toEqual(['Succeeded', 'Succeeded', 'Succeeded']);
});

test('a job whose pods keep failing gives up', () => {
  const { create, get, until, list } = createScenarioCluster();
  const template = {
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1', command: ['false'] }] },
  };
  create('jobs', newWorkload('Job', 'fails', { backoffLimit: 1, template }));
  until(() => isTrue(get('jobs', 'default', 'fails').status?.conditions, 'Failed'));
  expect(get('jobs', 'default', 'fails').status?.failed).toBe(2);
  expect(list('events', 'default').map(({ reason }) => reason)).toContain('BackoffLimitExceeded');
});

test('a cron job starts a job when its minute comes and keeps the last three', () => {
  const { clock, list, scenario } = createScenarioCluster({ namespaces: ['data'] });
  clock.advance(20 * 60_000);
  const jobs = list('jobs', 'data');
  expect(jobs.map(({ metadata }) => metadata.ownerReferences?.[0]?.name)).toEqual(
    Array.from({ length: jobs.length }, () => 'stock-import'),
  );
  expect(jobs.filter(({ status }) => isTrue(status?.conditions, 'Complete'))).toHaveLength(3);
  expect(jobs.length).toBeLessThanOrEqual(4);
  expect(scenario.stats.lastError).toBeUndefined();
});

test('the endpoints of a service are the ready pods that it selects', () => {
  const { create, list, get, until, remove, patch } = createScenarioCluster();
  create('deployments', newDeployment('web', { replicas: 2 }, { ports: [{ name: 'http', containerPort: 8080 }] }));
  create('services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
  });
  const addresses = () => {
    const [slice] = list('endpointSlices', 'default', 'kubernetes.io/service-name=web');
    const endpoints = (slice?.['endpoints'] ?? []) as readonly {
      addresses: string[];
      conditions: { ready: boolean };
    }[];
    return endpoints.filter(({ conditions }) => conditions.ready).flatMap((endpoint) => endpoint.addresses);
  };
  until(() => addresses().length === 2);
  expect(get('endpoints', 'default', 'web')['subsets']).toMatchObject([{ ports: [{ port: 8080 }] }]);
  patch('deployments', 'default', 'web', { spec: { replicas: 1 } });
  until(() => addresses().length === 1);
  remove('services', 'default', 'web');
  until(() => list('endpoints', 'default').every(({ metadata }) => metadata.name !== 'web'));
  expect(addresses()).toEqual([]);
});

test('a deployment whose image is not there reports it, and times out by its progress deadline', () => {
  const { create, list, get, until, clock } = createScenarioCluster();
  create(
    'deployments',
    newDeployment('typo', { replicas: 1, progressDeadlineSeconds: 60 }, { image: 'nginx:missing' }),
  );
  const waiting = () => list('pods', 'default', 'app=typo')[0]?.status?.containerStatuses?.[0]?.state.waiting?.reason;
  until(() => waiting() === 'ErrImagePull');
  until(() => waiting() === 'ImagePullBackOff');
  clock.advance(70_000);
  expect(get('deployments', 'default', 'typo').status?.conditions).toContainEqual(
    expect.objectContaining({ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }),
  );
});

test('a Recreate deployment has no old pod left when the first new one starts', () => {
  const { create, list, patch, until, get } = createScenarioCluster();
  create('deployments', newDeployment('solo', { replicas: 2, strategy: { type: 'Recreate' } }));
  until(() => get('deployments', 'default', 'solo').status?.availableReplicas === 2);
  const containers = [{ name: 'main', image: 'nginx:1.29.1' }];
  patch('deployments', 'default', 'solo', { spec: { template: { spec: { containers } } } });
  until(() => {
    const images = new Set(list('pods', 'default', 'app=solo').map(({ spec }) => spec.containers[0]?.image));
    expect(images.size).toBeLessThanOrEqual(1);
    return images.has('nginx:1.29.1');
  });
});

test('the pods of a node that is removed go with it, and are made again elsewhere', () => {
  const { list, remove, until } = createScenarioCluster({ namespaces: ['shop'] });
  const on = (node: string) => list('pods').filter(({ spec }) => spec.nodeName === node);
  expect(on('worker-1').length).toBeGreaterThan(2);
  const before = list('pods', 'shop').length;
  remove('nodes', undefined, 'worker-1');
  until(() => on('worker-1').length === 0);
  until(() => list('pods', 'shop').filter(isReady).length === before);
});

test('a disruption budget says how many of its pods may go', () => {
  const { create, store, until, patch } = createScenarioCluster();
  create('deployments', newDeployment('web'));
  create('budgets', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web', namespace: 'default' },
    spec: { minAvailable: '60%', selector: { matchLabels: { app: 'web' } } },
  });
  const status = () => store.get(RESOURCES.budgets, 'default', 'web')['status'];
  until(() => (status() as { readonly currentHealthy?: number } | undefined)?.currentHealthy === 3);
  expect(status()).toMatchObject({ desiredHealthy: 2, disruptionsAllowed: 1, expectedPods: 3 });
  patch('deployments', 'default', 'web', { spec: { replicas: 2 } });
  until(() => (status() as { readonly expectedPods: number }).expectedPods === 2);
  expect(status()).toMatchObject({ desiredHealthy: 2, disruptionsAllowed: 0 });
});

test('the claim of a deleted namespace goes with it, and so does its volume', () => {
  const { list, remove, until } = createScenarioCluster({ namespaces: ['data'] });
  expect(list('volumes').length).toBe(3);
  remove('namespaces', undefined, 'data');
  until(() => list('namespaces').every(({ metadata }) => metadata.name !== 'data'));
  until(() => list('volumes').length === 0);
});
