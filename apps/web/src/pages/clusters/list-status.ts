import type { ClusterInfo, TargetState } from '@fleetwire/kube-watch';
import { formatAgo } from '../../ui/format.ts';

/** How live a list is, in words. */
export interface ListStatus {
  readonly tone: 'good' | 'busy' | 'bad';
  /** A few words, always shown. */
  readonly label: string;
  /** Why, in a sentence, where it is not simply live. */
  readonly detail: string | undefined;
}

/** Something that keeps a part of a list away; the other rows are shown nevertheless. */
export interface ListProblem {
  /** Where: a cluster, or namespaces of one. */
  readonly where: string;
  readonly message: string;
  readonly kind: 'denied' | 'missing' | 'failed';
  /** Rows from there are shown as they were. */
  readonly hasRows: boolean;
}

/** Namespaces that a problem names one by one. */
const maxNamed = 3;

/** Sums up the targets of a list. `now` is in milliseconds since 1970. */
export function summarizeList(targets: readonly TargetState[], now: number): ListStatus {
  const degraded = targets.find(({ degradedReason }) => degradedReason !== undefined)?.degradedReason;
  const working = targets.filter(
    ({ error, status }) => error === undefined || status === 'live' || status === 'polling',
  );
  // What is refused or dead is told beside; it does not make the rest look broken.
  const considered = working.length === 0 ? targets : working;
  const has = (status: TargetState['status']): boolean => considered.some((target) => target.status === status);
  const staleSince = Math.min(...considered.map((target) => (target.isStale ? (target.staleSince ?? now) : Infinity)));
  if (targets.length === 0) return { tone: 'busy', label: 'Waiting for clusters', detail: undefined };
  // Nothing is tried just now: what was refused is asked for again seldom, or not at all.
  if (considered.every(({ status }) => status === 'stopped')) {
    return { tone: 'bad', label: 'Not updated', detail: errorOf(considered) };
  }
  if (has('reconnecting') || staleSince !== Infinity) {
    const age = staleSince === Infinity ? '' : `, data from ${formatAgo(now - staleSince)}`;
    return { tone: 'busy', label: `${reconnectingOf(considered)}${age}`, detail: errorOf(considered) };
  }
  if (has('connecting') || has('syncing')) {
    return { tone: 'busy', label: working.length === 0 ? 'Trying again' : 'Loading', detail: errorOf(considered) };
  }
  if (has('stopped')) return { tone: 'bad', label: 'Not updated', detail: errorOf(considered) };
  if (has('polling')) return { tone: 'busy', label: 'Polling, a few seconds old', detail: degraded };
  return { tone: 'good', label: 'Live', detail: degraded };
}

/**
 * What keeps which parts of a list away, each cluster's alike ones as one. `known`: the clusters that there are, where that
 * is known.
 */
export function listProblems(
  targets: readonly TargetState[],
  known?: readonly Pick<ClusterInfo, 'name'>[],
): readonly ListProblem[] {
  const groups = new Map<string, { readonly target: TargetState; readonly namespaces: string[] }>();
  for (const target of targets) {
    if (target.error === undefined) continue;
    const key = `${target.cluster}\n${String(target.error.status)}\n${target.error.reason ?? target.error.message}`;
    const group = groups.get(key) ?? { target, namespaces: [] };
    groups.set(key, group);
    if (target.namespace !== undefined) group.namespaces.push(target.namespace);
  }
  return [...groups.values()].map(({ target, namespaces }) => {
    const { cluster, error } = target;
    const isGone = error?.status === 404 && known?.every(({ name }) => name !== cluster) === true;
    const named = namespaces.slice(0, maxNamed).join(', ');
    const rest = namespaces.length > maxNamed ? ` and ${String(namespaces.length - maxNamed)} more` : '';
    return {
      where: namespaces.length === 0 ? cluster : `${cluster}: ${named}${rest}`,
      message: isGone ? `There is no cluster “${cluster}”` : (error?.message ?? ''),
      kind: kindOf(error?.status),
      hasRows: target.itemCount > 0,
    };
  });
}

/** `Reconnecting`, or who is when others go on: `demo is reconnecting`. */
function reconnectingOf(targets: readonly TargetState[]): string {
  const all = new Set(targets.map(({ cluster }) => cluster));
  const away = new Set(
    targets.filter(({ isStale, status }) => isStale || status === 'reconnecting').map(({ cluster }) => cluster),
  );
  const [first = ''] = away;
  if (away.size === all.size) return 'Reconnecting';
  return away.size === 1 ? `${first} is reconnecting` : `${String(away.size)} clusters are reconnecting`;
}

function kindOf(status: number | undefined): ListProblem['kind'] {
  if (status === 403) return 'denied';
  return status === 404 ? 'missing' : 'failed';
}

function errorOf(targets: readonly TargetState[]): string | undefined {
  return targets.find(({ error }) => error !== undefined)?.error?.message;
}
