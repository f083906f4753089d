import { describe, expect, it } from 'vitest';
import type { ClusterObject, KubeObject, TableColumnDefinition, TargetState } from '@fleetwire/kube-watch';
import demo from '../../kube/demo-objects.json' with { type: 'json' };
import { assessFleet, openSuspects, type Finding } from './assess-fleet.ts';
import { fleetProblems } from './fleet-problems.ts';
import { newestWarnings } from './newest-warnings.ts';
import { podPhases } from './pod-phases.ts';
import { countReadyNodes, suspectDeployments, suspectNodes, suspectsOfWarnings } from './suspects.ts';

const now = Date.parse('2026-11-21T17:46:00Z');
const minuteMs = 60_000;

const item = (object: object, cluster = 'demo'): ClusterObject<KubeObject> => ({
  cluster,
  object: object as KubeObject,
});
const row = (name: string, ...cells: readonly string[]) =>
  item({ metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1' }, cells });
const columns =
  (...names: readonly string[]) =>
  (): readonly TableColumnDefinition[] =>
    names.map((name) => ({ name, type: 'string', format: '', description: '', priority: 0 }));
const warning = (name: string, agoMs: number, kind = 'Pod', cluster = 'demo') =>
  item(
    {
      metadata: { name: `${name}.${String(agoMs)}`, namespace: 'shop', uid: `${name}${String(agoMs)}` },
      type: 'Warning',
      reason: 'BackOff',
      involvedObject: { kind, name, namespace: 'shop' },
      lastTimestamp: new Date(now - agoMs).toISOString(),
    },
    cluster,
  );

describe('suspects', () => {
  it('are nodes that do not print Ready; one that takes no new pods is ready', () => {
    const rows = [row('a', 'Ready'), row('b', 'NotReady'), row('c', 'Ready,SchedulingDisabled'), row('d', 'Unknown')];
    expect(suspectNodes(rows, columns('Status')).map(({ name, hint }) => [name, hint])).toEqual([
      ['b', 'NotReady'],
      ['d', 'Unknown'],
    ]);
    expect(countReadyNodes(rows, columns('Status'))).toBe(2);
  });

  it('are deployments with fewer replicas ready than wanted, by the column of each cluster', () => {
    const rows = [row('a', '3/3'), row('b', '9/10'), row('c', '0/0'), row('d', 'what')];
    expect(suspectDeployments(rows, columns('Ready'))).toMatchObject([{ name: 'b', hint: '9 of 10 ready' }]);
    expect(suspectDeployments(rows, columns('Name', 'Ready'))).toEqual([]);
    expect(suspectDeployments(rows, () => undefined)).toEqual([]);
  });

  it('are pods and jobs that were warned of in the last quarter of an hour, each once, the newest first', () => {
    const warnings = [
      warning('old', 16 * minuteMs),
      warning('twice', 9 * minuteMs),
      warning('other', 5 * minuteMs),
      warning('twice', minuteMs),
      warning('import', 2 * minuteMs, 'Job'),
      warning('web', minuteMs, 'Service'),
      warning('twice', 3 * minuteMs, 'Pod', 'second'),
      item({ metadata: { name: 'x' } }),
    ];
    expect(suspectsOfWarnings(warnings, now).map(({ cluster, kind, name }) => [cluster, kind, name])).toEqual([
      ['demo', 'pod', 'twice'],
      ['demo', 'job', 'import'],
      ['second', 'pod', 'twice'],
      ['demo', 'pod', 'other'],
    ]);
  });

  it('that are held already are not looked at, and no other twice', () => {
    const [suspect] = suspectsOfWarnings([warning('a', 0)], now);
    const held = [{ kind: 'pod' as const, items: [item({ metadata: { name: 'a', namespace: 'shop' } })] }];
    const suspects = suspect === undefined ? [] : [suspect];
    expect(openSuspects([suspects, suspects], held)).toEqual([]);
    expect(openSuspects([suspects, suspects], [])).toEqual([suspect]);
  });
});

describe('what is in trouble', () => {
  const suspects = suspectsOfWarnings([warning('a', 0), warning('b', 1), warning('c', 2), warning('d', 3)], now);
  const found: Readonly<Record<string, Finding>> = {
    a: { kind: 'object', object: demo.crashing as unknown as KubeObject },
    b: { kind: 'object', object: demo.running as unknown as KubeObject },
    c: { kind: 'gone' },
    d: { kind: 'unreadable' },
  };
  const findingOf = ({ name }: { readonly name: string }): Finding => found[name] ?? { kind: 'pending' };

  it('comes the newest first, out of what is held and what was looked at', () => {
    const held = [
      { kind: 'pod' as const, items: [item(demo.unpullable), item(demo.running)] },
      { kind: 'job' as const, items: [item(demo.failedJob, 'second')] },
    ];
    const troubled = assessFleet({ held, suspects, findingOf, now });
    expect(troubled.map(({ cluster, kind, reason }) => [cluster, kind, reason])).toEqual([
      ['second', 'job', 'BackoffLimitExceeded'],
      ['demo', 'pod', 'CrashLoopBackOff'],
      ['demo', 'pod', 'ImagePullBackOff'],
    ]);
    expect(new Set(troubled.map(({ key }) => key)).size).toBe(3);
  });

  it('is told by what is printed where the object itself may not be read, and by nothing where that may be over', () => {
    const [node] = suspectNodes([row('d', 'NotReady')], columns('Status'));
    const [pod] = suspectsOfWarnings([warning('d', 0)], now);
    const both = [node, pod].flatMap((each) => each ?? []);
    expect(assessFleet({ held: [], suspects: both, findingOf, now })).toMatchObject([
      { kind: 'node', reason: 'NotReady', since: undefined },
    ]);
    expect(assessFleet({ held: [], suspects: both, findingOf: () => ({ kind: 'pending' }), now })).toEqual([]);
  });
});

it('pods are counted by what does not run: the rest of the total does', () => {
  const pods = (phase: string, count: number, cluster = 'demo') =>
    Array.from({ length: count }, () => item({ status: { phase } }, cluster));
  const notRunning = [...pods('Pending', 2), ...pods('Failed', 1), ...pods('Unknown', 1), ...pods('Failed', 3, 'away')];
  const succeeded = pods('Succeeded', 5);
  expect(podPhases({ totals: new Map([['demo', 41]]), notRunning, succeeded })).toEqual({
    total: 41,
    running: 32,
    pending: 2,
    failed: 4,
    unknown: 1,
    succeeded: 5,
  });
  // The total is a little old: no less than what is seen.
  expect(podPhases({ totals: new Map([['demo', 4]]), notRunning, succeeded })).toMatchObject({ total: 9, running: 0 });
  expect(podPhases({ totals: new Map(), notRunning: [], succeeded: [] })).toMatchObject({ total: undefined });
});

it('the newest warnings are found in any order, the newest first, no more than asked for', () => {
  const ages = [5, 1, 9, 3, 7, 2];
  const names = (count: number) =>
    newestWarnings(
      ages.map((age) => warning(`p${String(age)}`, age * minuteMs)),
      count,
    ).map(({ event }) => event.involvedObject?.name);
  expect(names(3)).toEqual(['p1', 'p2', 'p3']);
  expect(names(9)).toEqual(['p1', 'p2', 'p3', 'p5', 'p7', 'p9']);
  expect(newestWarnings([item({ metadata: { name: 'x' } })], 3)).toMatchObject([{ at: undefined }]);
});

it('a cluster that is away is told once, however many lists of it fail; each refusal is told', () => {
  const target = (cluster: string, status: number | undefined, message: string, staleSince?: number): TargetState =>
    ({ cluster, error: { status, message, code: 'KUBE_UNREACHABLE' }, isStale: true, staleSince }) as TargetState;
  const fine = { cluster: 'fine', error: undefined } as TargetState;
  expect(
    fleetProblems([
      fine,
      target('west', undefined, 'nodes: refused', 7),
      target('west', undefined, 'pods: refused', 5),
      target('east', 403, 'jobs is forbidden'),
      target('east', 403, 'nodes is forbidden'),
    ]),
  ).toEqual([
    { cluster: 'east', message: 'jobs is forbidden', isDenied: true, staleSince: undefined },
    { cluster: 'east', message: 'nodes is forbidden', isDenied: true, staleSince: undefined },
    { cluster: 'west', message: 'nodes: refused', isDenied: false, staleSince: 5 },
  ]);
});
