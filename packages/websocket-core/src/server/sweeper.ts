import type { Clock, TimerHandle } from '../core/clock.ts';
import type { Timings } from '../protocol/timings.ts';
import type { Connection } from './connection.ts';
import type { FeedRegistry } from './feed-registry.ts';
import type { Logger } from './types.ts';

/** Looks at every connection this often a heartbeat: once a second by default. */
const sweepsPerHeartbeat = 25;

/** What a sweeper looks after. */
export interface SweeperOptions {
  readonly clock: Clock;
  readonly timings: Timings;
  readonly connections: ReadonlySet<Connection>;
  readonly feeds: FeedRegistry;
  readonly logger: Logger;
}

/**
 * One timer for all that is due on a server: pings, dead and stuck peers, expired tokens, idle feeds, and the check of
 * positions against the broker. Returns its undo. A timer for each connection would cost more than the looks.
 */
export function startSweeper({ clock, timings, connections, feeds, logger }: SweeperOptions): () => void {
  const intervalMs = timings.heartbeatMs / sweepsPerHeartbeat;
  let dueAtMs = clock.monotonicNow() + intervalMs;
  let positionsDueAtMs = clock.monotonicNow() + timings.positionCheckMs;
  let timer: TimerHandle;

  const checkPositions = (): void => {
    for (const feed of feeds.feeds()) {
      feed.sync().catch((error: unknown) => {
        logger.warn({ channel: feed.request.channel, err: error }, 'the position of a feed could not be checked');
      });
    }
  };

  const sweep = (): void => {
    const nowMs = clock.monotonicNow();
    // A machine that slept or a long task: half an interval is more than timers are late by themselves.
    const lateMs = nowMs - dueAtMs > intervalMs / 2 ? nowMs - dueAtMs : 0;
    for (const connection of connections) connection.sweep(nowMs, lateMs);
    feeds.sweepIdle(nowMs - timings.feedLingerMs);
    if (nowMs >= positionsDueAtMs) {
      positionsDueAtMs = nowMs + timings.positionCheckMs;
      checkPositions();
    }
    dueAtMs = nowMs + intervalMs;
    timer = clock.setTimeout(sweep, intervalMs);
  };
  timer = clock.setTimeout(sweep, intervalMs);

  return () => {
    clock.clearTimeout(timer);
  };
}
