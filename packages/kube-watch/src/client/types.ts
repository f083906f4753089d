import type { KubeObject, TableColumnDefinition } from '../protocol/kube-object.ts';
import type { ApiResource, KubeResource, WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError, TargetState, WatchTransportKind } from '../protocol/watch-status.ts';
import type { Clock } from '@fleetwire/websocket-core';
import type { Client } from '@fleetwire/websocket-core/client';
import type { WatchTransport } from '../core/watch-transport.ts';
import type { WebSocketManager } from './websocket-manager.ts';
import type { ResourceMatch } from './api-resources.ts';

/** How a kube-watch client reaches the clusters. */
export interface KubeWatchClientOptions {
  /**
   * Where HTTP goes: the server's origin or path prefix, below which `/clusters/{cluster}` is that cluster's API.
   * Default: the page's own origin.
   */
  readonly url?: string | undefined;
  /** Base of one cluster's API, instead of `{url}/clusters/{cluster}`: for `kubectl proxy` or an API server itself. */
  readonly clusterUrl?: ((cluster: string) => string) | undefined;
  /** Default `auto`. `multiplexed` needs `client`. */
  readonly transport?: WatchTransportKind | undefined;
  /** What `direct` is. Default: WebSockets, and streaming fetch where they are refused. */
  readonly directTransport?: 'websocket' | 'fetch' | undefined;
  /**
   * Reads first lists as a watch-list where the transport can: easier on the server, but servers before 1.27 do not know
   * it and do not say so. Default false.
   */
  readonly watchList?: boolean | undefined;
  /** Gives the bearer token of requests; called again with `expired` after a 401. */
  readonly getToken?:
    | ((request: { readonly reason: 'request' | 'expired' }) => string | undefined | Promise<string | undefined>)
    | undefined;
  /** Allows a token over `http:` and `ws:` to a host that is neither loopback nor the page's own. Default false. */
  readonly allowInsecureToken?: boolean | undefined;
  /** The Fleetwire socket of multiplexed watches; without one they are direct. */
  readonly client?: Client | undefined;
  /** `frame`: once per animation frame, by a timer while the page is hidden (default). `sync`: at once, for tests. */
  readonly flush?: 'frame' | 'sync' | undefined;
  /** Default 5 s. */
  readonly lingerMs?: number | undefined;
  /** Consecutive failures after which a target stops. Default: without end. */
  readonly maxRetries?: number | undefined;
  /** Each failed attempt once. */
  readonly onError?: ((error: KubeWatchError) => void) | undefined;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch | undefined;
  /** Default: the runtime's own. */
  readonly WebSocket?: typeof WebSocket | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** From 0 to below 1; default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** How a target is listed. */
export interface TargetOptions {
  /** Objects of a page. Default 500. What is under way keeps its own. */
  readonly pageSize?: number | undefined;
  /** Stops paging at so many; the target is partial then. Of several holds the largest counts. */
  readonly maxItems?: number | undefined;
  /** False lists once and does not watch. Default true. */
  readonly watch?: boolean | undefined;
}

/** What one target holds now. The same reference until something changed. */
export interface TargetSnapshot {
  readonly items: readonly KubeObject[];
  /** Of a `table` projection. */
  readonly columns: readonly TableColumnDefinition[] | undefined;
  readonly state: TargetState;
}

/** A hold on a target; the reflector is shared and lingers after the last hold is gone. */
export interface TargetHandle {
  readonly snapshot: TargetSnapshot;
  /** Calls `listener` after each flush that changed the snapshot; returns its undo. */
  subscribe(listener: () => void): () => void;
  /** Lists again now. Resolves when the new list is in, rejects with a KubeWatchError. */
  refetch(): Promise<void>;
  dispose(): void;
}

/** Which object a write is about. */
export interface ObjectRef {
  readonly cluster: string;
  readonly resource: KubeResource;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Holds a write to one object. */
export interface UidPrecondition {
  /**
   * The write is for the object of this uid; when there is another one of the name by now, or none, nothing changes, and
   * the write rejects with `KUBE_CONFLICT` or `KUBE_NOT_FOUND` (a JSON patch with `KUBE_INVALID`). Default: whichever has the name.
   */
  readonly uid?: string;
}

/** A live client; framework-free. */
export interface KubeWatchClient {
  /** Another one for each client of the process; part of query keys, so that nothing of one user shows for another. */
  readonly id: number;
  readonly webSockets: WebSocketManager;
  /** Of every target that is watched now, or was until a moment ago; the same array until one changed. */
  readonly targets: readonly TargetState[];
  /** Calls `listener` after each flush that changed `targets`; returns its undo. */
  onTargets(listener: () => void): () => void;
  /** The same target gives the same reflector. */
  watch(target: WatchTarget, options?: TargetOptions): TargetHandle;
  /** What a target holds now, when it is watched or was until a moment ago. */
  peek(target: WatchTarget): TargetSnapshot | undefined;
  /** Runs `run` around the changes of each flush, so that a cache may tell of all of them at once. Returns its undo. */
  groupFlushes(group: (run: () => void) => void): () => void;
  /** Calls `callback` once at the next flush, however often it is asked to before. */
  scheduleFlush(callback: () => void): void;
  /**
   * Runs a reflector beside those of `watch`, over what `over` makes of each transport that the target gets, and keeps no
   * objects of it; it is told of wakes and fails, waits and ends as the others do. Returns its undo.
   */
  reflect(target: WatchTarget, over: (transport: WatchTransport) => WatchTransport): () => void;
  /** Resource types of a cluster, remembered; `refresh` asks again. Rejects with a KubeWatchError. */
  apiResources(cluster: string, options?: { readonly refresh?: boolean }): Promise<readonly ApiResource[]>;
  /** Those that are remembered already. */
  knownApiResources(cluster: string): readonly ApiResource[] | undefined;
  /** The first of these that the cluster has. Rejects with a KubeWatchError, 404 when it has none of them. */
  resolveResource(cluster: string, wanted: readonly ResourceMatch[]): Promise<ApiResource>;
  /** Any request below a cluster's API. Rejects with a KubeWatchError when the answer is not 2xx. */
  fetch(cluster: string, path: string, init?: RequestInit): Promise<Response>;
  /** The text that a GET below a cluster's API answers; KUBE_TIMEOUT when nothing came for 30 s. */
  read(cluster: string, path: string): Promise<string>;
  get(ref: ObjectRef): Promise<KubeObject>;
  /**
   * Server-side apply; `force` takes fields that others manage. A conflict rejects with reason `Conflict`. With `uid` it
   * makes no object anew.
   */
  apply(
    ref: ObjectRef,
    object: unknown,
    options?: UidPrecondition & {
      readonly fieldManager?: string;
      readonly force?: boolean;
      readonly dryRun?: boolean;
    },
  ): Promise<KubeObject>;
  patch(
    ref: ObjectRef,
    patch: unknown,
    options?: UidPrecondition & { readonly type?: 'merge' | 'strategic' | 'json'; readonly subresource?: string },
  ): Promise<KubeObject>;
  delete(ref: ObjectRef, options?: UidPrecondition & { readonly gracePeriodSeconds?: number }): Promise<void>;
  scale(ref: ObjectRef, replicas: number, options?: UidPrecondition): Promise<void>;
  dispose(): void;
}
