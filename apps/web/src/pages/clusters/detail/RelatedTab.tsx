import type { ReactElement } from 'react';
import { Stack, Text, Title } from '@mantine/core';
import type { KubeObject, TableColumnDefinition, TableObject } from '@fleetwire/kube-watch';
import { useApiResources, useKubeObjectList } from '@fleetwire/kube-watch/react';
import { objectParams } from '../../../kube/resource-key.ts';
import { Age } from '../../../ui/Age.tsx';
import { Mark } from '../../../ui/Mark.tsx';
import { ObjectLink } from '../../../ui/ObjectLink.tsx';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import { usePageVisible } from '../../../ui/use-page-visible.ts';
import { cellTone } from '../rows/cell-tone.ts';
import { relatedLists, resourceOfOwner, type ReadCell, type RelatedList } from './related-objects.ts';

/** What an object belongs to, and what belongs to it. */
export function RelatedTab({
  cluster,
  object,
}: {
  readonly cluster: string;
  readonly object: KubeObject;
}): ReactElement {
  const owners = object.metadata.ownerReferences ?? [];
  const lists = relatedLists(object);
  const discovery = useApiResources([cluster]);
  if (owners.length === 0 && lists.length === 0) {
    return <StateView kind="empty" title="Nothing is known to belong to it" />;
  }
  return (
    <Stack gap="md">
      {owners.length === 0 ? null : (
        <section className="fw-card">
          <Title order={2} size="h5" mb="sm">
            Belongs to
          </Title>
          <ul className="fw-related">
            {owners.map((owner) => {
              const resource = resourceOfOwner(owner, discovery.byCluster.get(cluster) ?? []);
              const namespace = resource?.namespaced === false ? undefined : object.metadata.namespace;
              return (
                <li key={owner.uid}>
                  <Text span size="sm" c="dimmed">
                    {owner.kind}
                  </Text>{' '}
                  {resource === undefined ? (
                    owner.name
                  ) : (
                    <ObjectLink params={objectParams(cluster, resource, namespace, owner.name)} />
                  )}
                </li>
              );
            })}
          </ul>
        </section>
      )}
      {lists.map((list) => (
        <RelatedSection key={list.title} cluster={cluster} subject={object} list={list} />
      ))}
    </Stack>
  );
}

function RelatedSection({
  cluster,
  subject,
  list,
}: {
  readonly cluster: string;
  readonly subject: KubeObject;
  readonly list: RelatedList;
}): ReactElement {
  const { namespace } = subject.metadata;
  const query = list.query(subject);
  const isInSight = usePageVisible();
  const found = useKubeObjectList<TableObject>({
    resource: list.resource,
    clusters: [cluster],
    ...(namespace === undefined ? {} : { namespaces: [namespace] }),
    ...query,
    projection: 'table',
    // Whole namespaces may change all day: nobody looks while the page is behind others.
    enabled: query !== undefined && isInSight,
  });
  const isLoading = query !== undefined && (found.isLoading || !isInSight);
  const columns = found.columnsOf(cluster, namespace);
  const items = found.items.flatMap(({ object }) => {
    const cell = cellReader(object, columns);
    return list.belongs(object, subject, cell) ? [{ object, state: list.stateOf?.(cell) }] : [];
  });
  const [error] = found.errors;
  return (
    <section className="fw-card" data-stale={found.isStale}>
      <Title order={2} size="h5" mb="sm">
        {list.title}{' '}
        <Text span size="sm" c="dimmed" className="fw-numbers">
          {isLoading ? '' : items.length}
        </Text>
      </Title>
      {isLoading ? (
        <LoadingRows rows={2} label={`Loading ${list.title}`} />
      ) : items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {error === undefined ? 'None' : error.message}
        </Text>
      ) : (
        <ul className="fw-related">
          {items.map(({ object, state }) => {
            const { uid, name, namespace: inner, creationTimestamp } = object.metadata;
            return (
              <li key={uid}>
                <ObjectLink params={objectParams(cluster, list.resource, inner, name)} />
                {state === undefined ? null : (
                  <Mark tone={cellTone('Status', state, object.cells) ?? 'good'}>{state}</Mark>
                )}
                {creationTimestamp === undefined ? null : (
                  <Text span size="xs" c="dimmed">
                    <Age at={Date.parse(creationTimestamp)} />
                  </Text>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

function cellReader({ cells }: TableObject, columns: readonly TableColumnDefinition[] = []): ReadCell {
  return (column) => {
    const cell = cells[columns.findIndex(({ name }) => name === column)];
    return typeof cell === 'string' || typeof cell === 'number' ? String(cell) : undefined;
  };
}
