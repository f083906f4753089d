import type { ServerResponse } from 'node:http';
import type { Clock, TimerHandle } from '@fleetwire/websocket-core';

/** Files that are sent at the same time; of more, none is begun: each holds a file that is open. */
export const maxSends = 128;
/** How long a reader may take nothing at all before its connection is cut. */
export const idleReaderMs = 15_000;
/** The same for a server that stops: it waits for those who read. */
export const drainIdleReaderMs = 1_000;
/** How long one file may take: the largest, at a quarter of a megabyte each second. */
export const maxSendMs = 300_000;

const lookMs = 500;

/** Bounds what strangers can keep open: files are served to anybody. */
export interface FileSends {
  /** Counts an answer until it is closed; false where there are too many already. */
  begin(response: ServerResponse): boolean;
  /** Cuts who does not read soon, from now on. */
  drain(): void;
  dispose(): void;
}

interface Send {
  readonly response: ServerResponse;
  readonly beganAt: number;
  bytes: number;
  /** When the last byte was taken. */
  movedAt: number;
}

/** Makes the bounds. */
export function createFileSends(clock: Clock): FileSends {
  const sends = new Set<Send>();
  let idleMs = idleReaderMs;
  let timer: TimerHandle;

  function look(): void {
    const now = clock.monotonicNow();
    for (const send of sends) {
      const bytes = send.response.socket?.bytesWritten ?? 0;
      if (bytes !== send.bytes) Object.assign(send, { bytes, movedAt: now });
      // Before the first byte of the answer, it is the server that takes its time.
      const isStuck = send.response.headersSent && now - send.movedAt >= idleMs;
      if (isStuck || now - send.beganAt >= maxSendMs) send.response.destroy();
    }
    timer = sends.size === 0 ? undefined : clock.setTimeout(look, lookMs);
  }

  return {
    begin(response) {
      if (sends.size >= maxSends) return false;
      const now = clock.monotonicNow();
      const send: Send = { response, beganAt: now, movedAt: now, bytes: response.socket?.bytesWritten ?? 0 };
      sends.add(send);
      timer ??= clock.setTimeout(look, lookMs);
      response.on('close', () => sends.delete(send));
      return true;
    },
    drain() {
      idleMs = drainIdleReaderMs;
    },
    dispose() {
      clock.clearTimeout(timer);
      sends.clear();
    },
  };
}
