import type { Clock } from '@fleetwire/websocket-core';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import type { ApiResource, KubeResource } from '../protocol/resource.ts';
import { discoverApiResources } from './api-discovery.ts';
import type { ClusterGates } from './cluster-gates.ts';
import type { KubeHttp } from './http.ts';

/** Resource types of clusters, asked for once each. */
export interface ApiResources {
  /** Rejects with a KubeWatchError; what failed is not remembered. */
  get(cluster: string, refresh?: boolean): Promise<readonly ApiResource[]>;
  /** What is remembered of the cluster. */
  peek(cluster: string): readonly ApiResource[] | undefined;
  /**
   * The first that the cluster has and that can be listed. A type that is not there may have come since the cluster was
   * asked, so it is asked again, though not more often than every 30 s. Rejects with a KubeWatchError, 404 when there is
   * none.
   */
  resolve(cluster: string, wanted: readonly ResourceMatch[]): Promise<ApiResource>;
}

/** A resource by its path name, or by its kind; of a kind without a version the server's preferred one. */
export type ResourceMatch =
  KubeResource | { readonly kind: string; readonly group?: string | undefined; readonly version?: string | undefined };

interface Known {
  readonly resources: readonly ApiResource[];
  readonly atMs: number;
}

/** As W9 and client-go's deferred mapper: types come rarely, and each look costs the cluster a few requests. */
const minRefreshMs = 30_000;

/** Makes the memory of one client. */
export function createApiResources(http: KubeHttp, gates: ClusterGates, clock: Clock): ApiResources {
  const known = new Map<string, Known>();
  const asking = new Map<string, Promise<readonly ApiResource[]>>();

  const ask = (cluster: string): Promise<readonly ApiResource[]> => {
    const running = asking.get(cluster);
    if (running !== undefined) return running;
    const asked = gates
      .run(cluster, () => discoverApiResources(http, cluster))
      .then((resources) => {
        known.set(cluster, { resources, atMs: clock.monotonicNow() });
        return resources;
      })
      .finally(() => {
        asking.delete(cluster);
      });
    asking.set(cluster, asked);
    return asked;
  };
  const get = async (cluster: string, refresh = false): Promise<readonly ApiResource[]> =>
    (refresh ? undefined : known.get(cluster)?.resources) ?? ask(cluster);

  return {
    get,
    peek: (cluster) => known.get(cluster)?.resources,
    async resolve(cluster, wanted) {
      const first = pick(await get(cluster), wanted);
      if (first !== undefined) return first;
      const atMs = known.get(cluster)?.atMs ?? 0;
      const again = clock.monotonicNow() - atMs >= minRefreshMs ? pick(await get(cluster, true), wanted) : undefined;
      if (again !== undefined) return again;
      const message = `${cluster} has no ${wanted.map(describe).join(' and no ')}`;
      throw createKubeWatchError({ status: 404, reason: 'NotFound', message, cluster });
    },
  };
}

function pick(resources: readonly ApiResource[], wanted: readonly ResourceMatch[]): ApiResource | undefined {
  for (const match of wanted) {
    const found = resources.filter((resource) => isMatch(resource, match));
    const best = found.find(({ isPreferred }) => isPreferred) ?? found[0];
    if (best !== undefined) return best;
  }
  return undefined;
}

function isMatch(resource: ApiResource, match: ResourceMatch): boolean {
  if (!resource.verbs.includes('list')) return false;
  if ('resource' in match) {
    const { group = '', version } = match;
    return resource.resource === match.resource && (resource.group ?? '') === group && resource.version === version;
  }
  if (resource.kind !== match.kind) return false;
  if (match.group !== undefined && (resource.group ?? '') !== match.group) return false;
  return match.version === undefined || resource.version === match.version;
}

function describe(match: ResourceMatch): string {
  const name = 'resource' in match ? match.resource : match.kind;
  return [match.group, match.version, name].filter((part) => part !== undefined && part !== '').join('/');
}
