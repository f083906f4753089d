import { useEffect, useSyncExternalStore } from 'react';
import { useChannel, useClient, type ChannelView } from '@fleetwire/websocket-core/react';
import { BoundedLog, logOfClient } from './bounded-log.ts';
import type { ServerHealth } from './server-types.ts';

/** Samples that a sparkline shows: two minutes of one a second. */
const maxSamples = 120;

const samplesOf = logOfClient(
  () =>
    new BoundedLog<ServerHealth>(
      ({ sampledAt }) => String(sampledAt),
      ({ sampledAt }) => sampledAt,
      maxSamples,
    ),
);

/** The server's present health, and the samples that this page has seen. */
export function useServerHealth(): {
  readonly view: ChannelView;
  readonly health: ServerHealth | undefined;
  readonly samples: readonly ServerHealth[];
} {
  const view = useChannel('server/health', { fallback: { url: '/api/v1/server/health', intervalMs: 2_000 } });
  const health = view.items?.get('server')?.value as ServerHealth | undefined;
  const log = samplesOf(useClient());
  const samples = useSyncExternalStore(log.subscribe, log.getEntries);
  useEffect(() => {
    if (health !== undefined) log.add([health]);
  }, [health, log]);
  return { view, health, samples };
}
