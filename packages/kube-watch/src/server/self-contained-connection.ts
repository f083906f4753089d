import { createHash } from 'node:crypto';
import { isIP, type LookupFunction } from 'node:net';
import { lookup as systemLookup } from 'node:dns';
import { FleetwireError } from '@fleetwire/websocket-core';
import { createCheckedLookup, plainAddress } from './checked-lookup.ts';
import { createLookupQueue } from './lookup-queue.ts';
import type { OwnClusterErrorCode } from './own-cluster-errors.ts';
import type { SelfContainedContext } from './self-contained-context.ts';
import type { ClusterConnection } from './types.ts';

/** One for all connections, as the threads that it spares are. */
const queuedLookups = createLookupQueue(systemLookup);

/** What a connection of a user's cluster is confined to. */
export interface SelfContainedConnectionOptions {
  /**
   * A part of {@link ClusterConnection.identityKey}; it must differ between users, whatever their credentials. Another
   * server or other credentials are another identity of themselves.
   */
  readonly identityKey: string;
  /** Whose lookups of host names take turns with those of others. Default: `identityKey`. */
  readonly ownerKey?: string | undefined;
  /** Whether the address, IPv4 or IPv6 without brackets, may be dialled. An IPv4-mapped one is asked for as IPv4. */
  readonly isAllowedAddress: (address: string) => boolean;
  /** Resolves host names. Default: `lookup` of `node:dns`, for two names at a time and one of an owner. */
  readonly lookup?: LookupFunction | undefined;
}

/**
 * Requests as the context says and with its credentials alone. Host names lead to those of their addresses that are
 * allowed, and to the ones that were checked; where none is left, and for a server that is itself such an address, a
 * request rejects with ADDRESS_NOT_ALLOWED before anything is dialled.
 */
export function createSelfContainedConnection(
  context: SelfContainedContext,
  options: SelfContainedConnectionOptions,
): ClusterConnection {
  const { identityKey, ownerKey = identityKey, isAllowedAddress } = options;
  const host = new URL(context.server).hostname.replace(/^\[|\]$/g, '');
  const headers = headersOf(context);
  const tls = tlsOf(context);
  return {
    server: context.server,
    identityKey: JSON.stringify([identityKey, fingerprintOf(context)]),
    async requestOptions() {
      // Addresses are not looked up.
      if (isIP(host) !== 0 && !isAllowedAddress(plainAddress(host))) {
        throw new FleetwireError(
          'ADDRESS_NOT_ALLOWED' satisfies OwnClusterErrorCode,
          'its address is in no network that is allowed for clusters of users',
        );
      }
      return { headers, tls };
    },
    refreshCredentials: async () => false,
    lookup: createCheckedLookup(isAllowedAddress, options.lookup ?? queuedLookups(ownerKey)),
  };
}

function fingerprintOf({ name: _name, namespace: _namespace, ...meaning }: SelfContainedContext): string {
  return createHash('sha256').update(JSON.stringify(meaning)).digest('base64url');
}

function headersOf({ token, username, password }: SelfContainedContext): Readonly<Record<string, string>> {
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  if (username === undefined || password === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function tlsOf(context: SelfContainedContext): object {
  const { certificateAuthorityData, clientCertificateData, clientKeyData, tlsServerName } = context;
  return {
    // Whatever the process is told to trust.
    rejectUnauthorized: context.insecureSkipTlsVerify !== true,
    ...(certificateAuthorityData === undefined ? {} : { ca: pemOf(certificateAuthorityData) }),
    ...(clientCertificateData === undefined ? {} : { cert: pemOf(clientCertificateData) }),
    ...(clientKeyData === undefined ? {} : { key: pemOf(clientKeyData) }),
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
  };
}

function pemOf(data: string): Buffer {
  return Buffer.from(data, 'base64');
}
