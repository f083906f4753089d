import { describe, expect, it } from 'vitest';
import type { ClusterObject, KubeObject, TableColumnDefinition, TargetState } from '@fleetwire/kube-watch';
import demo from '../../kube/demo-objects.json' with { type: 'json' };
import { assessFleet, countUnseen, openSuspects, type Finding } from './assess-fleet.ts';
import { fleetProblems, whatIsUnknown } from './fleet-problems.ts';
import { createLookWindow } from './look-window.ts';
import { newestWarnings } from './newest-warnings.ts';
import { podPhases } from './pod-phases.ts';
import { settledJobs } from './settled-jobs.ts';
import {
  countReadyNodes,
  suspectDaemonSets,
  suspectJobs,
  suspectNodes,
  suspectReplicas,
  suspectsOfWarnings,
  type Suspect,
} from './suspects.ts';

const now = Date.parse('2026-11-21T17:46:00Z');
const minuteMs = 60_000;

const item = (object: object, cluster = 'demo'): ClusterObject<KubeObject> => ({
  cluster,
  object: object as KubeObject,
});
const nothing: ReadonlySet<string> = new Set();
const row = (name: string, ...cells: readonly (string | number)[]) =>
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
    expect(suspectReplicas('deployment', rows, columns('Ready'))).toMatchObject([{ name: 'b', hint: '9 of 10 ready' }]);
    expect(suspectReplicas('deployment', rows, columns('Name', 'Ready'))).toEqual([]);
    expect(suspectReplicas('deployment', rows, () => undefined)).toEqual([]);
  });

  it('are sets with fewer pods ready than wanted, and jobs that failed after a success', () => {
    expect(suspectReplicas('statefulSet', [row('db', '2/3')], columns('Ready'))).toMatchObject([
      { kind: 'statefulSet', hint: '2 of 3 ready' },
    ]);
    const sets = [row('full', 5, 5), row('lacking', 10, 9), row('odd', 'x', 'y')];
    expect(suspectDaemonSets(sets, columns('Desired', 'Ready'))).toMatchObject([
      { name: 'lacking', hint: '9 of 10 ready' },
    ]);
    const jobs = [row('a', 'Complete', '3/3'), row('b', 'Failed', '1/3'), row('c', 'Running', '2/3')];
    expect(suspectJobs(jobs, columns('Status', 'Completions'))).toMatchObject([{ name: 'b', hint: 'Failed' }]);
    // Before Kubernetes 1.31 no status is printed.
    expect(suspectJobs(jobs, columns('', 'Completions')).map(({ name, hint }) => [name, hint])).toEqual([
      ['b', undefined],
      ['c', undefined],
    ]);
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
    expect(openSuspects([suspects, suspects], held, nothing)).toEqual([]);
    expect(openSuspects([suspects, suspects], [], nothing)).toEqual([suspect]);
  });
});

describe('the window of those that are looked at', () => {
  const suspect = (name: string, hint?: string): Suspect => ({ cluster: 'c', kind: 'pod', namespace: 'n', name, hint });
  const many = (count: number, name: string, hint?: string) =>
    Array.from({ length: count }, (_, index) => suspect(`${name}${String(index)}`, hint));
  const names = (suspects: readonly Suspect[]) => suspects.map(({ name }) => name);

  it('has a place for a deployment however many pods were warned of', () => {
    const suspects = [...many(70, 'pod'), suspect('checkout', '0 of 3 ready')];
    expect(names(createLookWindow(60)(suspects, 1))).toContain('checkout');
  });

  it('comes to each in turn, whatever the order, and to no more in a turn than it has places', () => {
    const lookWindow = createLookWindow(20);
    const seen = new Set<string>();
    const suspects = [...many(50, 'hinted', 'x'), ...many(40, 'doubted')];
    for (let turn = 1; turn <= 8; turn++) {
      const chosen = lookWindow(turn % 2 === 0 ? suspects : suspects.toReversed(), turn);
      expect(chosen.length).toBe(20);
      for (const name of names(chosen)) seen.add(name);
    }
    expect(seen.size).toBe(90);
  });

  it('stands for a turn: who comes meanwhile has a free place, and who goes leaves none', () => {
    const lookWindow = createLookWindow(4);
    expect(names(lookWindow(many(2, 'a'), 1))).toEqual(['a0', 'a1']);
    expect(names(lookWindow([...many(3, 'b'), ...many(2, 'a')], 1))).toEqual(['a0', 'a1', 'b0', 'b1']);
    expect(names(lookWindow(many(3, 'b'), 1))).toEqual(['b0', 'b1']);
    expect(names(lookWindow(many(3, 'b'), 2))).toEqual(['b2', 'b0', 'b1']);
  });

  it('leaves out who is not known: beyond it, or not readable', () => {
    const suspects = [
      suspect('out'),
      suspect('in'),
      suspect('denied'),
      { ...suspect('printed', 'x'), kind: 'node' as const },
      suspect('seen'),
    ];
    const findingOf = ({ name }: Suspect): Finding =>
      name === 'denied' || name === 'printed' ? { kind: 'unreadable' } : { kind: name === 'seen' ? 'gone' : 'pending' };
    expect(countUnseen(suspects, suspects.slice(1), findingOf)).toBe(2);
  });
});

