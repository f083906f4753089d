import type { ServerResponse } from 'node:http';
import type { Clock, TimerHandle } from '@fleetwire/websocket-core';

/** Files that are sent at the same time: each holds a file that is open. */
export const maxSends = 128;
/** The same for one client: a page loads six at once (HTTP/1.1), an office behind one address a few pages. */
export const maxSendsPerClient = 16;
/** Requests that wait for a place, beyond those that are sent. Where as many do, see {@link FileSends}. */
export const maxWaiting = 1_024;
/** The same of one client. */
export const maxWaitingPerClient = 64;
/** How long one waits for a place before it is asked to come again. */
export const maxWaitMs = 20_000;
/** What a reader has to take within {@link readerWindowMs}; whoever takes less is cut. */
export const minReadBytes = 128 * 1_024;
/** Long, since a slow link takes in bursts. */
export const readerWindowMs = 15_000;
/** Whoever takes less than this within {@link busyWindowMs} is cut where somebody waits for the place. */
export const busyMinReadBytes = 320 * 1_024;
export const busyWindowMs = 5_000;
/** A server that stops waits for those who took anything within this time. */
const drainWindowMs = 1_000;
/** How long one file may take: the largest, at a quarter of a megabyte each second. */
export const maxSendMs = 300_000;

const lookMs = 500;

/**
 * What became of a request for a place: it has one; it is refused, since too many wait or it has waited too long; or its
 * client went away while it waited.
 */
export type SendOutcome = 'begun' | 'refused' | 'gone';

/**
 * Bounds what strangers can keep open: files are served to anybody.
 *
 * The policy: each client has at most {@link maxSendsPerClient} places of {@link maxSends}. Whoever finds none waits in
 * line, and is refused where the line does not move. Where it is full, the newest of the client that has the most in it is
 * refused for one of a client that has fewer, else the one that came last. A place that becomes free goes to the one that
 * has waited longest, of the client that holds the fewest. Readers that are too slow are cut: sooner where somebody waits
 * for their place, the slowest of the client that holds the most first.
 */
export interface FileSends {
  /** Counts an answer until it is closed. `client` is whose share it is of. */
  begin(response: ServerResponse, client: string): Promise<SendOutcome>;
  /** Cuts who does not read, and refuses who waits, from now on. */
  drain(): void;
  dispose(): void;
}

interface Send {
  readonly response: ServerResponse;
  readonly client: string;
  readonly beganAt: number;
  /** What was taken by then, oldest first; none before the first byte of the answer. */
  samples: readonly { readonly at: number; readonly bytes: number }[];
}

interface Waiter {
  readonly response: ServerResponse;
  readonly client: string;
  readonly since: number;
  readonly settle: (outcome: SendOutcome) => void;
}

