import { lazy, Suspense, useMemo, useRef, type ReactElement } from 'react';
import { Button, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ClusterInfo } from '@fleetwire/kube-watch';
import { useObjectCount } from '../../kube/use-object-count.ts';
import { clusterTone, useClusters } from '../../live/use-clusters.ts';
import { ChannelFailure, ChannelNotice, isStale } from '../../ui/ChannelNotice.tsx';
import { formatAgo, formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/icons.tsx';
import { StateView } from '../../ui/StateViews.tsx';
import { useNow } from '../../ui/use-now.ts';
import './own/own.css';
import { clusterCards } from './own/cluster-cards.ts';
import type { OwnCluster } from './own/own-clusters-api.ts';
import { OwnClusterMenu } from './own/OwnClusterMenu.tsx';
import { useOwnClusters } from './own/use-own-clusters.ts';

const AddKubeconfigDialog = lazy(async () => ({
  default: (await import('./own/AddKubeconfigDialog.tsx')).AddKubeconfigDialog,
}));

const route = getRouteApi('/frame/clusters');

/** Every cluster that the user may see, and how it is; those of their own are brought, renamed and removed here. */
export function ClustersPage(): ReactElement {
  const { view, clusters } = useClusters();
  const own = useOwnClusters(clusters);
  const { add } = route.useSearch();
  const navigate = route.useNavigate();
  const cards = useMemo(
    () => (clusters === undefined ? undefined : clusterCards(clusters, own?.items ?? [])),
    [clusters, own],
  );
  const taken = useMemo(() => new Set(cards?.map(({ name }) => name)), [cards]);
  const canAdd = own?.isEnabled !== false;
  const addRef = useRef<HTMLButtonElement>(null);
  const titleRef = useRef<HTMLHeadingElement>(null);
  const onRemoved = (): void => {
    (addRef.current ?? titleRef.current)?.focus();
  };
  const openDialog = (): void => {
    void navigate({ search: { add: 'kubeconfig' } });
  };
  return (
    <>
      <title>Clusters · Fleetwire</title>
      <Group gap="sm" align="center">
        <Title order={1} size="h2" ref={titleRef} tabIndex={-1}>
          Clusters
        </Title>
        <Text c="dimmed" className="fw-numbers" data-testid="count">
          {cards?.length}
        </Text>
        <ChannelNotice view={view} />
        {view.status === 'failed' || !canAdd ? null : (
          <Button
            ref={addRef}
            ml="auto"
            variant="default"
            leftSection={<Icon name="plus" size={16} />}
            onClick={openDialog}
          >
            Add kubeconfig
          </Button>
        )}
      </Group>
      {view.status === 'failed' ? (
        <ChannelFailure view={view} />
      ) : cards?.length === 0 ? (
        <div className="fw-card">
          <StateView
            kind="empty"
            icon="clusters"
            title="There is no cluster"
            action={canAdd ? { label: 'Add a kubeconfig of yours', run: openDialog } : undefined}
          >
            The server reads those of the organisation from its kubeconfig. Start it with <code>--demo on</code> to look
            around in a made-up one.
          </StateView>
        </div>
      ) : (
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md" data-testid="clusters">
          {cards === undefined ? (
            <LoadingCards />
          ) : (
            cards.map((card) =>
              card.kind === 'unusable' ? (
                <UnusableCard
                  key={card.own.id}
                  cluster={card.own}
                  reason={card.reason}
                  taken={taken}
                  onRemoved={onRemoved}
                />
              ) : (
                <ClusterCard
                  key={card.name}
                  cluster={card.info}
                  own={card.own}
                  taken={taken}
                  stale={isStale(view)}
                  onRemoved={onRemoved}
                />
              ),
            )
          )}
        </SimpleGrid>
      )}
      <Suspense>
        {add === 'kubeconfig' && view.status !== 'failed' ? (
          <AddKubeconfigDialog
            taken={taken}
            isEnabled={canAdd}
            onClose={() => {
              void navigate({ search: {}, replace: true });
              addRef.current?.focus();
            }}
          />
        ) : null}
      </Suspense>
    </>
  );
}

function ClusterCard(props: {
  readonly cluster: ClusterInfo;
  /** What the user brought, once it is known. */
  readonly own: OwnCluster | undefined;
  readonly taken: ReadonlySet<string>;
  readonly stale: boolean;
  readonly onRemoved: () => void;
}): ReactElement {
  const { cluster, own, taken, stale, onRemoved } = props;
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
        {cluster.isOwn === true ? <YoursTag /> : null}
        {own === undefined ? null : <OwnClusterMenu cluster={own} taken={taken} onRemoved={onRemoved} />}
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

/** A cluster of the user that nothing can be asked of. */
function UnusableCard(props: {
  readonly cluster: OwnCluster;
  readonly reason: string;
  readonly taken: ReadonlySet<string>;
  readonly onRemoved: () => void;
}): ReactElement {
  const { cluster, reason, taken, onRemoved } = props;
  return (
    <section className="fw-card fw-cluster" data-unusable="true" data-testid={`unusable-${cluster.name}`}>
      <Group gap={10} wrap="nowrap">
        <Text component="h2" fw={620} m={0} truncate>
          {cluster.name}
        </Text>
        <YoursTag />
        <OwnClusterMenu cluster={cluster} taken={taken} onRemoved={onRemoved} />
      </Group>
      <Group gap={8} mt={8} className="fw-state-line" data-tone="bad">
        <span className="fw-dot" aria-hidden="true" />
        <Text size="sm">Cannot be used</Text>
      </Group>
      <Text size="sm" mt={8} className="fw-reason">
        {reason}
      </Text>
      <Text size="sm" c="dimmed" mt={6} className="fw-origin">
        {cluster.server}
      </Text>
    </section>
  );
}

function YoursTag(): ReactElement {
  return (
    <span className="fw-tag" title="Only you see it">
      yours
    </span>
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
