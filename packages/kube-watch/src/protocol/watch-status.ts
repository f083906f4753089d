import type { FleetwireError } from '@fleetwire/websocket-core';

/**
 * How a list gets its changes: over the shared Fleetwire socket, straight from a Kubernetes API, or by listing again;
 * `auto` takes the first that works.
 */
export type WatchTransportKind = 'auto' | 'multiplexed' | 'direct' | 'polling';

/** Whether what a view shows is live, and if not, what is being done about it. */
export type WatchStatus = 'connecting' | 'syncing' | 'live' | 'reconnecting' | 'polling' | 'stopped';

/** What went wrong with one target; other clusters and namespaces go on. */
export interface KubeWatchError extends FleetwireError {
  /** HTTP status, or `code` of the Kubernetes Status; undefined when no answer came. */
  readonly status: number | undefined;
  /** `reason` of the Kubernetes Status, such as `Expired`, where the API sent one. */
  readonly reason: string | undefined;
  readonly cluster: string;
  readonly namespace: string | undefined;
}

/** How one target, a list of one cluster and namespace, is doing. */
export interface TargetState {
  readonly cluster: string;
  readonly namespace: string | undefined;
  readonly status: WatchStatus;
  /** What carries the changes now; undefined before the first attempt. */
  readonly transport: 'multiplexed' | 'websocket' | 'fetch' | 'polling' | undefined;
  /** Why it is not the first choice, in a sentence. */
  readonly degradedReason: string | undefined;
  /** The first list is in. */
  readonly isSynced: boolean;
  /** `maxItems` or a later page cut it. */
  readonly isPartial: boolean;
  /** It shows what was, since `staleSince` (milliseconds since 1970). */
  readonly isStale: boolean;
  readonly staleSince: number | undefined;
  /** Milliseconds since 1970 of the last list, event, bookmark or poll. */
  readonly lastSyncAt: number | undefined;
  readonly error: KubeWatchError | undefined;
  readonly itemCount: number;
}
