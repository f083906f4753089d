import type { Projection } from '../protocol/resource.ts';
import type { Impersonation } from './cluster-http.ts';

/** What an upstream watches, and as whom. */
export interface UpstreamTarget {
  readonly path: string;
  readonly labelSelector: string | undefined;
  readonly fieldSelector: string | undefined;
  readonly projection: Projection;
  readonly impersonate: Impersonation | undefined;
}

/** API servers end a watch by themselves after 30 to 60 min; a client that says less spreads its own. */
const minTimeoutSeconds = 300;
const timeoutSpreadSeconds = 300;

/** A watch that should have ended by itself is cut after so much more. */
export const overdueMs = 30_000;

/** Kubernetes documentation, API concepts, § Receiving resources as Tables and § Metadata-only fetches. */
const acceptOf: Readonly<Record<Projection, string>> = {
  full: 'application/json',
  metadata: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
  table: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
};
/** Of a list its position alone is read: metadata is the least, and a typed list has its own in front. */
const acceptOfProbes = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';

/** A random number of seconds from 300 to 600. */
export function watchTimeoutSeconds(random: number): number {
  return minTimeoutSeconds + Math.floor(random * (timeoutSpreadSeconds + 1));
}

/** Path and headers of a watch. */
export function watchRequest(
  target: UpstreamTarget,
  resourceVersion: string,
  timeoutSeconds: number,
): { readonly path: string; readonly headers: Readonly<Record<string, string>> } {
  const query = selectors(target);
  query.set('watch', 'true');
  query.set('resourceVersion', resourceVersion);
  query.set('allowWatchBookmarks', 'true');
  query.set('timeoutSeconds', String(timeoutSeconds));
  return { path: `${target.path}?${query.toString()}`, headers: { accept: acceptOf[target.projection] } };
}

/** Path and headers of a list of one object, which tells where the cluster is. */
export function probeListRequest(target: UpstreamTarget): {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const query = selectors(target);
  query.set('limit', '1');
  return { path: `${target.path}?${query.toString()}`, headers: { accept: acceptOfProbes } };
}

function selectors({ labelSelector, fieldSelector }: UpstreamTarget): URLSearchParams {
  const query = new URLSearchParams();
  if (labelSelector !== undefined) query.set('labelSelector', labelSelector);
  if (fieldSelector !== undefined) query.set('fieldSelector', fieldSelector);
  return query;
}
