import type { ReactElement } from 'react';
import { Text, Title } from '@mantine/core';
import type { KubeObjectListResult } from '@fleetwire/kube-watch/react';
import { timesOf } from '../../kube/core-event.ts';
import { kindOfObject } from '../../kube/kind-of-object.ts';
import { LoadingRows } from '../../ui/StateViews.tsx';
import { FleetItem } from './FleetItem.tsx';
import { newestWarnings, type Warning } from './newest-warnings.ts';

/** As many as the server's own events beside them. */
const shown = 12;

/** What the clusters warn of, as it happens, the newest first. */
export function WarningFeed({ list }: { readonly list: KubeObjectListResult }): ReactElement {
  const newest = newestWarnings(list.items, shown);
  const [error] = list.errors;
  return (
    <section className="fw-card" data-stale={list.isStale} data-testid="warnings">
      <Title order={2} size="h5" mb={6}>
        Warnings of the clusters
      </Title>
      {newest.length > 0 ? (
        <ul className="fw-events fw-troubles">
          {newest.map((warning) => (
            <WarningItem key={`${warning.cluster}\n${warning.event.metadata.uid}`} {...warning} />
          ))}
        </ul>
      ) : list.isLoading ? (
        <LoadingRows rows={4} label="Loading warnings" />
      ) : (
        <Text c="dimmed" size="sm">
          {error === undefined ? 'No cluster has warned of anything in the last hour or so.' : error.message}
        </Text>
      )}
      {list.isPartial ? (
        <Text c="dimmed" size="sm" mt={8}>
          There are more than are looked at; newer ones may be missing.
        </Text>
      ) : null}
    </section>
  );
}

function WarningItem({ cluster, event, at }: Warning): ReactElement {
  const { involvedObject, reason, message } = event;
  const times = timesOf(event);
  return (
    <FleetItem
      tone="busy"
      cluster={cluster}
      resource={kindOfObject(involvedObject?.apiVersion, involvedObject?.kind)}
      kind={involvedObject?.kind}
      namespace={involvedObject?.namespace}
      name={involvedObject?.name}
      reason={reason}
      remarks={[message, times === 1 ? undefined : `${String(times)} times`]}
      at={at}
    />
  );
}
