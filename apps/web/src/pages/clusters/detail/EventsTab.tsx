import type { ReactElement } from 'react';
import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';
import { useKubeObjectList } from '@fleetwire/kube-watch/react';
import { lastSeenOf, timesOf, type CoreEvent } from '../../../kube/core-event.ts';
import { Ago } from '../../../ui/Ago.tsx';
import { DataTable } from '../../../ui/DataTable.tsx';
import { Mark } from '../../../ui/Mark.tsx';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';

const events = { version: 'v1', resource: 'events' } as const;

/** The events of one object, newest first, as they happen. */
export function EventsTab({
  cluster,
  object,
}: {
  readonly cluster: string;
  readonly object: KubeObject;
}): ReactElement {
  const { uid, namespace } = object.metadata;
  const list = useKubeObjectList<CoreEvent, readonly CoreEvent[]>({
    resource: events,
    clusters: [cluster],
    // Events of what has no namespace are in `default`.
    namespaces: [namespace ?? 'default'],
    fieldSelector: `involvedObject.uid=${uid}`,
    select: newestFirst,
  });
  const [error] = list.errors;
  if (list.isLoading) return <LoadingRows rows={4} label="Loading events" />;
  if (list.items.length === 0 && error !== undefined) {
    return (
      <StateView kind={error.status === 403 ? 'denied' : 'error'} title="Events cannot be shown">
        {error.message}
      </StateView>
    );
  }
  if (list.items.length === 0) {
    return (
      <StateView kind="empty" title="No events">
        Clusters forget events after about an hour.
      </StateView>
    );
  }
  return (
    <div className="fw-card" data-stale={list.isStale} style={{ padding: 0 }}>
      <DataTable heads={['Type', 'Reason', 'Last seen', 'Times', 'From', 'Message']} name="events">
        {list.items.map((event) => (
          <tr key={event.metadata.uid}>
            <td>
              <Mark tone={event.type === 'Warning' ? 'busy' : 'good'}>{event.type ?? ''}</Mark>
            </td>
            <td>{event.reason ?? ''}</td>
            <td>
              <Ago at={Date.parse(lastSeenOf(event))} />
            </td>
            <td>{timesOf(event)}</td>
            <td>{event.source?.component ?? event.reportingComponent ?? ''}</td>
            <td>{event.message ?? ''}</td>
          </tr>
        ))}
      </DataTable>
    </div>
  );
}

function newestFirst(items: readonly ClusterObject<CoreEvent>[]): readonly CoreEvent[] {
  return items.map(({ object }) => object).toSorted((a, b) => lastSeenOf(b).localeCompare(lastSeenOf(a)));
}
