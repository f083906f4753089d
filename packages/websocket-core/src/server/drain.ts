import type { Clock } from '../core/clock.ts';
import type { ClosingSockets } from './closing-sockets.ts';
import type { Connection } from './connection.ts';

export interface DrainOptions {
  /** Time for the whole drain. Default 20 s. */
  readonly deadlineMs?: number | undefined;
  /** Least wait that clients are asked for before they connect again. Default 0: they are meant to find another replica at once. */
  readonly retryAfterMs?: number | undefined;
}

/** What a drain needs of its server. */
export interface DrainHost {
  readonly clock: Clock;
  readonly connections: ReadonlySet<Connection>;
  readonly closing: ClosingSockets;
  /** Resolves when the last connection is gone. */
  untilEmpty(): Promise<void>;
}

/** Share of the deadline over which the goaways are spread, so that a whole server's clients do not move at once. */
const pacedShare = 0.5;

/** The last share of the deadline, from the 1012 on, is for closing handshakes: at the deadline sockets are cut. */
const closeShare = 0.1;

/**
 * Asks the connections to leave, one after the other over the first half of the deadline; closes what is left with 1012
 * at nine tenths of it, and cuts what has not answered at its end. Resolves when no socket is left, at the deadline at
 * the latest.
 */
export async function drainConnections(host: DrainHost, deadlineMs: number, retryAfterMs: number): Promise<void> {
  const { clock } = host;
  const startedAt = clock.monotonicNow();
  const paceOver = deadlineMs * pacedShare;
  const waiting = [...host.connections];
  const total = waiting.length;
  let empty = total === 0;
  const gone = host.untilEmpty().then(() => {
    empty = true;
  });

  for (let sent = 0; waiting.length > 0 && !empty;) {
    const due = Math.ceil(((clock.monotonicNow() - startedAt + 1) / paceOver) * total);
    for (; sent < due && waiting.length > 0; sent += 1)
      waiting.shift()?.goaway('DRAINING', 'the server is about to stop', retryAfterMs);
    // 50 steps are smooth enough, and few enough that a small server's drain is not all timers.
    if (waiting.length > 0) await either(clock, gone, paceOver / 50);
  }
  await either(clock, gone, Math.max(0, startedAt + deadlineMs * (1 - closeShare) - clock.monotonicNow()));
  for (const connection of [...host.connections]) connection.close(1012, 'the server restarts');
  await either(clock, host.closing.untilEmpty(), Math.max(0, startedAt + deadlineMs - clock.monotonicNow()));
  host.closing.cut();
}

/** Waits for `done`, but not longer than `ms`. */
async function either(clock: Clock, done: Promise<void>, ms: number): Promise<void> {
  let handle: unknown;
  await Promise.race([
    done,
    new Promise<void>((resolve) => {
      handle = clock.setTimeout(resolve, ms);
    }),
  ]);
  clock.clearTimeout(handle);
}
