import { randomUUID } from 'node:crypto';
import { FleetwireError } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import {
  readSelfContainedContext,
  type ClusterOwner,
  type ClusterSource,
  type SelfContainedContext,
} from '@fleetwire/kube-watch/server';
import type { AuditLog, AuditRecord } from '../access/audit-log.ts';
import { openOwnClusterEntries } from './own-cluster-entries.ts';
import { offMessage, refusedAddress, type EntryOptions, type OwnClusterEntry } from './own-cluster-entry.ts';
import { foldedName, maxOwnClusters, type OwnClusterStore, type StoreRefusal } from './own-cluster-store.ts';

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
  readonly code:
    'OWN_CLUSTERS_OFF' | 'ADDRESS_NOT_ALLOWED' | 'INVALID_KUBECONFIG' | 'BAD_REQUEST' | 'CONFLICT' | 'NOT_FOUND';

  constructor(code: OwnClusterError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A user who changes something, as the audit log names it. */
export interface ClusterUser extends ClusterOwner {
  readonly username: string;
}

/** The clusters that users have for themselves, in the database and as a source for the gateway. */
export interface OwnClusters {
  readonly source: ClusterSource;
  /** False: the operator lets users have none. */
  readonly isEnabled: boolean;
  list(owner: ClusterOwner): readonly OwnCluster[];
  /** Adds all or none of them, under the names of the contexts. Throws an {@link OwnClusterError}. */
  add(user: ClusterUser, contexts: readonly SelfContainedContext[]): Promise<readonly OwnCluster[]>;
  /** Throws an {@link OwnClusterError}. */
  rename(user: ClusterUser, id: string, name: string): Promise<OwnCluster>;
  /** Throws an {@link OwnClusterError}. */
  remove(user: ClusterUser, id: string): Promise<void>;
  /** Reads those of an owner again, after something else may have changed them. It never rejects. */
  reload(owner: ClusterOwner): Promise<void>;
}

/** What they are made of. */
export interface OwnClustersOptions extends EntryOptions {
  readonly store: Pick<OwnClusterStore, 'list'>;
  /** Makes a change and writes its entry of the audit log, or does neither. */
  readonly transact: <T>(
    work: (changes: { readonly store: OwnClusterStore; readonly audit: Pick<AuditLog, 'record'> }) => Promise<T>,
  ) => Promise<T>;
  /** The names of the organisation's clusters: they win. */
  readonly sharedNames: (orgId: string) => readonly string[];
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Why a name cannot be one of a cluster; undefined when it can. */
function problemOfName(name: string): string | undefined {
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
  const { transact, sealing, isEnabled, sharedNames, now } = options;
  const entries = await openOwnClusterEntries(options);

  const shown = ({ row, context, problem }: OwnClusterEntry): OwnCluster => ({
    id: row.id,
    name: row.name,
    server: context?.server,
    namespace: context?.namespace,
    createdAt: row.createdAt,
    problem:
      problem ??
      (sharedNames(row.orgId).includes(row.name)
        ? 'the organisation has a cluster of this name, which wins: rename this one'
        : undefined),
  });
  const list = (owner: ClusterOwner): OwnCluster[] => entries.of(owner).map(shown);
  const find = (owner: ClusterOwner, id: string): OwnClusterEntry => {
    const found = entries.of(owner).find(({ row }) => row.id === id);
    return found ?? refuse({ kind: 'not-found' });
  };
  const refuseTaken = ({ orgId }: ClusterOwner, names: readonly string[]): void => {
    const shared = new Set(sharedNames(orgId).map(foldedName));
    const taken = names.filter((name) => shared.has(foldedName(name)));
    if (taken.length > 0)
      throw new OwnClusterError('CONFLICT', problemsOf(taken, 'the organisation has a cluster of this name'));
  };

  return {
    isEnabled,
    source: entries.source,
    list,
    async add(user, contexts) {
      if (!isEnabled) throw new OwnClusterError('OWN_CLUSTERS_OFF', offMessage);
      const names = contexts.map(({ name }) => name);
      const unfit = names.flatMap((name) => {
        const problem = problemOfName(name);
        return problem === undefined ? [] : [`${JSON.stringify(name)}: ${problem}`];
      });
      if (unfit.length > 0) throw new OwnClusterError('INVALID_KUBECONFIG', unfit.join('; '));
      refuseTaken(user, names);
      const refused: string[] = [];
      // One after another: what resolves names is shared by the whole process.
      for (const context of contexts) {
        const refusal = await refusedAddress(user.userId, context, options);
        if (refusal !== undefined) refused.push(`${JSON.stringify(context.name)}: ${refusal}`);
      }
      if (refused.length > 0) throw new OwnClusterError('ADDRESS_NOT_ALLOWED', refused.join('; '));
      const { orgId, userId } = user;
      const createdAt = now();
      const rows = await Promise.all(
        contexts.map(async (context) => {
          const place = { id: randomUUID(), orgId, userId };
          return { ...place, name: context.name, sealed: await sealing.seal(place, context), createdAt };
        }),
      );
      await transact(async ({ store, audit }) => {
        refuse(await store.add(user, rows));
        for (const [index, { id, name }] of rows.entries())
          await audit.record(recordOf(user, 'add', name, { id, server: contexts[index]?.server }));
      });
      await entries.reload(user);
      // Not from what was read: that may have failed, and what was added is there.
      return rows.map(({ id, name }, index) => ({
        id,
        name,
        server: contexts[index]?.server,
        namespace: contexts[index]?.namespace,
        createdAt,
      }));
    },
    async rename(user, id, name) {
      const former = find(user, id);
      const problem = problemOfName(name);
      if (problem !== undefined) throw new OwnClusterError('BAD_REQUEST', `name: ${problem}`);
      refuseTaken(user, [name]);
      await transact(async ({ store, audit }) => {
        refuse(await store.rename(user, id, name));
        await audit.record(recordOf(user, 'rename', former.row.name, { id, to: name }));
      });
      await entries.reload(user);
      return shown({ ...former, row: { ...former.row, name } });
    },
    async remove(user, id) {
      const former = find(user, id);
      await transact(async ({ store, audit }) => {
        if (!(await store.remove(user, id))) refuse({ kind: 'not-found' });
        await audit.record(recordOf(user, 'remove', former.row.name, { id }));
      });
      await entries.reload(user);
    },
    reload: (owner) => entries.reload(owner),
  };
}

function refuse(refusal: StoreRefusal): never;
function refuse(refusal: StoreRefusal | undefined): void;
function refuse(refusal: StoreRefusal | undefined): void {
  switch (refusal?.kind) {
    case 'not-found':
      throw new OwnClusterError('NOT_FOUND', 'there is no such cluster');
    case 'too-many':
      throw new OwnClusterError('CONFLICT', `expected at most ${String(maxOwnClusters)} clusters: remove one first`);
    case 'taken':
      throw new OwnClusterError('CONFLICT', problemsOf(refusal.names, 'you have a cluster of this name'));
    case undefined:
      return;
  }
}

function recordOf(user: ClusterUser, action: string, target: string, detail: object): AuditRecord {
  return { orgId: user.orgId, user, action: `cluster.${action}`, target, detail };
}

function problemsOf(names: readonly string[], problem: string): string {
  return names.map((name) => `${JSON.stringify(name)}: ${problem}`).join('; ');
}