describe('a job of a series', () => {
  const job = (name: string, bornAgoMs: number, rest: object, series = 'backup') =>
    item({
      metadata: {
        name,
        namespace: 'shop',
        uid: name,
        creationTimestamp: new Date(now - bornAgoMs).toISOString(),
        ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: series, uid: series, controller: true }],
      },
      ...rest,
    });
  const failed = { status: { conditions: [{ type: 'Failed', status: 'True' }] } };
  const columnsOf = columns('Status', 'Completions');
  const settledNames = (held: Parameters<typeof settledJobs>[0], rows: Parameters<typeof settledJobs>[0]) =>
    [...settledJobs(held, rows, columnsOf)].map((key) => key.split('\n').at(-1));

  it('is settled when a later one has ended, well or not, and not by one that goes on', () => {
    const complete = { cells: ['Complete', '1/1'] };
    expect(settledNames([job('old', 9, failed)], [job('new', 5, complete)])).toEqual(['old']);
    expect(settledNames([job('old', 9, failed), job('new', 5, failed)], [])).toEqual(['old']);
    const done = { status: { conditions: [{ type: 'Complete', status: 'True' }] } };
    expect(settledNames([job('old', 9, failed), job('new', 5, done)], [])).toEqual(['old']);
    expect(settledNames([job('old', 9, failed), job('new', 5, { status: {} })], [])).toEqual([]);
    expect(settledNames([job('old', 9, failed)], [job('new', 5, { cells: ['Running', '1/3'] })])).toEqual([]);
    expect(settledNames([job('old', 5, failed)], [job('new', 9, complete)])).toEqual(['new']);
    expect(settledNames([job('old', 9, failed)], [job('new', 5, complete, 'other')])).toEqual([]);
  });

  it('that is settled is neither looked at nor told', () => {
    const held = [{ kind: 'job' as const, items: [job('old', 9, failed)] }];
    const settled = settledJobs(held[0]?.items ?? [], [job('new', 5, { cells: ['Complete', '1/1'] })], columnsOf);
    const findingOf = (): Finding => ({ kind: 'pending' });
    expect(assessFleet({ held, suspects: [], findingOf, settled: nothing, now })).toHaveLength(1);
    expect(assessFleet({ held, suspects: [], findingOf, settled, now })).toEqual([]);
    expect(openSuspects([suspectsOfWarnings([warning('old', 1, 'Job')], now)], [], settled)).toEqual([]);
  });
});

describe('what is in trouble', () => {
  const suspects = suspectsOfWarnings([warning('a', 0), warning('b', 1), warning('c', 2), warning('d', 3)], now);
  const found: Readonly<Record<string, Finding>> = {
    a: { kind: 'object', object: demo.crashing as unknown as KubeObject, seenAt: now },
    b: { kind: 'object', object: demo.running as unknown as KubeObject, seenAt: now },
    c: { kind: 'gone' },
    d: { kind: 'unreadable' },
  };
  const findingOf = ({ name }: { readonly name: string }): Finding => found[name] ?? { kind: 'pending' };

  it('comes the newest first, out of what is held and what was looked at', () => {
    const held = [
      { kind: 'pod' as const, items: [item(demo.unpullable), item(demo.running)] },
      { kind: 'job' as const, items: [item(demo.failedJob, 'second')] },
    ];
    const troubled = assessFleet({ held, suspects, findingOf, settled: nothing, now });
    expect(troubled.map(({ cluster, kind, reason }) => [cluster, kind, reason])).toEqual([
      ['second', 'job', 'BackoffLimitExceeded'],
      ['demo', 'pod', 'CrashLoopBackOff'],
      ['demo', 'pod', 'ImagePullBackOff'],
    ]);
    expect(new Set(troubled.map(({ key }) => key)).size).toBe(3);
  });

  it('is what was seen, as of when it was seen', () => {
    const [suspect] = suspectReplicas('deployment', [row('d', '0/3')], columns('Ready'));
    const looked = suspect === undefined ? [] : [suspect];
    const object = demo.unavailable as unknown as KubeObject;
    const seen = (seenAt: number) =>
      assessFleet({
        held: [],
        suspects: looked,
        findingOf: () => ({ kind: 'object', object, seenAt }),
        settled: nothing,
        now: now + 60 * minuteMs,
      });
    expect(seen(now)).toEqual([]);
    expect(seen(now + minuteMs)).toMatchObject([{ reason: 'MinimumReplicasUnavailable' }]);
  });

  it('is told by what is printed where the object itself may not be read, and by nothing where that may be over', () => {
    const [node] = suspectNodes([row('d', 'NotReady')], columns('Status'));
    const [pod] = suspectsOfWarnings([warning('d', 0)], now);
    const [controller] = suspectReplicas('deployment', [row('d', '0/3')], columns('Ready'));
    const both = [node, pod, controller].flatMap((each) => each ?? []);
    expect(countUnseen(both, both, findingOf)).toBe(2);
    expect(assessFleet({ held: [], suspects: both, findingOf, settled: nothing, now })).toMatchObject([
      { kind: 'node', reason: 'NotReady', since: undefined },
    ]);
    expect(
      assessFleet({ held: [], suspects: both, findingOf: () => ({ kind: 'pending' }), settled: nothing, now }),
    ).toEqual([]);
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

it('what nobody can say of the fleet is said, and nothing where all is seen', () => {
  const target = (cluster: string, isStale: boolean): TargetState => ({ cluster, isStale }) as TargetState;
  expect(whatIsUnknown({ unseen: 0, isCut: false, targets: [target('east', false)] })).toEqual([]);
  expect(whatIsUnknown({ unseen: 11, isCut: true, targets: [target('east', true), target('east', true)] })).toEqual([
    'Of 11 that may be in trouble nothing is known yet.',
    'A cluster has more pods, jobs or warnings than are looked through.',
    'Of a cluster a part cannot be seen now.',
  ]);
});
