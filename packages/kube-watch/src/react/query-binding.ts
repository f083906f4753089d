import { notifyManager, type Query, type QueryClient } from '@tanstack/react-query';
import type { KubeWatchClient, TargetHandle } from '../client/types.ts';
import { kubeWatchKey, type KubeListMeta } from './kube-list-query.ts';
import { listData, type KubeListData } from './list-data.ts';

/**
 * Keeps the queries of live lists current: each that has an observer holds its target, and each flush that changed the
 * target is one write into the cache.
 */
export class QueryBinding {
  readonly client: KubeWatchClient;
  readonly queryClient: QueryClient;
  readonly #held = new Map<string, { readonly handle: TargetHandle; readonly options: string }>();
  readonly #due = new Set<() => void>();
  #flushDepth = 0;
  #starts = 0;
  #undos: (() => void)[] = [];

  constructor(client: KubeWatchClient, queryClient: QueryClient) {
    this.client = client;
    this.queryClient = queryClient;
  }

  /** Several providers may share it; the last undo lets go of everything. */
  start(): () => void {
    this.#starts += 1;
    if (this.#starts === 1) this.#begin();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#starts -= 1;
      if (this.#starts === 0) this.#end();
    };
  }

  /** Calls `listener` once at the end of the flush that is under way, or now. */
  afterFlush(listener: () => void): void {
    if (this.#flushDepth === 0) listener();
    else this.#due.add(listener);
  }

  #begin(): void {
    const cache = this.queryClient.getQueryCache();
    // Also for a query that something else put there, which has no options of its own.
    this.queryClient.setQueryDefaults([kubeWatchKey, this.client.id], {
      structuralSharing: false,
      staleTime: Infinity,
    });
    this.#undos = [
      this.client.groupFlushes((run) => {
        this.#flush(run);
      }),
      cache.subscribe((event) => {
        const { type } = event;
        const query = event.query as Query;
        if (
          type === 'observerAdded' ||
          type === 'observerRemoved' ||
          type === 'observerOptionsUpdated' ||
          type === 'removed'
        )
          this.#sync(query, type === 'removed');
      }),
    ];
    for (const query of cache.getAll()) this.#sync(query, false);
  }

  #end(): void {
    for (const undo of this.#undos.splice(0)) undo();
    for (const { handle } of this.#held.values()) handle.dispose();
    this.#held.clear();
  }

  #flush(run: () => void): void {
    this.#flushDepth += 1;
    try {
      notifyManager.batch(run);
    } finally {
      this.#flushDepth -= 1;
      if (this.#flushDepth === 0) this.#tellDue();
    }
  }

  /** Tells all, then throws what the first of them threw, which the client reports. */
  #tellDue(): void {
    const due = [...this.#due];
    this.#due.clear();
    const failures: unknown[] = [];
    for (const listener of due) {
      try {
        listener();
      } catch (cause) {
        failures.push(cause);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #sync(query: Query, isRemoved: boolean): void {
    const [root, id] = query.queryKey;
    if (root !== kubeWatchKey || id !== this.client.id) return;
    const wanted = isRemoved
      ? []
      : query.observers.flatMap(({ options: { enabled, meta } }) => {
          const list = (meta as Partial<KubeListMeta> | undefined)?.kubeList;
          return list === undefined || enabled === false ? [] : [list];
        });
    const held = this.#held.get(query.queryHash);
    const [first] = wanted;
    if (first === undefined) {
      held?.handle.dispose();
      this.#held.delete(query.queryHash);
      return;
    }
    const options = {
      pageSize: first.options.pageSize,
      maxItems: Math.max(...wanted.map((one) => one.options.maxItems ?? Infinity)),
      watch: wanted.some((one) => one.options.watch !== false),
    };
    const key = JSON.stringify([options.maxItems === Infinity ? null : options.maxItems, options.watch]);
    if (held?.options === key) return;
    const handle = this.client.watch(first.target, options);
    this.#held.set(query.queryHash, { handle, options: key });
    held?.handle.dispose();
    handle.subscribe(() => {
      this.#write(query.queryKey, handle);
    });
    this.#write(query.queryKey, handle);
  }

  #write(queryKey: readonly unknown[], { snapshot }: TargetHandle): void {
    const query = this.queryClient.getQueryCache().find({ queryKey, exact: true });
    if (query === undefined) return;
    const previous = query.state.data as KubeListData | undefined;
    const { state } = snapshot;
    if (!state.isSynced) {
      // What was there before stays, and says that it is old.
      if (previous === undefined) return;
      const staleSince = previous.state.staleSince ?? previous.state.lastSyncAt;
      const stale = { ...state, isStale: true, staleSince, itemCount: previous.items.length };
      this.queryClient.setQueryData<KubeListData>(queryKey, { ...previous, state: stale });
      return;
    }
    // The query function is about to resolve to the same.
    if (previous === undefined && query.state.fetchStatus === 'fetching') return;
    const next = listData(snapshot, previous);
    if (previous?.items === next.items && previous.columns === next.columns && previous.state === next.state) return;
    this.queryClient.setQueryData<KubeListData>(queryKey, next);
  }
}