/** Makes the bounds. */
export function createFileSends(clock: Clock): FileSends {
  const sends = new Set<Send>();
  const waiting = new Set<Waiter>();
  let isDraining = false;
  let timer: TimerHandle;

  const hasRoom = (client: string): boolean =>
    sends.size < maxSends && (countByClient(sends).get(client) ?? 0) < maxSendsPerClient;

  function start(response: ServerResponse, client: string): void {
    const send: Send = { response, client, beganAt: clock.monotonicNow(), samples: [] };
    sends.add(send);
    response.once('close', () => {
      sends.delete(send);
      admit();
    });
  }

  function admit(): void {
    while (sends.size < maxSends && waiting.size > 0) {
      const held = countByClient(sends);
      const placesOf = (waiter: Waiter): number => held.get(waiter.client) ?? 0;
      let next: Waiter | undefined;
      for (const waiter of waiting) {
        const isBefore = next === undefined || placesOf(waiter) < placesOf(next);
        if (placesOf(waiter) < maxSendsPerClient && isBefore) next = waiter;
      }
      if (next === undefined) return;
      next.settle('begun');
    }
  }

  /** Whether there is room in the line for one more of a client, if need be of one that has more in it. */
  function hasRoomInLine(client: string): boolean {
    const lined = countByClient(waiting);
    const own = lined.get(client) ?? 0;
    if (own >= maxWaitingPerClient) return false;
    if (waiting.size < maxWaiting) return true;
    const most = Math.max(...lined.values());
    // With one fewer, it would only take turns with the other.
    if (own + 1 >= most) return false;
    [...waiting].findLast((waiter) => lined.get(waiter.client) === most)?.settle('refused');
    return true;
  }

  function look(): void {
    const now = clock.monotonicNow();
    for (const send of sends) {
      note(send, now);
      const taken = isDraining ? takenWithin(send, drainWindowMs, now) : takenWithin(send, readerWindowMs, now);
      const isStuck = taken < (isDraining ? 1 : minReadBytes);
      if (isStuck || now - send.beganAt >= maxSendMs) send.response.destroy();
    }
    for (const waiter of [...waiting]) if (now - waiter.since >= maxWaitMs) waiter.settle('refused');
    makeRoom(now);
    timer = sends.size + waiting.size === 0 ? undefined : clock.setTimeout(look, lookMs);
  }

  /** For each who waits, cuts at most one: who is slow on the share of the same client, or where all places are taken. */
  function makeRoom(now: number): void {
    const held = countByClient(sends);
    const slow = [...sends]
      .map((send) => ({
        send,
        // One that is cut and not closed yet makes room, too.
        isCut: send.response.destroyed,
        taken: takenWithin(send, busyWindowMs, now),
        places: held.get(send.client) ?? 0,
      }))
      .filter(({ isCut, taken }) => isCut || taken < busyMinReadBytes)
      .toSorted((a, b) => Number(b.isCut) - Number(a.isCut) || b.places - a.places || a.taken - b.taken);
    for (const { client } of waiting) {
      const isOwnShare = (held.get(client) ?? 0) >= maxSendsPerClient;
      const at = isOwnShare ? slow.findIndex(({ send }) => send.client === client) : 0;
      if (at !== -1) slow.splice(at, 1)[0]?.send.response.destroy();
    }
  }

  return {
    begin(response, client) {
      timer ??= clock.setTimeout(look, lookMs);
      if (hasRoom(client)) {
        start(response, client);
        return Promise.resolve('begun');
      }
      if (isDraining || !hasRoomInLine(client)) return Promise.resolve('refused');
      return new Promise((resolve) => {
        const onClose = (): void => {
          waiter.settle('gone');
        };
        const waiter: Waiter = {
          ...{ response, client, since: clock.monotonicNow() },
          settle(outcome) {
            if (!waiting.delete(waiter)) return;
            response.off('close', onClose);
            if (outcome === 'begun') start(response, client);
            resolve(outcome);
          },
        };
        waiting.add(waiter);
        response.once('close', onClose);
      });
    },
    drain() {
      isDraining = true;
      for (const waiter of [...waiting]) waiter.settle('refused');
    },
    dispose() {
      clock.clearTimeout(timer);
      for (const waiter of [...waiting]) waiter.settle('refused');
      sends.clear();
    },
  };
}

function countByClient(of: Iterable<{ readonly client: string }>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { client } of of) counts.set(client, (counts.get(client) ?? 0) + 1);
  return counts;
}

function note(send: Send, at: number): void {
  // Before the first byte of the answer, it is the server that takes its time.
  if (!send.response.headersSent) return;
  const { socket } = send.response;
  // What still waits in the memory of this process was written, and not taken.
  const bytes = (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0);
  const firstKept = send.samples.findLastIndex((sample) => at - sample.at >= readerWindowMs);
  send.samples = [...send.samples.slice(Math.max(0, firstKept)), { at, bytes }];
}

/** Bytes that were taken within the last `windowMs`; infinitely many where it is not looked at for so long yet. */
function takenWithin({ samples }: Send, windowMs: number, now: number): number {
  const before = samples.findLast(({ at }) => now - at >= windowMs);
  const last = samples.at(-1);
  return before === undefined || last === undefined ? Infinity : last.bytes - before.bytes;
}
