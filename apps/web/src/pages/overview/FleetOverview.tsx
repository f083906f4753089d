import { useState, type ReactElement, type ReactNode } from 'react';
import { SimpleGrid } from '@mantine/core';
import { useClusters } from '../../live/use-clusters.ts';
import { usePermission } from '../../live/use-permissions.ts';
import { ChannelFailure, isStale } from '../../ui/ChannelNotice.tsx';
import { LoadingRows, StateView } from '../../ui/StateViews.tsx';
import { createAskedClusters } from './asked-clusters.ts';
import { FleetCards } from './FleetCards.tsx';
import { TroubleList } from './TroubleList.tsx';
import { useFleet, type Fleet } from './use-fleet.ts';
import { WarningFeed } from './WarningFeed.tsx';

/** The clusters and what is wrong in them, and `children`, the server's own events, beside their warnings. */
export function FleetOverview({ children }: { readonly children: ReactNode }): ReactElement {
  const { view, clusters } = useClusters();
  const mayRead = usePermission('kube.read');
  const seen = (mayRead && view.status !== 'failed' ? clusters : undefined) ?? [];
  const [part] = useState(createAskedClusters);
  const { asked, others } = part(seen);
  const answering = seen.flatMap(({ name, state }) => (state === 'ready' ? [name] : []));
  const askedFleet = useFleet(asked, answering);
  const fleet: Fleet = {
    ...askedFleet,
    isLooking: askedFleet.isLooking || others.some(({ error }) => error === undefined),
    targets: [...askedFleet.targets, ...others],
  };
  if (seen.length > 0) {
    return (
      <>
        <FleetCards clusters={seen} areClustersStale={isStale(view)} fleet={fleet} />
        <TroubleList fleet={fleet} />
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <WarningFeed list={fleet.warnings} />
          {children}
        </SimpleGrid>
      </>
    );
  }
  return (
    <>
      {mayRead && view.status === 'failed' ? (
        <ChannelFailure view={view} />
      ) : (
        <section className="fw-card" aria-label="Clusters">
          {!mayRead ? (
            <StateView kind="denied" title="You may not see the clusters">
              Your role does not let you read them. Whoever administers this server can give it to you.
            </StateView>
          ) : clusters === undefined ? (
            <LoadingRows rows={4} label="Loading the clusters" />
          ) : (
            <StateView kind="empty" icon="clusters" title="There is no cluster">
              The server reads them from its kubeconfig. Start it with <code>--demo on</code> to look around in a
              made-up one.
            </StateView>
          )}
        </section>
      )}
      {children}
    </>
  );
}
