import type { ReactElement } from 'react';
import { Skeleton, Stack, Text, Title } from '@mantine/core';
import type { ServerEvent } from '../live/server-types.ts';
import { useServerEvents } from '../live/use-server-events.ts';
import { ChannelFailure, isStale } from '../ui/ChannelNotice.tsx';
import { formatAgo } from '../ui/format.ts';
import { useNow } from '../ui/use-now.ts';

/** Events that the card shows. */
const shown = 12;

const tones: Readonly<Record<ServerEvent['kind'], 'good' | 'busy' | 'bad' | undefined>> = {
  connected: 'good',
  disconnected: undefined,
  'signed-in': 'good',
  'signed-out': undefined,
  'sign-in-failed': 'bad',
};

/** What happened of late, newest first. */
export function RecentEvents(): ReactElement {
  const { view, events, isLoading } = useServerEvents();
  const now = useNow();
  if (view.status === 'failed') return <ChannelFailure view={view} />;
  const newest = events.slice(-shown).toReversed();
  return (
    <section className="fw-card" data-stale={isStale(view)} data-testid="events">
      <Title order={2} size="h5" mb={6}>
        Events of the server
      </Title>
      {newest.length > 0 ? (
        <ul className="fw-events">
          {newest.map((event) => (
            <li key={event.id} data-tone={tones[event.kind]} data-kind={event.kind}>
              <span
                className="fw-dot"
                aria-hidden="true"
                style={
                  tones[event.kind] === undefined ? { color: 'var(--mantine-color-dimmed)' } : { animation: 'none' }
                }
              />
              <span>{describe(event)}</span>
              <time
                className="fw-numbers"
                dateTime={new Date(event.at).toISOString()}
                title={new Date(event.at).toLocaleString()}
              >
                {formatAgo(now - event.at)}
              </time>
            </li>
          ))}
        </ul>
      ) : isLoading ? (
        <Stack gap={14} py={8} role="status" aria-busy="true" aria-label="Loading">
          <Skeleton height={14} width="55%" />
          <Skeleton height={14} width="70%" />
          <Skeleton height={14} width="45%" />
        </Stack>
      ) : (
        <Text c="dimmed" size="sm">
          Nothing has happened since the server started.
        </Text>
      )}
    </section>
  );
}

function describe({ kind, username, peer, remoteAddress, close }: ServerEvent): string {
  const program = peer === undefined ? '' : ` with ${peer.name} ${peer.version}`;
  switch (kind) {
    case 'connected':
      return `${username} connected${program} from ${remoteAddress}`;
    case 'disconnected':
      return `${username} disconnected${program}${close === undefined ? '' : ` (${String(close.code)})`}`;
    case 'signed-in':
      return `${username} signed in from ${remoteAddress}`;
    case 'signed-out':
      return `${username} signed out`;
    case 'sign-in-failed':
      return `Failed sign-in as ${username} from ${remoteAddress}`;
  }
}
