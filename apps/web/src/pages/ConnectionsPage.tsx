import type { ReactElement } from 'react';
import { Badge, Button, Group, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useChannel, useClient } from '@fleetwire/websocket-core/react';
import type { ServerConnection } from '../live/server-types.ts';
import { ChannelFailure, ChannelNotice, isStale } from '../ui/ChannelNotice.tsx';
import { DataTable } from '../ui/DataTable.tsx';
import { formatAgo } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { useNow } from '../ui/use-now.ts';

const route = getRouteApi('/frame/connections');

/** The live connections of one's organisation, as they come and go. */
export function ConnectionsPage(): ReactElement {
  const view = useChannel('server/connections', { fallback: { url: '/api/v1/server/connections', intervalMs: 2_000 } });
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const setFilter = (value: string): void => {
    void navigate({ search: value === '' ? {} : { q: value }, replace: true });
  };
  const all =
    view.items === undefined ? undefined : [...view.items.values()].map(({ value }) => value as ServerConnection);
  const matching = all
    ?.filter((connection) => matches(connection, q))
    .sort((a, b) => b.since - a.since || a.id.localeCompare(b.id));

  return (
    <>
      <title>Connections · Fleetwire</title>
      <Group justify="space-between" align="center">
        <Group gap="sm" align="center">
          <Title order={1} size="h2">
            Connections
          </Title>
          <Text c="dimmed" className="fw-numbers" data-testid="count">
            {all === undefined ? '' : all.length}
          </Text>
          <ChannelNotice view={view} />
        </Group>
        <TextInput
          aria-label="Filter connections"
          placeholder="Filter by user, program, address"
          type="search"
          w={{ base: '100%', xs: 280 }}
          leftSection={<Icon name="search" size={16} />}
          value={q}
          onChange={(event) => {
            setFilter(event.currentTarget.value);
          }}
        />
      </Group>
      {view.status === 'failed' ? (
        <ChannelFailure view={view} />
      ) : matching === undefined ? (
        <Loading />
      ) : matching.length === 0 ? (
        <div className="fw-card fw-empty">
          <Stack gap="sm" align="center">
            <Text fw={600}>{q === '' ? 'Nobody is connected' : `No connection fits “${q}”`}</Text>
            {q === '' ? null : (
              <Button
                variant="default"
                onClick={() => {
                  setFilter('');
                }}
              >
                Show all {all?.length}
              </Button>
            )}
          </Stack>
        </div>
      ) : (
        <div className="fw-card" data-stale={isStale(view)} style={{ padding: 0, overflow: 'hidden' }}>
          <ConnectionTable connections={matching} />
        </div>
      )}
    </>
  );
}

function ConnectionTable({ connections }: { readonly connections: readonly ServerConnection[] }): ReactElement {
  const now = useNow();
  const ownId = useClient().welcome?.connectionId;
  return (
    <DataTable heads={['User', 'Program', 'Address', 'Connected']} name="connections">
      {connections.map((connection) => (
        <tr key={connection.id} data-id={connection.id}>
          <td>
            <Text span fw={600} size="sm">
              {connection.user.username}
            </Text>
            {connection.id === ownId ? (
              <Badge ml={8} size="sm" variant="default" tt="none">
                this page
              </Badge>
            ) : null}
          </td>
          <td>
            {connection.peer.name}{' '}
            <Text span size="sm" c="dimmed">
              {connection.peer.version}
            </Text>
          </td>
          <td>{connection.remoteAddress}</td>
          <td title={new Date(connection.since).toLocaleString()}>{formatAgo(now - connection.since)}</td>
        </tr>
      ))}
    </DataTable>
  );
}

function Loading(): ReactElement {
  return (
    <div className="fw-card" role="status" aria-busy="true" aria-label="Loading">
      <Stack gap={16}>
        <Skeleton height={14} width="30%" />
        <Skeleton height={14} />
        <Skeleton height={14} />
      </Stack>
    </div>
  );
}

function matches({ user, peer, remoteAddress, id }: ServerConnection, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/);
  const text = `${user.username} ${peer.name} ${peer.version} ${remoteAddress} ${id}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
