import { useEffect, useSyncExternalStore } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useChannel, useClient, type ChannelView } from '@fleetwire/websocket-core/react';
import { useAuthSession, useAuthState } from '../auth/auth-context.ts';
import { identityKey } from '../auth/identity-key.ts';
import { BoundedLog, logOfClient } from './bounded-log.ts';
import type { ServerEvent } from './server-types.ts';

const url = '/api/v1/server/events';

interface EventsAnswer {
  readonly items: readonly ServerEvent[];
}

const eventsOf = logOfClient(
  () =>
    new BoundedLog<ServerEvent>(
      ({ id }) => id,
      ({ at }) => at,
      200,
    ),
);

/** What happened of late, oldest first: the events of before by REST once the channel is live, then the channel's. */
export function useServerEvents(): {
  readonly view: ChannelView;
  readonly events: readonly ServerEvent[];
  readonly isLoading: boolean;
} {
  const session = useAuthSession();
  const state = useAuthState();
  const log = eventsOf(useClient());
  const events = useSyncExternalStore(log.subscribe, log.getEntries);

  const history = useQuery({
    queryKey: ['server', 'events', identityKey(state)],
    queryFn: async ({ signal }) => {
      const response = await fetch(url, { signal, headers: { authorization: `Bearer ${await session.token()}` } });
      if (!response.ok) throw new Error(`the events of before cannot be read (${String(response.status)})`);
      const answer = (await response.json()) as EventsAnswer;
      log.add(answer.items);
      return answer;
    },
    // Asked once the channel delivers, so that nothing can fall between the two.
    enabled: false,
  });
  const { refetch } = history;
  const view = useChannel('server/events', {
    fallback: { url, intervalMs: 5_000 },
    onPublication: (data) => {
      log.add([data as ServerEvent]);
    },
    onGap: () => {
      void refetch();
    },
  });
  const isLive = view.status === 'live';
  useEffect(() => {
    if (isLive) void refetch();
  }, [isLive, refetch]);
  useEffect(() => {
    if (view.data !== undefined) log.add((view.data as EventsAnswer).items);
  }, [view.data, log]);
  return { view, events, isLoading: !history.isFetched && view.data === undefined };
}
