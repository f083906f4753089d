import type { ReactElement } from 'react';
import { Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { KubeObject, KubeResource } from '@fleetwire/kube-watch';
import { useApiResources, useKubeObjectList } from '@fleetwire/kube-watch/react';
import { objectParams } from '../../../kube/resource-key.ts';
import { Age } from '../../../ui/Age.tsx';
import { Mark } from '../../../ui/Mark.tsx';
import { LoadingRows, StateView } from '../../../ui/StateViews.tsx';
import { stateOf } from './object-summary.ts';
import { relatedLists, resourceOfOwner, type RelatedList } from './related-objects.ts';

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
                    <ObjectLink cluster={cluster} resource={resource} namespace={namespace} name={owner.name} />
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
  const found = useKubeObjectList({
    resource: list.resource,
    clusters: [cluster],
    ...(namespace === undefined ? {} : { namespaces: [namespace] }),
    ...query,
    enabled: query !== undefined,
  });
  const isLoading = found.isLoading && query !== undefined;
  const items = found.items.map(({ object }) => object).filter((candidate) => list.belongs(candidate, subject));
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
          {items.map((object) => {
            const { uid, name, namespace: inner, creationTimestamp } = object.metadata;
            const state = stateOf(object, list.kind);
            return (
              <li key={uid}>
                <ObjectLink cluster={cluster} resource={list.resource} namespace={inner} name={name} />
                {state === undefined ? null : <Mark tone={state.isGood ? 'good' : 'busy'}>{state.text}</Mark>}
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

/** A link to the page of an object. */
function ObjectLink({
  cluster,
  resource,
  namespace,
  name,
}: {
  readonly cluster: string;
  readonly resource: KubeResource;
  readonly namespace: string | undefined;
  readonly name: string;
}): ReactElement {
  return (
    <Link to="/clusters/$cluster/$resource/$namespace/$name" params={objectParams(cluster, resource, namespace, name)}>
      {name}
    </Link>
  );
}
