import type { ReactElement } from 'react';
import { Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';

const route = getRouteApi('/frame/clusters/$cluster/$resource/$namespace/$name');

/** One object of a cluster. */
export function ResourceDetailPage(): ReactElement {
  const { name } = route.useParams();
  return (
    <>
      <title>{`${name} · Fleetwire`}</title>
      <Title order={1} size="h2">
        {name}
      </Title>
    </>
  );
}
