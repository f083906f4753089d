import { randomUUID } from 'node:crypto';
import { FleetwireError } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import {
  readSelfContainedContext,
  type ClusterOwner,
  type ClusterSource,
  type SelfContainedContext,
} from '@fleetwire/kube-watch/server';
import { offMessage, openEntry, refusedAddress, type EntryOptions, type OwnClusterEntry } from './own-cluster-entry.ts';
import { maxOwnClusters, type OwnClusterStore, type StoreRefusal } from './own-cluster-store.ts';

/** A cluster of a user, as the user sees it: without credentials. */
export interface OwnCluster {
  readonly id: string;
  readonly name: string;
  /** Absent where what is stored of it cannot be opened; so is the namespace. */
  readonly server?: string | undefined;
  readonly namespace?: string | undefined;
  readonly createdAt: number;
  /** Why it cannot be used, in a sentence. */
  readonly problem?: string | undefined;
}

/** Something that a user asked for and does not get. */
export class OwnClusterError extends Error {
  override readonly name = 'OwnClusterError';
  readonly code: 'OWN_CLUSTERS_OFF' | 'ADDRESS_NOT_ALLOWED' | 'INVALID_KUBECONFIG' | 'CONFLICT' | 'NOT_FOUND';

  constructor(code: OwnClusterError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The clusters that users have for themselves, in the database and as a source for the gateway. */
export interface OwnClusters {
  readonly source: ClusterSource;
  /** False: the operator lets users have none. */
  readonly isEnabled: boolean;
  list(owner: ClusterOwner): readonly OwnCluster[];
  /** Adds all or none of them, under the names of the contexts. Throws an {@link OwnClusterError}. */
  add(owner: ClusterOwner, contexts: readonly SelfContainedContext[]): Promise<readonly OwnCluster[]>;
  /** Throws an {@link OwnClusterError}. */
  rename(owner: ClusterOwner, id: string, name: string): Promise<OwnCluster>;
  /** Throws an {@link OwnClusterError}. */
  remove(owner: ClusterOwner, id: string): Promise<void>;
  /** Reads those of an owner again, after something else may have changed them. */
  reload(owner: ClusterOwner): Promise<void>;
}

/** What they are made of. */
export interface OwnClustersOptions extends EntryOptions {
  readonly store: OwnClusterStore;
  /** Whether the organisation has a cluster of that name: it wins. */
  readonly isTaken: (orgId: string, name: string) => boolean;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Why a name cannot be one of a cluster; undefined when it can. */
export function problemOfName(name: string): string | undefined {
  // It is a segment of paths, and pages name several clusters by commas.
  if (/[/,]/.test(name)) return 'expected a name without slashes and commas';
  try {
    readSelfContainedContext({ name, server: 'https://name.invalid' });
    return undefined;
  } catch (error) {
    if (error instanceof FleetwireError) return error.message.replace(/^name: /, '');
    throw error;
  }
}

/** Opens the clusters of a store. What cannot be opened is there, and says why. */
export async function openOwnClusters(options: OwnClustersOptions): Promise<OwnClusters> {
  const { store, sealing, isAllowedAddress, isEnabled, isTaken, logger, now } = options;
  /** By id of the row. */
  const entries = new Map<string, OwnClusterEntry>();
  const listeners = new Set<() => void>();
  /** The readings of the store, one after another: what was read first must not be taken over last. */
  let reading = Promise.resolve();

  for (const row of await store.list()) entries.set(row.id, await openEntry(row, options));
  const closed = [...entries.values()].filter(({ context }) => context === undefined).length;
  if (closed > 0) logger.warn({ count: closed }, 'clusters of users cannot be opened: the key is another one');

  const ofOwner = ({ orgId, userId }: ClusterOwner): OwnClusterEntry[] =>
    [...entries.values()].filter(({ row }) => row.orgId === orgId && row.userId === userId);

  const read = async (owner: ClusterOwner): Promise<void> => {
    const rows = await store.list(owner);
    const opened = await Promise.all(rows.map((row) => openEntry(row, options, entries.get(row.id))));
    const former = ofOwner(owner);
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

  const shown = ({ row, context, problem }: OwnClusterEntry): OwnCluster => ({
    id: row.id,
    name: row.name,
    server: context?.server,
    namespace: context?.namespace,
    createdAt: row.createdAt,
    problem:
      problem ??
      (isTaken(row.orgId, row.name)
        ? 'the organisation has a cluster of this name, which wins: rename this one'
        : undefined),
  });
  const list = (owner: ClusterOwner): OwnCluster[] => ofOwner(owner).map(shown);
  const find = (owner: ClusterOwner, id: string): OwnCluster => {
    const found = list(owner).find((each) => each.id === id);
    if (found === undefined) throw refusalOf({ kind: 'not-found' });
    return found;
  };
  const refuseTaken = ({ orgId }: ClusterOwner, names: readonly string[]): void => {
    const taken = names.filter((name) => isTaken(orgId, name));
    if (taken.length > 0)
      throw new OwnClusterError('CONFLICT', problemsOf(taken, 'the organisation has a cluster of this name'));
  };

  return {
    isEnabled,
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
    list,
    async add(owner, contexts) {
      if (!isEnabled) throw new OwnClusterError('OWN_CLUSTERS_OFF', offMessage);
      const names = contexts.map(({ name }) => name);
      const unfit = names.flatMap((name) => {
        const problem = problemOfName(name);
        return problem === undefined ? [] : [`${JSON.stringify(name)}: ${problem}`];
      });
      if (unfit.length > 0) throw new OwnClusterError('INVALID_KUBECONFIG', unfit.join('; '));
      refuseTaken(owner, names);
      const refused: string[] = [];
      // One after another: what resolves names is shared by the whole process.
      for (const context of contexts) {
        const refusal = await refusedAddress(context, isAllowedAddress);
        if (refusal !== undefined) refused.push(`${JSON.stringify(context.name)}: ${refusal}`);
      }
      if (refused.length > 0) throw new OwnClusterError('ADDRESS_NOT_ALLOWED', refused.join('; '));
      const createdAt = now();
      const rows = await Promise.all(
        contexts.map(async (context) => {
          const place = { ...ownerOf(owner), id: randomUUID() };
          return { ...place, name: context.name, sealed: await sealing.seal(place, context), createdAt };
        }),
      );
      const refusal = await store.add(owner, rows);
      if (refusal !== undefined) throw refusalOf(refusal);
      await reload(owner);
      return list(owner).filter(({ id }) => rows.some((row) => row.id === id));
    },
    async rename(owner, id, name) {
      find(owner, id);
      const problem = problemOfName(name);
      if (problem !== undefined) throw new OwnClusterError('INVALID_KUBECONFIG', `name: ${problem}`);
      refuseTaken(owner, [name]);
      const refusal = await store.rename(owner, id, name);
      if (refusal !== undefined) throw refusalOf(refusal);
      await reload(owner);
      return find(owner, id);
    },
    async remove(owner, id) {
      const isRemoved = await store.remove(owner, id);
      await reload(owner);
      if (!isRemoved) throw refusalOf({ kind: 'not-found' });
    },
    reload,
  };
}

function refusalOf(refusal: StoreRefusal): OwnClusterError {
  switch (refusal.kind) {
    case 'not-found':
      return new OwnClusterError('NOT_FOUND', 'there is no such cluster');
    case 'too-many':
      return new OwnClusterError('CONFLICT', `expected at most ${String(maxOwnClusters)} clusters: remove one first`);
    case 'taken':
      return new OwnClusterError('CONFLICT', problemsOf(refusal.names, 'you have a cluster of this name'));
  }
}

function problemsOf(names: readonly string[], problem: string): string {
  return names.map((name) => `${JSON.stringify(name)}: ${problem}`).join('; ');
}

/** An identity may be more than an owner. */
function ownerOf({ orgId, userId }: ClusterOwner): ClusterOwner {
  return { orgId, userId };
}
