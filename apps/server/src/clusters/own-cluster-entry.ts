import { isIP } from 'node:net';
import { FleetwireError } from '@fleetwire/websocket-core';
import {
  createDefectiveConnection,
  createSelfContainedConnection,
  readSelfContainedContext,
  type ClusterConnection,
  type ClusterDefinition,
  type SelfContainedContext,
} from '@fleetwire/kube-watch/server';
import type { AddressPolicy } from './address-policy.ts';
import type { OwnClusterRow } from './own-cluster-store.ts';
import type { OpenFailure, SealedPlace, Sealing } from './sealing.ts';

/** A row that was read, and the cluster that it is. */
export interface OwnClusterEntry {
  /** What is sealed of a row never changes, and is not kept here. */
  readonly row: Omit<OwnClusterRow, 'sealed'>;
  readonly definition: ClusterDefinition;
  /** Undefined where the row does not open. */
  readonly context: Pick<SelfContainedContext, 'server' | 'namespace'> | undefined;
  /** Why the cluster cannot be used, in a sentence. */
  readonly problem: string | undefined;
}

/** What opens rows. */
export interface EntryOptions {
  readonly sealing: Sealing;
  readonly isAllowedAddress: AddressPolicy;
  /** False: the operator lets users have no clusters. */
  readonly isEnabled: boolean;
  /** Sent with each request, as `Via`. */
  readonly via: string;
}

/** Why nothing of this kind can be used, in a sentence. */
export const offMessage = 'the operator of this server lets users have no clusters of their own (ownClusterNetworks)';

const failures: Readonly<Record<OpenFailure, string>> = {
  'other-key':
    'the server has another key than the one that its credentials were sealed with (secretKey, or secret.key in the data folder)',
  damaged: 'what the server keeps of it is damaged: remove it, and add it again',
};

/** How long a host name may take when a cluster is added. */
const lookupLimitMs = 3_000;

/** Opens a row. What `former` says of the same row stays the same object; so does its connection under another name. */
export async function openEntry(
  { sealed, ...row }: OwnClusterRow,
  options: EntryOptions,
  former?: OwnClusterEntry,
): Promise<OwnClusterEntry> {
  if (former !== undefined) {
    if (former.row.name === row.name) return former;
    return { ...former, row, definition: { ...former.definition, name: row.name } };
  }
  const opened = await openContext(row, sealed, options.sealing);
  const context = 'context' in opened ? opened.context : undefined;
  const connection = context === undefined ? undefined : connect(row, context, options);
  const problem =
    'failure' in opened
      ? failures[opened.failure]
      : options.isEnabled
        ? connection && (await refusalOf(() => connection.requestOptions()))
        : offMessage;
  return {
    row,
    context: context === undefined ? undefined : shownOf(context),
    problem,
    definition: {
      name: row.name,
      orgs: [],
      owner: { orgId: row.orgId, userId: row.userId },
      identity: 'shared',
      connection:
        connection === undefined || problem !== undefined ? createDefectiveConnection(problem ?? '') : connection,
    },
  };
}

/**
 * Why the server of a context that a user brings may not be dialled, by the same check that dialling makes; undefined when it may, and when
 * its name cannot be resolved for the moment.
 */
export async function refusedAddress(
  userId: string,
  context: SelfContainedContext,
  options: EntryOptions,
): Promise<string | undefined> {
  const connection = connect({ id: '', userId }, context, options);
  const host = new URL(context.server).hostname.replace(/^\[|\]$/g, '');
  return refusalOf(async () => {
    await connection.requestOptions();
    if (isIP(host) === 0) await resolve(connection, host);
  });
}

function shownOf({ server, namespace }: SelfContainedContext): NonNullable<OwnClusterEntry['context']> {
  return namespace === undefined ? { server } : { server, namespace };
}

async function openContext(
  place: SealedPlace,
  sealed: string,
  sealing: Sealing,
): Promise<{ readonly context: SelfContainedContext } | { readonly failure: OpenFailure }> {
  const opened = await sealing.open(place, sealed);
  if ('failure' in opened) return opened;
  try {
    return { context: readSelfContainedContext(opened.value) };
  } catch (error) {
    if (error instanceof FleetwireError) return { failure: 'damaged' };
    throw error;
  }
}

function connect(
  { id, userId }: Pick<OwnClusterRow, 'id' | 'userId'>,
  context: SelfContainedContext,
  { isAllowedAddress, via }: EntryOptions,
): ClusterConnection {
  // The row's id, so that users share nothing, whatever their credentials.
  const connection = createSelfContainedConnection(context, {
    identityKey: `own ${id}`,
    ownerKey: userId,
    isAllowedAddress,
  });
  return {
    ...connection,
    async requestOptions() {
      const options = await connection.requestOptions();
      return { ...options, headers: { ...options.headers, via } };
    },
  };
}

async function refusalOf(ask: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    if (!(error instanceof FleetwireError) || error.code !== 'ADDRESS_NOT_ALLOWED') throw error;
    return `${error.message} (ownClusterNetworks)`;
  }
}

/** Rejects when the name leads to no address that is allowed. Whatever else is wrong with it may pass. */
function resolve({ lookup }: ClusterConnection, host: string): Promise<void> {
  return new Promise((done, reject) => {
    const timer = setTimeout(done, lookupLimitMs);
    lookup?.(host, { all: true }, (error) => {
      clearTimeout(timer);
      if (error instanceof FleetwireError) reject(error);
      else done();
    });
  });
}
