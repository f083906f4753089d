import {
  createKubeconfigClusters,
  createKubeGateway,
  createStaticClusters,
  type ClusterDefinition,
  type ClusterSource,
  type KubeGateway,
} from '@fleetwire/kube-watch/server';
import { firstOrganisation } from '../access/organisations.ts';
import { can } from '../access/permissions.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import { createOwnClusterRoutes } from '../api/own-cluster-routes.ts';
import type { PartContext, ServerPart } from '../parts.ts';
import { auditRecordOf } from './cluster-audit.ts';
import { createClusterMount } from './cluster-mount.ts';
import { createClusterOwners } from './cluster-owners.ts';
import { createOwnClusters } from './create-own-clusters.ts';
import { startDemoCluster } from './demo-cluster.ts';
import { findKubeconfigs, hasOwnClusters, isDemoOn } from './find-clusters.ts';
import { createImpersonation } from './impersonation.ts';
import { createLoopGuard } from './loop-guard.ts';

/** The clusters of the server: their channels, their APIs below `/clusters/{name}/`, and who has which. */
export interface ClustersPart extends ServerPart {
  readonly gateway: KubeGateway<UserIdentity>;
}

/** Opens the clusters of the kubeconfigs, or of the pod's own service account; the demo cluster where there are none. */
export async function createClusters(context: PartContext): Promise<ClustersPart> {
  const { config, organisations, audit, identityOf, isOwnOrigin, isAlive, logger } = context;
  const owners = createClusterOwners(config.clusters, organisations, logger);
  const paths = findKubeconfigs(config.kubeconfig);
  const demo = isDemoOn(config) ? await startDemoCluster() : undefined;
  try {
    const sources: ClusterSource[] = [];
    if (demo !== undefined) sources.push(createStaticClusters([demo.definition]));
    if (hasOwnClusters(config)) {
      const runsAs = (cluster: string) => config.clusters[cluster]?.identity ?? 'shared';
      sources.push(await createKubeconfigClusters({ paths, orgsOf: () => [], identityOf: runsAs, logger }));
    }
    const loopGuard = createLoopGuard();
    const ownClusters = await createOwnClusters(context, {
      sharedNames: (orgId) => gateway.clustersOf({ orgId }).map(({ name }) => name),
      via: loopGuard.via,
    });
    const source = joinSources([owners.own(joinSources(sources)), ownClusters.source]);
    const gateway = createKubeGateway<UserIdentity>({
      clusters: source,
      can,
      impersonation: createImpersonation(organisations),
      confinedTo: (identity, cluster) => owners.confinedTo(identity, cluster),
      onGranted: (granted) => {
        const isOwn = gateway.find(granted.identity, granted.cluster)?.isOwn === true;
        const entry = auditRecordOf({ ...granted, isOwn }, granted.action);
        return entry === undefined ? undefined : audit.record(entry.record);
      },
      logger,
    });
    const mount = createClusterMount({ gateway, loopGuard, identityOf, isOwnOrigin, isAlive, audit, logger });
    return {
      name: 'clusters',
      gateway,
      channels: gateway.channels,
      routes: createOwnClusterRoutes(ownClusters),
      handleRequest: mount.handleRequest,
      handleUpgrade: mount.handleUpgrade,
      accessChanged(selector) {
        mount.accessChanged(selector);
        const { orgId, userId, jti } = selector;
        if (orgId === undefined || userId === undefined || jti !== undefined) return;
        // Who has left has none any more.
        void ownClusters.reload({ orgId, userId });
      },
      clustersOf: (viewer) => gateway.clustersOf(viewer),
      // A cluster that is away is told by its own page; the server serves all the same.
      readiness: () => ({ ok: true, ...countStates(gateway, organisations.idOf(firstOrganisation)) }),
      async dispose() {
        await gateway.dispose();
        source.dispose();
        await demo?.dispose();
      },
    };
  } catch (error) {
    await demo?.dispose();
    throw error;
  }
}

/** Several sources as one; of two clusters of one name and one owner the first counts. */
function joinSources(sources: readonly ClusterSource[]): ClusterSource {
  return {
    get clusters() {
      const byName = new Map<string, ClusterDefinition>();
      for (const definition of sources.flatMap(({ clusters }) => clusters)) {
        const { name, owner } = definition;
        const key = JSON.stringify([name, owner?.orgId, owner?.userId]);
        if (!byName.has(key)) byName.set(key, definition);
      }
      return [...byName.values()];
    },
    onChange(listener) {
      const undo = sources.map((source) => source.onChange(listener));
      return () => {
        for (const each of undo) each();
      };
    },
    dispose() {
      for (const source of sources) source.dispose();
    },
  };
}

function countStates(gateway: KubeGateway<UserIdentity>, orgId: string | undefined): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { state } of orgId === undefined ? [] : gateway.clustersOf({ orgId }))
    counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
