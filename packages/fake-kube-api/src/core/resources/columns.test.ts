import { describe, expect, it } from 'vitest';
import { definitionOf, objectOf } from '../../../test/support/objects.ts';
import { renderTable } from '../table.ts';
import { humanDuration } from './durations.ts';

const NOW_MS = Date.UTC(2026, 0, 3);

/** The cells of an object by the names of their columns, without name and age. */
function cellsOf(resource: string, fields: Parameters<typeof objectOf>[1], wide = false): unknown {
  const table = renderTable(definitionOf(resource), [objectOf(resource, fields)], { nowMs: NOW_MS });
  const columns = table.columnDefinitions ?? [];
  const cells = columns.flatMap(({ name, priority }, index) =>
    priority > 0 === wide && name !== 'Name' && name !== 'Age' ? [[name, table.rows[0]?.cells[index]] as const] : [],
  );
  return Object.fromEntries(cells);
}

const template = {
  spec: {
    containers: [
      { name: 'a', image: 'a:1' },
      { name: 'b', image: 'b:1' },
    ],
  },
};
const selector = {
  matchLabels: { tier: 'x', app: 'web' },
  matchExpressions: [
    { key: 'env', operator: 'In', values: ['q', 'p'] },
    { key: 'old', operator: 'DoesNotExist' },
  ],
};

describe('the columns of workloads', () => {
  it('count the pods of a deployment', () => {
    const status = { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 };
    const fields = { spec: { replicas: 4, template, selector }, status };
    expect(cellsOf('deployments', fields)).toEqual({ Ready: '2/4', 'Up-to-date': 3, Available: 1 });
    expect(cellsOf('deployments', fields, true)).toEqual({
      Containers: 'a,b',
      Images: 'a:1,b:1',
      Selector: 'app=web,tier=x,env in (p,q),!old',
    });
  });

  it('count the nodes of a daemon set', () => {
    const status = {
      desiredNumberScheduled: 3,
      currentNumberScheduled: 3,
      numberReady: 2,
      updatedNumberScheduled: 1,
      numberAvailable: 2,
    };
    const spec = { template: { spec: { nodeSelector: { disk: 'ssd' } } } };
    expect(cellsOf('daemonsets', { spec, status })).toEqual({
      Desired: 3,
      Current: 3,
      Ready: 2,
      'Up-to-date': 1,
      Available: 2,
      'Node Selector': 'disk=ssd',
    });
  });

  it('tell how far a job is and how long it took', () => {
    const status = {
      succeeded: 1,
      startTime: '2026-01-01T00:00:00Z',
      completionTime: '2026-01-01T00:01:30Z',
      conditions: [{ type: 'Complete', status: 'True' }],
    };
    expect(cellsOf('jobs', { spec: { completions: 2 }, status })).toEqual({
      Status: 'Complete',
      Completions: '1/2',
      Duration: '90s',
    });
    expect(cellsOf('jobs', { spec: { parallelism: 3 } })).toEqual({
      Status: 'Running',
      Completions: '0/1 of 3',
      Duration: '',
    });
  });

  it('tell when a cron job last ran', () => {
    const spec = { schedule: '@daily', suspend: true, timeZone: 'Etc/UTC' };
    expect(cellsOf('cronjobs', { spec, status: { active: [{}], lastScheduleTime: '2026-01-02T00:00:00Z' } })).toEqual({
      Schedule: '@daily',
      Timezone: 'Etc/UTC',
      Suspend: 'True',
      Active: 1,
      'Last Schedule': '24h',
    });
  });

  it('show measured and wanted values of an autoscaler', () => {
    const metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 60 } } },
      { type: 'Pods', pods: { metric: { name: 'q' }, target: { averageValue: '10' } } },
      { type: 'Object', object: {} },
    ];
    const currentMetrics = [{ type: 'Resource', resource: { current: { averageUtilization: 42 } } }];
    const spec = { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 1, maxReplicas: 5, metrics };
    expect(cellsOf('horizontalpodautoscalers', { spec, status: { currentReplicas: 2, currentMetrics } })).toEqual({
      Reference: 'Deployment/web',
      Targets: 'cpu: 42%/60%, <unknown>/10 (avg) + 1 more...',
      MinPods: '1',
      MaxPods: 5,
      Replicas: 2,
    });
  });
});

