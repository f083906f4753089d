import type { IncomingMessage } from 'node:http';
import type { Identity } from '@fleetwire/websocket-core/server';
import { ClusterRegistry } from './cluster-registry.ts';
import { createClustersChannel } from './clusters-channel-source.ts';
import { KubeChannelSource } from './kube-channel-source.ts';
import { OpenExchanges } from './open-exchanges.ts';
import { admit } from './proxy-admission.ts';
import { proxyHttp } from './proxy-http.ts';
import { proxyUpgrade } from './proxy-upgrade.ts';
import { refuseWithStatus, respondWithStatus, type ProxyFailure } from './status-response.ts';
import { defaultTimings } from './timings.ts';
import type { KubeGateway, KubeGatewayOptions } from './types.ts';

const tooMany: ProxyFailure = { code: 429, message: 'too many requests of this user are under way' };

/**
 * Creates the gateway: channels of multiplexed watches and the proxy to the clusters' APIs. It begins to probe the
 * clusters at once and follows their source; `dispose` does not dispose the source.
 */
export function createKubeGateway<I extends Identity>(options: KubeGatewayOptions<I>): KubeGateway<I> {
  const { logger, can } = options;
  const timings = { ...defaultTimings, ...options.timings };
  const random = options.random ?? Math.random;
  const counts = { dials: 0, events: 0, eventBytes: 0, proxiedRequests: 0 };

  const kubeChannel = new KubeChannelSource<I>({
    policy: options,
    registry: () => registry,
    timings,
    random,
    logger,
    onEvents: (count, bytes) => {
      counts.events += count;
      counts.eventBytes += bytes;
    },
  });
  const clustersChannel = createClustersChannel<I>({
    can,
    clustersOf: (user) => registry.of(user).map(({ info }) => info),
    onOpen: (user) => {
      for (const cluster of registry.of(user)) cluster.wake();
    },
  });
  const exchanges = new OpenExchanges();
  const registry: ClusterRegistry = new ClusterRegistry({
    source: options.clusters,
    runtime: {
      timings,
      random,
      now: options.now ?? Date.now,
      logger,
      onDial: () => {
        counts.dials += 1;
      },
    },
    onChange: (change) => {
      kubeChannel.changed(change);
      exchanges.cut(({ cluster, orgId, userId }) => {
        const { name } = cluster.definition;
        if (name !== change.name) return false;
        if (registry.find({ orgId, userId }, name) !== cluster) return true;
        return change.kind === 'other-identity' && change.runtime === cluster;
      });
    },
    onInfo: (owner) => {
      clustersChannel.publish(owner);
    },
    isWatching: (user) => clustersChannel.isOpenFor(user),
  });

  /** What may go to the cluster; a policy that fails lets nothing through. */
  const admission = (request: IncomingMessage, identity: I, cluster: string, path: string, isUpgrade: boolean) => {
    counts.proxiedRequests += 1;
    try {
      return admit(options, registry, { message: request, identity, cluster, path, isUpgrade });
    } catch (error) {
      const { orgId, userId } = identity;
      logger.error({ cluster, orgId, userId, err: error }, 'a request could not be checked');
      return { code: 500, message: 'the permission could not be checked' } as const;
    }
  };

  return {
    channels: [kubeChannel, clustersChannel],
    get stats() {
      return { ...counts, upstreams: kubeChannel.upstreams, openBreakers: registry.openBreakers };
    },
    clustersOf(viewer) {
      return registry.of(viewer).map((cluster) => {
        // Counts as a use.
        cluster.hold()();
        return cluster.info;
      });
    },
    find(viewer, name) {
      const cluster = registry.find(viewer, name);
      return cluster === undefined ? undefined : { isOwn: cluster.definition.owner !== undefined };
    },
    handleRequest(request, response, identity, cluster, path) {
      // Gone while it was authenticated: there will be no `close` to forget it by.
      if (response.destroyed) return;
      const admitted = admission(request, identity, cluster, path, false);
      if ('code' in admitted) return respondWithStatus(response, admitted);
      const cut = (): void => void response.destroy();
      const { orgId, userId } = identity;
      const undo = exchanges.add({ cluster: admitted.cluster, orgId, userId, cut });
      if (undo === undefined) return respondWithStatus(response, tooMany);
      response.once('close', undo);
      void proxyHttp(admitted, request, response, timings);
    },
    handleUpgrade(request, socket, head, identity, cluster, path) {
      socket.on('error', () => socket.destroy());
      if (socket.destroyed) return;
      const admitted = admission(request, identity, cluster, path, true);
      if ('code' in admitted) return refuseWithStatus(socket, admitted);
      const cut = (): void => void socket.destroy();
      const { orgId, userId } = identity;
      const undo = exchanges.add({ cluster: admitted.cluster, orgId, userId, cut });
      if (undo === undefined) return refuseWithStatus(socket, tooMany);
      socket.once('close', undo);
      void proxyUpgrade(admitted, request, socket, head, timings);
    },
    async dispose() {
      kubeChannel.dispose();
      exchanges.cut(() => true);
      registry.dispose();
    },
  };
}
