import { FleetwireError, type TimerHandle } from '@fleetwire/websocket-core';
import type { ClusterMemory } from '../core/cluster-memory.ts';
import { createReflector } from '../core/reflector.ts';
import type { Reflector } from '../core/reflector-options.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { TargetState } from '../protocol/watch-status.ts';
import type { TargetsOptions } from './targets.ts';
import type { TargetHandle, TargetOptions, TargetSnapshot } from './types.ts';

export interface SharedTargetOptions extends TargetsOptions {
  readonly memory: ClusterMemory;
  /** The snapshot is another. */
  readonly onChange: () => void;
  /** It lingered for its time, and is no more. */
  readonly onReleased: () => void;
}

/** One target with those who hold it. */
export interface SharedTarget {
  readonly target: WatchTarget;
  readonly snapshot: TargetSnapshot;
  hold(options: TargetOptions): TargetHandle;
  /** Looks at the next flush whether the snapshot is another. */
  touch(): void;
  wake(): void;
  dispose(): void;
}

/** How often the time of the last sync alone may change what is shown. */
const syncTimeStepMs = 5_000;

/** What a reflector was made for; only more makes another one. */
interface Extent {
  readonly pageSize: number | undefined;
  readonly maxItems: number;
  readonly watch: boolean;
}

/** Makes the target; its reflector starts with the first hold. */
export function createSharedTarget(target: WatchTarget, options: SharedTargetOptions): SharedTarget {
  const { clock, lingerMs, memory, random, scheduler, transports, writes } = options;
  const holds = new Set<object>();
  const listeners = new Set<() => void>();
  const carrier = transports.attach(target, (transport) => {
    reflector?.setTransport(transport);
  });
  let extent: Extent | undefined;
  let reflector: Reflector | undefined;
  /** Shown while a reflector of a larger extent has nothing yet. */
  let carried: { readonly snapshot: TargetSnapshot; readonly since: number } | undefined;
  let snapshot: TargetSnapshot = { items: [], columns: undefined, state: initialState(target) };
  let timer: TimerHandle;
  let isDisposed = false;

  const flush = (): void => {
    if (isDisposed || reflector === undefined) return;
    if (reflector.state.isSynced) carried = undefined;
    const next = carried === undefined ? take(reflector) : carry(carried, reflector.state);
    if (isSame(snapshot, next)) return;
    snapshot = next;
    options.onChange();
    scheduler.callAll(listeners);
  };
  const take = ({ store, columns, state }: Reflector): TargetSnapshot => {
    const stored = store.snapshot();
    const shown = writes.show(target, stored);
    // Each look at pending writes gives another array; what is in it may be the same.
    const items = shown !== stored && isSameItems(shown, snapshot.items) ? snapshot.items : shown;
    return { items, columns, state };
  };
  const touch = (): void => {
    scheduler.schedule(flush);
  };

  const start = (wanted: Extent): void => {
    extent = wanted;
    if (reflector?.state.isSynced === true) carried = { snapshot, since: clock.now() };
    reflector?.dispose();
    const created = createReflector({
      target,
      transport: carrier.transport(),
      clock,
      random,
      pageSize: wanted.pageSize,
      maxItems: wanted.maxItems === Infinity ? undefined : wanted.maxItems,
      watch: wanted.watch,
      maxRetries: options.maxRetries,
      cluster: memory,
      onChange: touch,
      onError: options.onError,
    });
    reflector = created;
    created.start();
  };

  const shared: SharedTarget = {
    target,
    get snapshot() {
      return snapshot;
    },
    hold(wanted) {
      clock.clearTimeout(timer);
      const hold = {};
      const own = new Set<() => void>();
      holds.add(hold);
      const { pageSize, maxItems = Infinity, watch = true } = wanted;
      const isMore = extent === undefined || maxItems > extent.maxItems || (watch && !extent.watch);
      if (isMore && !isDisposed) {
        start({
          pageSize: pageSize ?? extent?.pageSize,
          maxItems: Math.max(maxItems, extent?.maxItems ?? 0),
          watch: watch || extent?.watch === true,
        });
      } else if (reflector?.state.status === 'stopped') reflector.wake();
      return {
        get snapshot() {
          return snapshot;
        },
        subscribe(listener) {
          const added = (): void => {
            listener();
          };
          own.add(added);
          listeners.add(added);
          return () => {
            own.delete(added);
            listeners.delete(added);
          };
        },
        async refetch() {
          if (reflector === undefined) throw new FleetwireError('DISPOSED', 'the kube-watch client was disposed');
          options.beforeRefetch(target.cluster);
          await reflector.refetch();
          flush();
        },
        dispose() {
          for (const listener of own) listeners.delete(listener);
          own.clear();
          if (!holds.delete(hold) || holds.size > 0 || isDisposed) return;
          timer = clock.setTimeout(() => {
            shared.dispose();
          }, lingerMs);
        },
      };
    },
    touch,
    wake() {
      reflector?.wake();
    },
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      clock.clearTimeout(timer);
      holds.clear();
      listeners.clear();
      carrier.release();
      reflector?.dispose();
      reflector = undefined;
      options.onReleased();
    },
  };
  return shared;
}

/** What a target is before anything was done for it. */
export function initialState({ cluster, namespace }: Pick<WatchTarget, 'cluster' | 'namespace'>): TargetState {
  return {
    cluster,
    namespace,
    status: 'connecting',
    transport: undefined,
    degradedReason: undefined,
    isSynced: false,
    isPartial: false,
    isStale: false,
    staleSince: undefined,
    lastSyncAt: undefined,
    error: undefined,
    itemCount: 0,
  };
}

/** What was shown until `since`: nothing changes it any more, so it is behind once its successor failed. */
function carry(
  { snapshot, since }: { readonly snapshot: TargetSnapshot; readonly since: number },
  next: TargetState,
): TargetSnapshot {
  const { items, columns, state } = snapshot;
  const hasFailed = next.error !== undefined;
  const { isPartial, lastSyncAt, staleSince = hasFailed ? since : undefined } = state;
  const connecting = hasFailed ? 'reconnecting' : 'syncing';
  const status = next.status === 'connecting' ? connecting : next.status;
  const isStale = staleSince !== undefined;
  const itemCount = items.length;
  return {
    items,
    columns,
    state: { ...next, status, isSynced: true, isPartial, isStale, staleSince, lastSyncAt, itemCount },
  };
}

function isSame(a: TargetSnapshot, b: TargetSnapshot): boolean {
  if (a.items !== b.items || a.columns !== b.columns) return false;
  if (a.state === b.state) return true;
  const { lastSyncAt, ...state } = a.state;
  const keys = Object.keys(state) as (keyof typeof state)[];
  if (!keys.every((key) => Object.is(a.state[key], b.state[key]))) return false;
  if (lastSyncAt === undefined || b.state.lastSyncAt === undefined) return lastSyncAt === b.state.lastSyncAt;
  return b.state.lastSyncAt - lastSyncAt < syncTimeStepMs;
}

function isSameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