describe('the columns of networks and storage', () => {
  it('show addresses and ports of a service', () => {
    const spec = {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.9',
      ports: [
        { port: 80, nodePort: 30080, protocol: 'TCP' },
        { port: 53, protocol: 'UDP' },
      ],
    };
    const cells = { Type: 'LoadBalancer', 'Cluster-IP': '10.96.0.9', 'Port(s)': '80:30080/TCP,53/UDP' };
    expect(cellsOf('services', { spec })).toEqual({ ...cells, 'External-IP': '<pending>' });
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } };
    expect(cellsOf('services', { spec, status })).toEqual({ ...cells, 'External-IP': '192.0.2.7' });
  });

  it('show hosts and ports of an ingress', () => {
    const rules = ['a', 'b', 'c', 'd'].map((host) => ({ host }));
    expect(cellsOf('ingresses', { spec: { ingressClassName: 'x', rules, tls: [{}] } })).toEqual({
      Class: 'x',
      Hosts: 'a,b,c + 1 more...',
      Address: '',
      Ports: '80, 443',
    });
  });

  it('show a claim that is bound, and one that is not', () => {
    const status = { phase: 'Bound', capacity: { storage: '5Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] };
    const shown = { StorageClass: 'fast', VolumeAttributesClass: '<unset>' };
    expect(cellsOf('persistentvolumeclaims', { spec: { volumeName: 'v', storageClassName: 'fast' }, status })).toEqual({
      ...shown,
      Status: 'Bound',
      Volume: 'v',
      Capacity: '5Gi',
      'Access Modes': 'RWO,RWX',
    });
    expect(
      cellsOf('persistentvolumeclaims', { spec: { storageClassName: 'fast' }, status: { phase: 'Pending' } }),
    ).toEqual({
      ...shown,
      Status: 'Pending',
      Volume: '',
      Capacity: '',
      'Access Modes': '',
    });
  });
});

describe('the columns of nodes and events', () => {
  it('show state and roles of a node', () => {
    const metadata = { labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' } };
    const status = { conditions: [{ type: 'Ready', status: 'Unknown' }], nodeInfo: { kubeletVersion: 'v1.36.0' } };
    expect(cellsOf('nodes', { metadata, spec: { unschedulable: true }, status })).toEqual({
      Status: 'NotReady,SchedulingDisabled',
      Roles: 'control-plane,worker',
      Version: 'v1.36.0',
    });
  });

  it('show when an event was last seen, from its series where it has one', () => {
    const fields = {
      type: 'Warning',
      reason: 'BackOff',
      message: ' again \n',
      involvedObject: { kind: 'Pod', name: 'web-1' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-02T23:59:00Z',
    };
    const cells = { Type: 'Warning', Reason: 'BackOff', Object: 'pod/web-1', Message: 'again' };
    expect(cellsOf('events', fields)).toEqual({ ...cells, 'Last Seen': '60s' });
    const series = { count: 7, lastObservedTime: '2026-01-02T23:59:30.000000Z' };
    expect(cellsOf('events', { ...fields, series })).toEqual({ ...cells, 'Last Seen': '30s' });
  });
});

describe('durations', () => {
  it('have two units at most, as kubectl shows them', () => {
    const second = 1000;
    const [minute, hour, day] = [60 * second, 3600 * second, 86_400 * second];
    const cases: readonly (readonly [number, string])[] = [
      [-5 * second, '<invalid>'],
      [0, '0s'],
      [119 * second, '119s'],
      [2 * minute, '2m'],
      [9 * minute + 59 * second, '9m59s'],
      [179 * minute, '179m'],
      [3 * hour, '3h'],
      [7 * hour + 59 * minute, '7h59m'],
      [47 * hour, '47h'],
      [2 * day + hour, '2d1h'],
      [8 * day + hour, '8d'],
      [729 * day, '729d'],
      [3 * 365 * day + 5 * day, '3y5d'],
      [9 * 365 * day, '9y'],
    ];
    for (const [durationMs, text] of cases) expect(humanDuration(durationMs)).toBe(text);
  });
});
