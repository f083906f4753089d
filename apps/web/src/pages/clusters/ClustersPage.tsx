import type { ReactElement } from 'react';
import { Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ClusterInfo } from '@fleetwire/kube-watch';
import { useObjectCount } from '../../kube/use-object-count.ts';
import { clusterTone, useClusters } from '../../live/use-clusters.ts';
import { ChannelFailure, ChannelNotice, isStale } from '../../ui/ChannelNotice.tsx';
import { formatAgo, formatCount } from '../../ui/format.ts';
import { StateView } from '../../ui/StateViews.tsx';
import { useNow } from '../../ui/use-now.ts';

/** Every cluster that the user may see, and how it is. */
export function ClustersPage(): ReactElement {
  const { view, clusters } = useClusters();
  return (
    <>
      <title>Clusters · Fleetwire</title>
      <Group gap="sm" align="center">
        <Title order={1} size="h2">
          Clusters
        </Title>
        <Text c="dimmed" className="fw-numbers" data-testid="count">
          {clusters?.length}
        </Text>
        <ChannelNotice view={view} />
      </Group>
      {view.status === 'failed' ? (
        <ChannelFailure view={view} />
      ) : clusters?.length === 0 ? (
        <div className="fw-card">
          <StateView kind="empty" icon="clusters" title="There is no cluster">
            The server reads them from its kubeconfig. Start it with <code>--demo on</code> to look around in a made-up
            one.
          </StateView>
        </div>
      ) : (
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md" data-testid="clusters">
          {clusters === undefined ? (
            <LoadingCards />
          ) : (
            clusters.map((cluster) => <ClusterCard key={cluster.name} cluster={cluster} stale={isStale(view)} />)
          )}
        </SimpleGrid>
      )}
    </>
  );
}

function ClusterCard({ cluster, stale }: { readonly cluster: ClusterInfo; readonly stale: boolean }): ReactElement {
  const now = useNow();
  const { tone, label } = clusterTone(cluster);
  const isReady = cluster.state === 'ready';
  const nodes = useObjectCount(cluster.name, '/api/v1/nodes', isReady);
  const pods = useObjectCount(cluster.name, '/api/v1/pods', isReady);
  const counts = isReady ? [countOf(nodes, 'node'), countOf(pods, 'pod')].filter((text) => text !== '') : [];
  return (
    <section className="fw-card fw-cluster fw-numbers" data-stale={stale} data-testid={`cluster-${cluster.name}`}>
      <Group gap={10} wrap="nowrap">
        <Text component="h2" fw={620} m={0} truncate>
          <Link className="fw-cover" to="/clusters/list" search={{ resource: 'v1/pods', clusters: cluster.name }}>
            {cluster.name}
          </Link>
        </Text>
        {cluster.isDemo === true ? <span className="fw-tag">demo</span> : null}
      </Group>
      <Group gap={8} mt={8} className="fw-state-line" data-tone={tone}>
        <span className="fw-dot" aria-hidden="true" />
        <Text size="sm">{label}</Text>
        <Text size="sm" c="dimmed" title={new Date(cluster.since).toLocaleString()}>
          {formatAgo(now - cluster.since)}
        </Text>
      </Group>
      <Text size="sm" c="dimmed" mt={6}>
        {cluster.version === undefined ? 'Version unknown' : `Kubernetes ${cluster.version}`}
      </Text>
      {counts.length === 0 ? null : (
        <Text size="sm" mt={6} data-testid="counts">
          {counts.join(' · ')}
        </Text>
      )}
      {cluster.message === undefined || cluster.state === 'ready' ? null : (
        <Text size="sm" mt={8} className="fw-reason">
          {cluster.message}
        </Text>
      )}
    </section>
  );
}

function countOf(count: number | undefined, noun: string): string {
  return count === undefined ? '' : `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function LoadingCards(): ReactElement {
  return (
    <>
      {[0, 1, 2].map((each) => (
        <div className="fw-card" key={each} role="status" aria-busy="true" aria-label="Loading">
          <Stack gap={12}>
            <Skeleton height={16} width="40%" />
            <Skeleton height={12} width="60%" />
            <Skeleton height={12} width="50%" />
          </Stack>
        </div>
      ))}
    </>
  );
}
