import { useCallback, useMemo, useState, useSyncExternalStore } from 'react';
import type { TargetOptions } from '../client/types.ts';
import { useKubeWatchContext, type KubeWatchContextValue } from './kube-watch-provider.ts';
import { ListStore, type ListSlot, type ListView } from './list-store.ts';
import { useListSlots, useStable, type SlotOptions } from './use-list-slots.ts';

/** A list as a hook is asked for it. */
export interface ListRequest extends SlotOptions, TargetOptions {}

/** A list as it is, and how to read it again. */
export interface ListResult {
  readonly view: ListView;
  readonly refetch: () => Promise<void>;
}

/**
 * The views of several lists; the same array until one of them changed. Lists may come and go, and those that stay keep
 * what they have.
 */
export function useListViews(requests: readonly ListRequest[]): readonly ListResult[] {
  const context = useKubeWatchContext();
  const slots = useListSlots(requests);
  const options = useStable(requests.map(({ maxItems, pageSize, watch }) => ({ maxItems, pageSize, watch })));
  const [storesOf] = useState(createStores);
  const stores = useMemo(
    () => storesOf(context, slots, options as readonly TargetOptions[]),
    [storesOf, context, slots, options],
  );
  const subscribe = useCallback(
    (listener: () => void) => {
      const undos = stores.map((store) => store.subscribe(listener));
      return () => {
        for (const undo of undos) undo();
      };
    },
    [stores],
  );
  const getViews = useMemo(() => memoViews(stores), [stores]);
  return useSyncExternalStore(subscribe, getViews, getViews);
}

function memoViews(stores: readonly ListStore[]): () => readonly ListResult[] {
  let last: readonly ListResult[] = [];
  return () => {
    const views = stores.map((store) => store.getView());
    if (last.length === views.length && views.every((view, index) => view === last[index]?.view)) return last;
    last = views.map((view, index) => {
      const before = last[index];
      return before?.view === view ? before : { view, refetch: (stores[index] as ListStore).refetch };
    });
    return last;
  };
}

/** Remembers the stores of the last call: a list that is asked for again is the same store. */
function createStores() {
  let last = new Map<string, ListStore>();
  let lastContext: KubeWatchContextValue | undefined;
  return (
    context: KubeWatchContextValue,
    slots: readonly (readonly ListSlot[])[],
    options: readonly TargetOptions[],
  ): readonly ListStore[] => {
    const before = context === lastContext ? last : new Map<string, ListStore>();
    const now = new Map<string, ListStore>();
    const stores = slots.map((list, index) => {
      // Of a slot without a target the state may be another one with an error of its own, which JSON would lose.
      const isResolved = list.every((slot) => 'target' in slot);
      const key = isResolved ? JSON.stringify([list, options[index]]) : '';
      const known = isResolved ? (before.get(key) ?? now.get(key)) : undefined;
      const store = known ?? new ListStore(context, list, options[index] ?? {});
      if (isResolved) now.set(key, store);
      return store;
    });
    last = now;
    lastContext = context;
    return stores;
  };
}
