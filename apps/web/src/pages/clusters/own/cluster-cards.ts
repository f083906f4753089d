import type { ClusterInfo } from '@fleetwire/kube-watch';
import type { OwnCluster } from './own-clusters-api.ts';

/** A card of the page of clusters; two have one name where the organisation's hides the user's. */
export type ClusterCard =
  | {
      readonly kind: 'cluster';
      readonly name: string;
      readonly info: ClusterInfo;
      readonly own: OwnCluster | undefined;
    }
  /** Brought by the user, and not to be used. */
  | { readonly kind: 'unusable'; readonly name: string; readonly own: OwnCluster; readonly reason: string };

/** What is to be shown of the clusters that the channel has and of those that the user brought, by name. */
export function clusterCards(infos: readonly ClusterInfo[], own: readonly OwnCluster[]): readonly ClusterCard[] {
  const ownByName = new Map(own.map((cluster) => [cluster.name, cluster]));
  const cards = infos.flatMap((info): ClusterCard[] => {
    const cluster = info.isOwn === true ? ownByName.get(info.name) : undefined;
    return cluster?.problem === undefined ? [{ kind: 'cluster', name: info.name, info, own: cluster }] : [];
  });
  for (const cluster of own) {
    const { name, problem: reason } = cluster;
    // One without a problem is there by the channel, or on its way.
    if (reason !== undefined) cards.push({ kind: 'unusable', name, own: cluster, reason });
  }
  return cards.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}
