import { QueryObserver } from '@tanstack/react-query';
import type { TargetOptions } from '../client/types.ts';
import { initialState } from '../client/shared-target.ts';
import type { KubeObject, TableColumnDefinition } from '../protocol/kube-object.ts';
import type { ClusterObject, WatchTarget } from '../protocol/resource.ts';
import type { TargetState } from '../protocol/watch-status.ts';
import { kubeListQueryKey, kubeListQueryOptions } from './kube-list-query.ts';
import type { KubeWatchContextValue } from './kube-watch-provider.ts';
import { listData, type KubeListData } from './list-data.ts';
import type { ColumnsOf } from './types.ts';

/** One target of a list, or a cluster of which it is not known yet, or will not be, what the target is. */
export type ListSlot = { readonly target: WatchTarget } | { readonly state: TargetState };

/** All targets of a list together; the same object until one of them changed. */
export interface ListView {
  readonly items: readonly ClusterObject<KubeObject>[];
  readonly columns: readonly TableColumnDefinition[] | undefined;
  readonly columnsOf: ColumnsOf;
  readonly targets: readonly TargetState[];
}

interface Seen {
  readonly items: readonly ClusterObject<KubeObject>[];
  readonly columns: readonly TableColumnDefinition[] | undefined;
  readonly state: TargetState;
}

const noItems: readonly ClusterObject<KubeObject>[] = Object.freeze([]);

/** A list over several targets, for `useSyncExternalStore`: holds them from its first listener to its last. */
export class ListStore {
  readonly #context: KubeWatchContextValue;
  readonly #slots: readonly ListSlot[];
  readonly #options: TargetOptions;
  readonly #listeners = new Set<() => void>();
  /** One for each slot, so that the state of a target that did nothing is the same object each time. */
  readonly #initial: readonly TargetState[];
  #undos: (() => void)[] = [];
  #seen: readonly Seen[] = [];
  #view: ListView | undefined;

  constructor(context: KubeWatchContextValue, slots: readonly ListSlot[], options: TargetOptions) {
    this.#context = context;
    this.#slots = slots;
    this.#options = options;
    this.#initial = slots.map((slot) => ('state' in slot ? slot.state : initialState(slot.target)));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const own = (): void => {
      listener();
    };
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#stop();
    };
  };

  readonly getView = (): ListView => {
    const seen = this.#slots.map((slot, index) => this.#look(slot, index));
    const isSame = this.#view !== undefined && seen.every((one, index) => isSameSeen(one, this.#seen[index]));
    if (isSame && this.#view !== undefined) return this.#view;
    this.#view = combine(seen, this.#seen, this.#view);
    this.#seen = seen;
    return this.#view;
  };

  /** Lists all targets again. Rejects with the first failure, after all have settled. */
  readonly refetch = async (): Promise<void> => {
    const { client } = this.#context;
    const results = await Promise.allSettled(
      this.#targets().map(async (target) => {
        const handle = client.watch(target, this.#options);
        try {
          await handle.refetch();
        } finally {
          handle.dispose();
        }
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };

  #targets(): readonly WatchTarget[] {
    return this.#slots.flatMap((slot) => ('target' in slot ? [slot.target] : []));
  }

  #start(): void {
    const { binding, client, queryClient } = this.#context;
    const mark = (): void => {
      binding.afterFlush(this.#tell);
    };
    for (const target of this.#targets()) {
      const observer = new QueryObserver(queryClient, kubeListQueryOptions(client, target, this.#options));
      this.#undos.push(observer.subscribe(mark));
      const handle = client.watch(target, this.#options);
      handle.subscribe(mark);
      this.#undos.push(() => {
        handle.dispose();
      });
    }
  }

  #stop(): void {
    for (const undo of this.#undos.splice(0)) undo();
  }

  readonly #tell = (): void => {
    for (const listener of [...this.#listeners]) listener();
  };

  #look(slot: ListSlot, index: number): Seen {
    const initial = this.#initial[index] as TargetState;
    if ('state' in slot) return { items: noItems, columns: undefined, state: initial };
    const { client, queryClient } = this.#context;
    const data = queryClient.getQueryData<KubeListData>(kubeListQueryKey(client, slot.target));
    const running = client.peek(slot.target);
    if (data === undefined) {
      // The query is about to have it, or something took it out of the cache while it is shown.
      if (running?.state.isSynced === true) return listData(running, undefined);
      return { items: noItems, columns: undefined, state: running?.state ?? initial };
    }
    // Nobody keeps it current any more: it must not show as live.
    const state = running === undefined ? asLeft(data.state) : data.state;
    return { items: data.items, columns: data.columns, state };
  }
}

const left = new WeakMap<TargetState, TargetState>();

function asLeft(state: TargetState): TargetState {
  let found = left.get(state);
  if (found === undefined) {
    const { lastSyncAt, staleSince = lastSyncAt } = state;
    found = { ...state, status: 'connecting', isSynced: false, isStale: true, staleSince };
    left.set(state, found);
  }
  return found;
}

function isSameSeen(a: Seen, b: Seen | undefined): boolean {
  return b !== undefined && a.items === b.items && a.columns === b.columns && a.state === b.state;
}

function combine(seen: readonly Seen[], before: readonly Seen[], view: ListView | undefined): ListView {
  const isSameItems = view !== undefined && seen.every(({ items }, index) => items === before[index]?.items);
  const isSameStates = view !== undefined && seen.every(({ state }, index) => state === before[index]?.state);
  const isSameColumns = view !== undefined && seen.every(({ columns }, index) => columns === before[index]?.columns);
  return {
    items: isSameItems ? view.items : concat(seen.map(({ items }) => items)),
    columns: seen.find(({ columns }) => columns !== undefined)?.columns,
    columnsOf: isSameColumns ? view.columnsOf : createColumnsOf(seen),
    targets: isSameStates ? view.targets : seen.map(({ state }) => state),
  };
}

function createColumnsOf(seen: readonly Seen[]): ColumnsOf {
  // A namespace has no slash.
  const keyOf = (cluster: string, namespace = ''): string => `${namespace}/${cluster}`;
  const known = new Map(seen.map(({ columns, state }) => [keyOf(state.cluster, state.namespace), columns]));
  return (cluster, namespace) => known.get(keyOf(cluster, namespace)) ?? known.get(keyOf(cluster));
}

function concat(lists: readonly (readonly ClusterObject<KubeObject>[])[]): readonly ClusterObject<KubeObject>[] {
  const filled = lists.filter(({ length }) => length > 0);
  return filled.length <= 1 ? (filled[0] ?? noItems) : filled.flat();
}
