import type { KubeObject } from '@fleetwire/kube-watch';

/** An Event of the core group (Kubernetes API reference, Event v1 core). */
export interface CoreEvent extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
  readonly involvedObject?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
}

/** When it happened last (RFC 3339); recorders of different age write different fields. */
export function lastSeenOf({ series, lastTimestamp, eventTime, firstTimestamp, metadata }: CoreEvent): string {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp ?? '';
}

/** How often it happened. */
export function timesOf({ series, count }: CoreEvent): number {
  return series?.count ?? count ?? 1;
}
