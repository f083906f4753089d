import type { KubeWatchError, TargetState, WatchStatus } from '../protocol/watch-status.ts';
import type { ListView } from './list-store.ts';
import type { KubeObjectListResult } from './types.ts';

/** The best first; of several targets the last one counts. */
const byBadness: readonly WatchStatus[] = ['live', 'polling', 'syncing', 'connecting', 'reconnecting', 'stopped'];

/** The worst of the targets'; `stopped` where there is none. */
export function worstStatus(targets: readonly TargetState[]): WatchStatus {
  const worst = Math.max(...targets.map(({ status }) => byBadness.indexOf(status)));
  return byBadness[worst] ?? 'stopped';
}

type Summary = Omit<KubeObjectListResult, 'items' | 'refetch'>;

/** Everything that a list says beside its items. */
export function summaryOf({ items, columns, columnsOf, targets }: ListView): Summary {
  const times = targets.map(({ lastSyncAt }) => lastSyncAt);
  const isSynced = targets.every((target) => target.isSynced);
  const isPartial = targets.some((target) => target.isPartial);
  return {
    columns,
    columnsOf,
    targets,
    errors: targets.flatMap(({ error }): readonly KubeWatchError[] => (error === undefined ? [] : [error])),
    // A target that gave up will have nothing to show either.
    isLoading: items.length === 0 && targets.some((target) => !target.isSynced && target.error === undefined),
    isSynced,
    isPartial,
    isStale: targets.some((target) => target.isStale),
    lastSyncAt: times.includes(undefined) || times.length === 0 ? undefined : Math.min(...(times as number[])),
    watchStatus: worstStatus(targets),
    hasMore: isPartial,
  };
}

/** Runs a selection; see {@link createSelection}. */
export type Selection<I, S> = (items: I, select: ((items: I) => S) | undefined) => S;

/**
 * Remembers what `select` made of the items. A function that is new at each render is called again, as it may have
 * closed over something else; what it gives keeps its reference when it holds the same.
 */
export function createSelection<I, S>(): Selection<I, S> {
  let last: { readonly items: I; readonly select: ((items: I) => S) | undefined; readonly selected: S } | undefined;
  return (items, select) => {
    if (last !== undefined && last.items === items && last.select === select) return last.selected;
    const selected = select === undefined ? (items as unknown as S) : keep(last?.selected, select(items));
    last = { items, select, selected };
    return selected;
  };
}

function keep<S>(before: S | undefined, next: S): S {
  return before !== undefined && isSameContent(before, next) ? before : next;
}

function isSameContent(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const prototype: unknown = Object.getPrototypeOf(a);
  // A Map or a date has its content elsewhere than in its keys.
  if (prototype !== Object.prototype && prototype !== Array.prototype) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && Object.is((a as Fields)[key], (b as Fields)[key]));
}

type Fields = Readonly<Record<string, unknown>>;
