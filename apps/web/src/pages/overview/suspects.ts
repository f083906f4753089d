import type { ClusterObject, KubeObject, TableObject } from '@fleetwire/kube-watch';
import type { ColumnsOf } from '@fleetwire/kube-watch/react';
import { lastSeenOf, type CoreEvent } from '../../kube/core-event.ts';
import type { watchedKinds } from '../../kube/trouble.ts';

/** Something that may be in trouble, by what is cheap to know of it. */
export interface Suspect {
  readonly cluster: string;
  readonly kind: keyof typeof watchedKinds;
  readonly namespace: string | undefined;
  readonly name: string;
  /** What is known already, in a word; undefined where it may be well again. */
  readonly hint: string | undefined;
}

/**
 * How long a warning casts doubt on a pod. The kubelet tells of one that crashes again and again at least each five
 * minutes (client-go, EventCorrelator: one event of a kind is let through in 300 s once a burst is spent).
 */
const doubtMs = 15 * 60_000;

/** Nodes whose printed status is not `Ready`. */
export function suspectNodes(rows: readonly ClusterObject<KubeObject>[], columnsOf: ColumnsOf): readonly Suspect[] {
  return rows.flatMap((row) => {
    const status = cellOf(row, columnsOf, 'Status');
    return status === undefined || isNodeReady(status) ? [] : [suspect(row, 'node', status)];
  });
}

/** How many nodes print `Ready`. */
export function countReadyNodes(rows: readonly ClusterObject<KubeObject>[], columnsOf: ColumnsOf): number {
  return rows.filter((row) => isNodeReady(cellOf(row, columnsOf, 'Status') ?? '')).length;
}

/** Deployments and stateful sets that print fewer replicas as ready than they want, `1/3`. */
export function suspectReplicas(
  kind: 'deployment' | 'statefulSet',
  rows: readonly ClusterObject<KubeObject>[],
  columnsOf: ColumnsOf,
): readonly Suspect[] {
  return rows.flatMap((row) => {
    const [ready, wanted] = fractionOf(cellOf(row, columnsOf, 'Ready'));
    return ready < wanted ? [suspect(row, kind, `${String(ready)} of ${String(wanted)} ready`)] : [];
  });
}

/** Daemon sets that print fewer pods as ready than nodes that should have one. */
export function suspectDaemonSets(
  rows: readonly ClusterObject<KubeObject>[],
  columnsOf: ColumnsOf,
): readonly Suspect[] {
  return rows.flatMap((row) => {
    const [ready, wanted] = [Number(cellOf(row, columnsOf, 'Ready')), Number(cellOf(row, columnsOf, 'Desired'))];
    return ready < wanted ? [suspect(row, 'daemonSet', `${String(ready)} of ${String(wanted)} ready`)] : [];
  });
}

/**
 * Jobs of which a pod has succeeded and that print `Failed`; a server before Kubernetes 1.31 prints no status, and there
 * those that are not complete are doubtful.
 */
export function suspectJobs(rows: readonly ClusterObject<KubeObject>[], columnsOf: ColumnsOf): readonly Suspect[] {
  return rows.flatMap((row) => {
    const state = stateOfJob(row, columnsOf);
    if (state !== 'failed' && state !== 'open') return [];
    return [suspect(row, 'job', state === 'failed' ? 'Failed' : undefined)];
  });
}

/** `open`: no status is printed, and some pods have not succeeded. */
export function stateOfJob(
  row: ClusterObject<KubeObject>,
  columnsOf: ColumnsOf,
): 'complete' | 'failed' | 'open' | 'running' {
  const status = cellOf(row, columnsOf, 'Status');
  if (status === undefined) {
    const [done, wanted] = fractionOf(cellOf(row, columnsOf, 'Completions'));
    return done < wanted ? 'open' : 'complete';
  }
  return status === 'Complete' ? 'complete' : status === 'Failed' ? 'failed' : 'running';
}

/** Pods and jobs that warnings were about of late, those of the newest first; each once. */
export function suspectsOfWarnings(warnings: readonly ClusterObject<KubeObject>[], now: number): readonly Suspect[] {
  const newest = new Map<string, { readonly at: number; readonly suspect: Suspect }>();
  for (const { cluster, object } of warnings) {
    const { involvedObject } = object as CoreEvent;
    const kind = kindOf(involvedObject?.kind);
    const seenAt = Date.parse(lastSeenOf(object));
    if (kind === undefined || involvedObject?.name === undefined || !(seenAt > now - doubtMs)) continue;
    const { name, namespace } = involvedObject;
    const found: Suspect = { cluster, kind, namespace, name, hint: undefined };
    const key = keyOf(found);
    if ((newest.get(key)?.at ?? -Infinity) < seenAt) newest.set(key, { at: seenAt, suspect: found });
  }
  return [...newest.values()].sort((a, b) => b.at - a.at).map((each) => each.suspect);
}

/** Names one object of the fleet. */
export function keyOf({ cluster, kind, namespace = '', name }: Omit<Suspect, 'hint'>): string {
  return [cluster, kind, namespace, name].join('\n');
}

function suspect(
  { cluster, object }: ClusterObject<KubeObject>,
  kind: Suspect['kind'],
  hint: string | undefined,
): Suspect {
  return { cluster, kind, namespace: object.metadata.namespace, name: object.metadata.name, hint };
}

function kindOf(kind: string | undefined): 'pod' | 'job' | undefined {
  return kind === 'Pod' ? 'pod' : kind === 'Job' ? 'job' : undefined;
}

/** `Ready,SchedulingDisabled` is ready. */
function isNodeReady(status: string): boolean {
  return status.split(',').includes('Ready');
}

/** `1/3`; two zeros for anything else. */
function fractionOf(cell: string | undefined): readonly [number, number] {
  const [, part = '0', whole = '0'] = /^(\d+)\/(\d+)/.exec(cell ?? '') ?? [];
  return [Number(part), Number(whole)];
}

function cellOf({ cluster, object }: ClusterObject<KubeObject>, columnsOf: ColumnsOf, name: string) {
  const index = columnsOf(cluster, object.metadata.namespace)?.findIndex((column) => column.name === name) ?? -1;
  const cell = (object as TableObject).cells[index];
  return typeof cell === 'string' || typeof cell === 'number' ? String(cell) : undefined;
}
