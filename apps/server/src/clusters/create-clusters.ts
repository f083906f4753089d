import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  createKubeconfigClusters,
  createKubeGateway,
  createStaticClusters,
  type ClusterSource,
  type KubeGateway,
} from '@fleetwire/kube-watch/server';
import { can } from '../access/permissions.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import type { PartContext, ServerPart } from '../parts.ts';
import { createClusterMount } from './cluster-mount.ts';
import { createClusterOwners, firstOrganisation } from './cluster-owners.ts';
import { startDemoCluster } from './demo-cluster.ts';
import { createImpersonation } from './impersonation.ts';

/** The clusters of the server: their channels, their APIs below `/clusters/{name}/`, and who has which. */
export interface ClustersPart extends ServerPart {
  readonly gateway: KubeGateway<UserIdentity>;
}

/** Opens the clusters of the kubeconfigs, or of the pod's own service account; the demo cluster where there are none. */
export async function createClusters(context: PartContext): Promise<ClustersPart> {
  const { config, organisations, audit, identityOf, isOwnOrigin, isAlive, logger } = context;
  const owners = createClusterOwners(config.clusters, organisations, logger);
  const paths = findKubeconfigs(config.kubeconfig);
  const isInCluster = paths.length === 0 && (process.env['KUBERNETES_SERVICE_HOST'] ?? '') !== '';
  const hasOwn = paths.length > 0 || isInCluster;
  const demo = config.demo === 'on' || (config.demo === 'auto' && !hasOwn) ? await startDemoCluster() : undefined;
  try {
    const sources: ClusterSource[] = [];
    if (demo !== undefined) sources.push(createStaticClusters([demo.definition]));
    if (hasOwn) {
      const runsAs = (cluster: string) => config.clusters[cluster]?.identity ?? 'shared';
      sources.push(await createKubeconfigClusters({ paths, orgsOf: () => [], identityOf: runsAs, logger }));
    }
    const source = owners.own(joinSources(sources));
    const gateway = createKubeGateway<UserIdentity>({
      clusters: source,
      can,
      impersonation: createImpersonation(organisations),
      confinedTo: (identity, cluster) => owners.confinedTo(identity, cluster),
      logger,
    });
    const mount = createClusterMount({ gateway, identityOf, isOwnOrigin, isAlive, audit, logger });
    return {
      name: 'clusters',
      gateway,
      channels: gateway.channels,
      handleRequest: mount.handleRequest,
      handleUpgrade: mount.handleUpgrade,
      accessChanged: mount.accessChanged,
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

/** What `KUBECONFIG` names, whether it is there yet or not; else the default path if it is there. */
function findKubeconfigs(named: readonly string[]): readonly string[] {
  if (named.length > 0) return named;
  const path = join(homedir(), '.kube', 'config');
  return existsSync(path) ? [path] : [];
}

/** Several sources as one; of two clusters of one name the first counts. */
function joinSources(sources: readonly ClusterSource[]): ClusterSource {
  return {
    get clusters() {
      const all = sources.flatMap((source) => source.clusters);
      return all.filter(({ name }, index) => all.findIndex((each) => each.name === name) === index);
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
