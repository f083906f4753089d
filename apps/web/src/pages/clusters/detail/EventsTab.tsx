import type { ReactElement } from 'react';
import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';
import { useKubeObjectList } from '@fleetwire/kube-watch/react';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import { Age, Mark } from './OverviewTab.tsx';

/** An Event of the core group (Kubernetes API reference, Event v1 core). */
interface CoreEvent extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
}

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
    <div className="fw-card fw-scroll" data-stale={list.isStale} style={{ padding: 0 }}>
      <table className="fw-table fw-numbers" data-testid="events">
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col">Reason</th>
            <th scope="col">Last seen</th>
            <th scope="col">Times</th>
            <th scope="col">From</th>
            <th scope="col">Message</th>
          </tr>
        </thead>
        <tbody>
          {list.items.map((event) => (
            <tr key={event.metadata.uid}>
              <td>
                <Mark tone={event.type === 'Warning' ? 'busy' : 'good'}>{event.type ?? ''}</Mark>
              </td>
              <td>{event.reason ?? ''}</td>
              <td>
                <Age at={timeOf(event)} />
              </td>
              <td>{event.count ?? 1}</td>
              <td>{event.source?.component ?? event.reportingComponent ?? ''}</td>
              <td>{event.message ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function newestFirst(items: readonly ClusterObject<CoreEvent>[]): readonly CoreEvent[] {
  return items.map(({ object }) => object).toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)));
}

function timeOf(event: CoreEvent): string {
  const { lastTimestamp, eventTime, firstTimestamp, metadata } = event;
  return lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp ?? '';
}
