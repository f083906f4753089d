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
  /** `reason` of the Kubernetes Status, such as `Expired`, where the API sent one. */
  readonly reason: string | undefined;
  readonly cluster: string;
  readonly namespace: string | undefined;
}
