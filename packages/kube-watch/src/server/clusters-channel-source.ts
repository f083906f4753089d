import type { ChannelSource, FeedSink, Identity } from '@fleetwire/websocket-core/server';
import { clustersChannel, type ClusterInfo } from '../protocol/channel.ts';
import type { KubeGatewayOptions } from './types.ts';

/** The channel `clusters`: what the clusters of an organisation are doing. */
export interface ClustersChannel<I extends Identity> extends ChannelSource<I> {
  /** Something changed in some cluster. */
  publish(): void;
}

/** Creates the channel; `clustersOf` is asked at each change. */
export function createClustersChannel<I extends Identity>(
  can: KubeGatewayOptions<I>['can'],
  clustersOf: (orgId: string) => readonly ClusterInfo[],
): ClustersChannel<I> {
  const feeds = new Map<FeedSink, string>();
  const fill = (sink: FeedSink, orgId: string): void => {
    sink.replace(clustersOf(orgId).map((info) => ({ key: info.name, value: info })));
  };
  return {
    pattern: clustersChannel,
    class: 'state',
    authorize({ identity, params }) {
      if (Object.keys(params).length > 0) return { denied: 'BAD_REQUEST', reason: 'params: expected none' };
      if (!can(identity, 'kube.read')) return { denied: 'FORBIDDEN', reason: 'clusters need the permission kube.read' };
      return { scopeKey: identity.orgId };
    },
    open({ scopeKey }, sink) {
      feeds.set(sink, scopeKey);
      fill(sink, scopeKey);
      return { dispose: () => feeds.delete(sink) };
    },
    publish() {
      for (const [sink, orgId] of feeds) fill(sink, orgId);
    },
  };
}
