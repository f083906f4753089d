import type { ClusterOwner, ClusterSource } from '@fleetwire/kube-watch/server';
import type { Logger } from '@fleetwire/websocket-core/server';
import { openEntry, type EntryOptions, type OwnClusterEntry } from './own-cluster-entry.ts';
import type { OwnClusterStore } from './own-cluster-store.ts';

/** The rows of a store, opened, as a source for the gateway. */
export interface OwnClusterEntries {
  readonly source: ClusterSource;
  /** Oldest first. */
  of(owner: ClusterOwner): readonly OwnClusterEntry[];
  /**
   * Reads the rows of an owner again; what did not change stays the same object. It never rejects: what cannot be read is
   * logged, and read again some seconds later.
   */
  reload(owner: ClusterOwner): Promise<void>;
}

/** When rows that could not be read are read again. */
const retryMs = 5_000;

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
  /** Readings to come, one for an owner. */
  const retries = new Map<string, NodeJS.Timeout>();

  let isDisposed = false;

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
    const { orgId, userId } = owner;
    const key = JSON.stringify([orgId, userId]);
    clearTimeout(retries.get(key));
    retries.delete(key);
    reading = reading
      .then(() => read(owner))
      .catch((error: unknown) => {
        logger.error({ err: error, orgId, userId }, 'the clusters of a user could not be read: they will be again');
        if (isDisposed) return;
        clearTimeout(retries.get(key));
        retries.set(key, setTimeout(() => void reload(owner), retryMs).unref());
      });
    return reading;
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
        isDisposed = true;
        for (const timer of retries.values()) clearTimeout(timer);
        listeners.clear();
      },
    },
  };
}
