import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ChannelSource, Identity, Logger } from '@fleetwire/websocket-core/server';
import type { ClusterInfo } from '../protocol/channel.ts';
import type { KubeAction } from './kube-permissions.ts';
import type { KubeGatewayTimings } from './timings.ts';

/** What a request to a cluster needs; each is granted on its own. */
export type KubePermission = 'kube.read' | 'kube.secrets' | 'kube.write' | 'kube.exec';

/** How one cluster is reached: options of `node:http` and `node:https` requests, with fresh credentials each time. */
export interface ClusterConnection {
  /** `https://10.0.0.1:6443`, or with a path prefix. */
  readonly server: string;
  /** Headers with credentials and TLS options (`ca`, `cert`, `key`, `rejectUnauthorized`, `agent`) of a request. */
  requestOptions(): Promise<{
    readonly headers: Readonly<Record<string, string>>;
    readonly tls?: object | undefined;
    readonly agent?: unknown;
  }>;
  /** After a 401: drops what it remembers; resolves to whether other credentials may come. */
  refreshCredentials(): Promise<boolean>;
  /** Changes when other credentials are another identity; part of what upstreams are shared by. */
  readonly identityKey: string;
  /** Resolves the server's host name in place of the system's resolver; it may refuse an address. */
  readonly lookup?: LookupFunction | undefined;
}

/** The one user who has a cluster, in one organisation. */
export interface ClusterOwner {
  readonly orgId: string;
  readonly userId: string;
}

/** Whose clusters are asked for. Without a user: those of the organisation alone. */
export interface ClusterViewer {
  readonly orgId: string;
  readonly userId?: string | undefined;
}

/** A cluster, whom it belongs to and how requests run on it. */
export interface ClusterDefinition {
  readonly name: string;
  /** Organisation ids. Others see no such cluster. */
  readonly orgs: readonly string[];
  /**
   * The user who brought it, and whom alone it is there for; `orgs` does not count then. Owners may give theirs the same
   * name; what an organisation has wins over what a user of it has under the same name.
   */
  readonly owner?: ClusterOwner | undefined;
  /**
   * `shared`: the cluster's own credentials. `impersonate`: those, with `Impersonate-User` and `Impersonate-Group`; it
   * does not count on a user's own cluster.
   */
  readonly identity: 'shared' | 'impersonate';
  readonly isDemo?: boolean | undefined;
  readonly connection: ClusterConnection;
}

/** The clusters of the moment. */
export interface ClusterSource {
  readonly clusters: readonly ClusterDefinition[];
  /** Called after each change; returns its undo. */
  onChange(listener: () => void): () => void;
  dispose(): void;
}

/** A subscription that may begin. */
export interface GrantedWatch<I extends Identity> {
  readonly identity: I;
  readonly cluster: string;
  /** Of the collection that is watched. */
  readonly path: string;
  readonly action: KubeAction;
}

/** What a gateway needs of its application. */
export interface KubeGatewayOptions<I extends Identity> {
  readonly clusters: ClusterSource;
  /** Whether the identity has a permission in its organisation. */
  readonly can: (identity: I, permission: KubePermission) => boolean;
  /** Who requests run as on a cluster with `identity: impersonate`. */
  readonly impersonation: (identity: I) => { readonly user: string; readonly groups: readonly string[] };
  /** Confines the identity to one namespace of an organisation's cluster; undefined does not. */
  readonly confinedTo?: ((identity: I, cluster: string) => string | undefined) | undefined;
  /**
   * Told of each subscription to `kube/{cluster}` that is granted, for an audit log; not of the refresh of its token. A
   * promise is waited for before the subscription begins, and refuses it when it rejects.
   */
  readonly onGranted?: ((granted: GrantedWatch<I>) => Promise<void> | undefined) | undefined;
  readonly logger: Logger;
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: (() => number) | undefined;
  /** From 0 to below 1. Default Math.random. */
  readonly random?: (() => number) | undefined;
  readonly timings?: Partial<KubeGatewayTimings> | undefined;
}

/** Counters since the start, and what is open now. */
export interface GatewayStats {
  readonly upstreams: number;
  readonly dials: number;
  readonly events: number;
  readonly eventBytes: number;
  readonly proxiedRequests: number;
  /** Clusters of organisations whose circuit breaker is open. */
  readonly openBreakers: number;
}

/** Multiplexed watches and the API proxy of all clusters; mounts on any `node:http` server. */
export interface KubeGateway<I extends Identity> {
  /** `kube/{cluster}` and `clusters`, for the server's `channels`. */
  readonly channels: readonly ChannelSource<I>[];
  readonly stats: GatewayStats;
  /**
   * The clusters that the organisation has, and those of the user, for whom they are probed from then on: a user's that
   * was not asked for lately is `unknown` at first.
   */
  clustersOf(viewer: ClusterViewer): readonly ClusterInfo[];
  /** What a request of the viewer under this name would reach; `isOwn`: a cluster that the user has alone. */
  find(viewer: ClusterViewer, name: string): { readonly isOwn: boolean } | undefined;
  /**
   * Serves `/clusters/{name}/…` under a verified identity; every failure is answered with a Kubernetes Status. `path` is
   * the path below the cluster, with the query.
   */
  handleRequest(request: IncomingMessage, response: ServerResponse, identity: I, cluster: string, path: string): void;
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    identity: I,
    cluster: string,
    path: string,
  ): void;
  dispose(): Promise<void>;
}
