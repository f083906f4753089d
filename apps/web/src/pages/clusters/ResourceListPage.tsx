import type { ReactElement } from 'react';
import { Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { kindEntry } from '../../kube/kinds.ts';

const route = getRouteApi('/frame/clusters/list');

/** Objects of one kind over clusters and namespaces. */
export function ResourceListPage(): ReactElement {
  const { resource = 'v1/pods' } = route.useSearch();
  const { title } = kindEntry(resource);
  return (
    <>
      <title>{`${title} · Fleetwire`}</title>
      <Title order={1} size="h2">
        {title}
      </Title>
    </>
  );
}
