import type { Clock, TimerHandle } from '../core/clock.ts';
import type { Timings } from '../protocol/timings.ts';
import type { Connection } from './connection.ts';
import type { FeedRegistry } from './feed-registry.ts';
import { guarded } from './guarded.ts';
import { sweepMsOf } from './liveness.ts';
import type { Revocations } from './revocations.ts';
import type { Logger } from './types.ts';

/** What a sweeper looks after. */
export interface SweeperOptions {
  readonly clock: Clock;
  readonly timings: Timings;
  readonly connections: ReadonlySet<Connection>;
  readonly feeds: FeedRegistry;
  readonly revocations: Revocations;
  readonly logger: Logger;
}

/**
 * One timer for all that is due on a server: pings, dead and stuck peers, expired tokens, idle feeds, and the check of
 * positions and revocations against the broker. Returns its undo. A timer for each connection would cost more than the
 * looks. Whatever fails in one of them, the rest goes on, and so does the timer.
 */
export function startSweeper(options: SweeperOptions): () => void {
  const { clock, timings, connections, feeds, revocations, logger } = options;
  const intervalMs = sweepMsOf(timings);
  let dueAtMs = clock.monotonicNow() + intervalMs;
  let revocationsDueAtMs = clock.monotonicNow() + timings.positionCheckMs;
  let timer: TimerHandle;

  const sweep = (): void => {
    const nowMs = clock.monotonicNow();
    // A machine that slept or a long task: half an interval is more than timers are late by themselves.
    const lateMs = nowMs - dueAtMs > intervalMs / 2 ? nowMs - dueAtMs : 0;
    for (const connection of connections) {
      try {
        connection.sweep(nowMs, lateMs);
      } catch (error) {
        connection.fail(error);
      }
    }
    guarded(logger, {}, 'idle feeds could not be closed', () => {
      feeds.sweepIdle(nowMs - timings.feedLingerMs);
    });
    guarded(logger, {}, 'the positions of feeds could not be checked', () => {
      feeds.checkPositions(nowMs, timings.positionCheckMs);
    });
    if (nowMs >= revocationsDueAtMs) {
      revocationsDueAtMs = nowMs + timings.positionCheckMs;
      revocations.check();
    }
    dueAtMs = nowMs + intervalMs;
    timer = clock.setTimeout(sweep, intervalMs);
  };
  timer = clock.setTimeout(sweep, intervalMs);

  return () => {
    clock.clearTimeout(timer);
  };
}
