import { FleetwireError } from '@fleetwire/websocket-core';
import { clusterKey } from './tenancy.ts';
import type { ClusterConnection, ClusterDefinition, ClusterSource } from './types.ts';

/** A source whose clusters the application names, and may replace. */
export interface StaticClusters extends ClusterSource {
  /** Makes these the clusters of the moment; those that are the same object go on untouched. */
  replace(definitions: readonly ClusterDefinition[]): void;
}

/** Creates a {@link ClusterSource} of fixed clusters. Throws a TypeError when two of one owner have the same name. */
export function createStaticClusters(definitions: readonly ClusterDefinition[]): StaticClusters {
  let clusters = withoutTwins(definitions);
  const listeners = new Set<() => void>();
  return {
    get clusters() {
      return clusters;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    replace(next) {
      clusters = withoutTwins(next);
      for (const listener of [...listeners]) listener();
    },
    dispose() {
      listeners.clear();
    },
  };
}

/** Where a cluster is, and with what to ask it. */
export interface StaticConnectionOptions {
  readonly server: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** `ca`, `cert`, `key`, `rejectUnauthorized`, `servername` of `node:tls`. */
  readonly tls?: object | undefined;
  /** Default: the server and the credentials. */
  readonly identityKey?: string | undefined;
}

/** A connection whose credentials do not change by themselves. */
export function createStaticConnection(options: StaticConnectionOptions): ClusterConnection {
  const { server, token, headers, tls } = options;
  const own = { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  return {
    server,
    identityKey: options.identityKey ?? JSON.stringify([server, own, tls ?? null]),
    requestOptions: async () => ({ headers: own, tls }),
    refreshCredentials: async () => false,
  };
}

/** A cluster that is configured but cannot be reached, because of what `message` says. */
export function createDefectiveConnection(message: string): ClusterConnection {
  return {
    server: 'https://defective.invalid',
    identityKey: `defective ${message}`,
    requestOptions: () => Promise.reject(new FleetwireError('INVALID_ARGUMENT', message)),
    refreshCredentials: async () => false,
  };
}

function withoutTwins(definitions: readonly ClusterDefinition[]): readonly ClusterDefinition[] {
  const keys = new Set<string>();
  for (const definition of definitions) {
    const key = clusterKey(definition);
    if (keys.has(key))
      throw new TypeError(`expected clusters with different names, got ${JSON.stringify(definition.name)} twice`);
    keys.add(key);
  }
  return [...definitions];
}
