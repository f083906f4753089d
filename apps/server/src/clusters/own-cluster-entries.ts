import type { ClusterOwner, ClusterSource } from '@fleetwire/kube-watch/server';
import type { Logger } from '@fleetwire/websocket-core/server';
import { openEntry, type EntryOptions, type OwnClusterEntry } from './own-cluster-entry.ts';
import type { OwnClusterStore } from './own-cluster-store.ts';

/** The rows of a store, opened, as a source for the gateway. */
export interface OwnClusterEntries {
  readonly source: ClusterSource;
  /** Oldest first. */
  of(owner: ClusterOwner): readonly OwnClusterEntry[];
  /** Reads the rows of an owner again; what did not change stays the same object. */
  reload(owner: ClusterOwner): Promise<void>;
}

/** Opens the rows of a store. What cannot be opened is there, and says why. */
export async function openOwnClusterEntries(
  options: EntryOptions & { readonly store: Pick<OwnClusterStore, 'list'>; readonly logger: Logger },
): Promise<OwnClusterEntries> {
  const { store, logger } = options;
  /** By id of the row. */
  const entries = new Map<string, OwnClusterEntry>();
  const listeners = new Set<() => void>();
  /** The readings of the store, one after another: what was read first must not be taken over last. */
  let reading = Promise.resolve();

  for (const row of await store.list()) entries.set(row.id, await openEntry(row, options));
  const closed = [...entries.values()].filter(({ context }) => context === undefined).length;
  if (closed > 0) logger.warn({ count: closed }, 'clusters of users cannot be opened: each says why to its user');

  const of = ({ orgId, userId }: ClusterOwner): OwnClusterEntry[] =>
    [...entries.values()].filter(({ row }) => row.orgId === orgId && row.userId === userId);

  const read = async (owner: ClusterOwner): Promise<void> => {
    const rows = await store.list(owner);
    const opened = await Promise.all(rows.map((row) => openEntry(row, options, entries.get(row.id))));
    const former = of(owner);
    if (opened.length === former.length && opened.every((entry) => entries.get(entry.row.id) === entry)) return;
    for (const { row } of former) entries.delete(row.id);
    for (const entry of opened) entries.set(entry.row.id, entry);
    for (const listener of [...listeners]) listener();
  };
  const reload = (owner: ClusterOwner): Promise<void> => {
    const next = reading.then(() => read(owner));
    reading = next.catch(() => undefined);
    return next;
  };

  return {
    of,
    reload,
    source: {
      get clusters() {
        return [...entries.values()].map(({ definition }) => definition);
      },
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      dispose() {
        listeners.clear();
      },
    },
  };
}
