import type { ChannelSource, FeedSink, Identity } from '@fleetwire/websocket-core/server';
import { clustersChannel, type ClusterInfo } from '../protocol/channel.ts';
import { ownerKey } from './tenancy.ts';
import type { ClusterOwner, KubeGatewayOptions } from './types.ts';

/** The channel `clusters`: what the clusters of a user and the user's organisation are doing. */
export interface ClustersChannel<I extends Identity> extends ChannelSource<I> {
  /** Something changed in some cluster: of this user, or of any when none is named. */
  publish(owner?: ClusterOwner): void;
  /** Whether the user has the channel open. */
  isOpenFor(user: ClusterOwner): boolean;
}

/** What the channel needs of its gateway. */
export interface ClustersChannelOptions<I extends Identity> {
  readonly can: KubeGatewayOptions<I>['can'];
  /** Asked at each change. */
  readonly clustersOf: (user: ClusterOwner) => readonly ClusterInfo[];
  /** A user has opened the channel. */
  readonly onOpen: (user: ClusterOwner) => void;
}

/** Creates the channel; users share nothing of it, since each may have clusters that no other sees. */
export function createClustersChannel<I extends Identity>(options: ClustersChannelOptions<I>): ClustersChannel<I> {
  const { can, clustersOf, onOpen } = options;
  const feeds = new Map<string, Map<FeedSink, ClusterOwner>>();
  const fill = (sink: FeedSink, user: ClusterOwner): void => {
    sink.replace(clustersOf(user).map((info) => ({ key: info.name, value: info })));
  };
  return {
    pattern: clustersChannel,
    class: 'state',
    authorize({ identity, params }) {
      if (Object.keys(params).length > 0) return { denied: 'BAD_REQUEST', reason: 'params: expected none' };
      if (!can(identity, 'kube.read')) return { denied: 'FORBIDDEN', reason: 'clusters need the permission kube.read' };
      return { scopeKey: ownerKey(identity) };
    },
    open({ scopeKey }, sink) {
      const [orgId, userId] = JSON.parse(scopeKey) as [string, string];
      const user = { orgId, userId };
      const sinks = feeds.get(scopeKey) ?? new Map<FeedSink, ClusterOwner>();
      feeds.set(scopeKey, sinks.set(sink, user));
      fill(sink, user);
      onOpen(user);
      return {
        dispose: () => {
          sinks.delete(sink);
          if (sinks.size === 0 && feeds.get(scopeKey) === sinks) feeds.delete(scopeKey);
        },
      };
    },
    publish(owner) {
      const changed = owner === undefined ? [...feeds.values()] : [feeds.get(ownerKey(owner)) ?? []];
      for (const sinks of changed) for (const [sink, user] of sinks) fill(sink, user);
    },
    isOpenFor: (user) => feeds.has(ownerKey(user)),
  };
}
