import type { TableColumnDefinition } from './kube-object.ts';

/**
 * Multiplexed watches: channel `kube/{cluster}`, class recoverable, its positions are resourceVersions. A subscription
 * begins after `since`, the resourceVersion of the list that was read before over HTTP.
 */
export const kubeChannelPattern = 'kube/{cluster}';

/** The name of a cluster's channel; a cluster's name may hold slashes, which are encoded as in a URL. */
export function kubeChannel(cluster: string): string {
  return `kube/${encodeURIComponent(cluster)}`;
}

/** The cluster that a segment of the channel's pattern names; undefined when it is no encoded name. */
export function clusterOfSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** State channel of the clusters that the identity may see: key = cluster name, value = {@link ClusterInfo}. */
export const clustersChannel = 'clusters';

/** What a cluster is doing, as the dashboard shows it. */
export interface ClusterInfo {
  readonly name: string;
  /** `unknown` until it was asked for the first time. */
  readonly state: 'unknown' | 'ready' | 'unreachable' | 'unauthorized';
  /** `gitVersion` of `/version`, when it answered. */
  readonly version?: string | undefined;
  /** Why it is not ready, in a sentence. */
  readonly message?: string | undefined;
  readonly isDemo?: boolean | undefined;
  /** The user brought it, and nobody else sees it. */
  readonly isOwn?: boolean | undefined;
  /** Milliseconds since 1970 of the last change of `state`. */
  readonly since: number;
}

/** Parameters of the channel. Everything else of a watch (bookmarks, timeouts, resume) is the gateway's. */
export interface KubeChannelParams {
  /** Path of the collection, `/api/v1/namespaces/default/pods`. */
  readonly path: string;
  /** Requirements sorted and each once, as `fieldSelector`'s: the gateway takes one spelling of each query. */
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Left out for whole objects. */
  readonly projection?: 'metadata' | 'table' | undefined;
}

/**
 * What the channel publishes. `events` holds watch events byte for byte as the cluster sent them, in order; the
 * publication's position is the last one's resourceVersion. `error` and `state` are published without a position, so that
 * who resumes after an event gets what was said since; `bookmark` and `gone` with their own.
 */
export type KubePublication =
  | { readonly events: readonly unknown[] }
  /** Columns of a `table` projection: before its first events, when they changed, and for who joins late. No position. */
  | { readonly columns: readonly TableColumnDefinition[] }
  /** Nothing changed up to this resourceVersion. */
  | { readonly bookmark: string }
  /** What lay between is lost: list again at no resourceVersion, then replace the store. Events go on after it. */
  | { readonly gone: string }
  /** The upstream failed; `terminal` when the cluster refuses it by rule (401, 403, 404): the subscription ends with it. */
  | {
      readonly error: {
        readonly code: number;
        readonly reason?: string | undefined;
        readonly message: string;
        readonly terminal: boolean;
      };
    }
  /** Whether the upstream watch is open. */
  | { readonly state: 'live' | 'reconnecting' };
