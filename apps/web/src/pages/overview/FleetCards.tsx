import type { ReactElement } from 'react';
import { SimpleGrid } from '@mantine/core';
import type { ClusterInfo } from '@fleetwire/kube-watch';
import { clusterTone } from '../../live/use-clusters.ts';
import { StatCard, type Share } from './StatCard.tsx';
import type { Fleet } from './use-fleet.ts';

/** Clusters, nodes, pods and what is in trouble, in numbers. */
export function FleetCards({
  clusters,
  areClustersStale,
  fleet,
}: {
  readonly clusters: readonly ClusterInfo[];
  readonly areClustersStale: boolean;
  readonly fleet: Fleet;
}): ReactElement {
  const { nodes, phases, arePhasesCut, troubled, unseen, isLooking, targets } = fleet;
  const isStale = areClustersStale || targets.some((target) => target.isStale);
  const notReady = nodes.list.items.length - nodes.ready;
  const pods = (label: string, count: number | undefined, tone: Share['tone'], phase: string): Share => ({
    label,
    count,
    tone,
    search: { resource: 'v1/pods', fields: `status.phase=${phase}` },
  });
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing={{ base: 'xs', sm: 'md' }} data-testid="fleet">
      <StatCard
        title="Clusters"
        name="fleet-clusters"
        value={clusters.length}
        isStale={areClustersStale}
        shares={sharesOfClusters(clusters)}
      />
      <StatCard
        title="Nodes"
        name="fleet-nodes"
        value={nodes.list.isLoading ? undefined : nodes.list.items.length}
        isStale={nodes.list.isStale}
        shares={[
          { label: 'ready', count: nodes.ready, tone: 'good', search: { resource: 'v1/nodes' } },
          { label: 'not ready', count: notReady, tone: 'bad', search: { resource: 'v1/nodes', sort: 'status' } },
        ]}
      />
      <StatCard
        title="Pods"
        name="fleet-pods"
        value={phases.total}
        isStale={isStale}
        remark={arePhasesCut ? 'There are more that have ended than are counted apart.' : undefined}
        shares={[
          pods('running', phases.running, 'good', 'Running'),
          pods('pending', phases.pending, 'busy', 'Pending'),
          pods('failed', phases.failed, 'bad', 'Failed'),
          pods('unknown', phases.unknown, 'bad', 'Unknown'),
          pods('succeeded', phases.succeeded, 'good', 'Succeeded'),
        ]}
      />
      <StatCard
        title="In trouble"
        name="fleet-trouble"
        value={isLooking && troubled.length === 0 ? undefined : troubled.length}
        isStale={isStale}
        shares={[
          ...kindNames.map(([kind, name]) => {
            const count = troubled.filter((each) => each.kind === kind).length;
            return { label: count === 1 ? name : `${name}s`, count, tone: 'bad' as const };
          }),
          { label: 'not known', count: unseen, tone: 'busy' },
        ]}
      />
    </SimpleGrid>
  );
}

function sharesOfClusters(clusters: readonly ClusterInfo[]): readonly Share[] {
  const shares = new Map<string, Share>();
  for (const cluster of clusters) {
    const { tone, label } = clusterTone(cluster);
    shares.set(label, { label: label.toLowerCase(), tone, count: (shares.get(label)?.count ?? 0) + 1 });
  }
  return [...shares.values()].sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone));
}

const order: readonly Share['tone'][] = ['good', 'busy', 'bad'];

const kindNames = [
  ['pod', 'pod'],
  ['deployment', 'deployment'],
  ['statefulSet', 'stateful set'],
  ['daemonSet', 'daemon set'],
  ['job', 'job'],
  ['node', 'node'],
] as const;
