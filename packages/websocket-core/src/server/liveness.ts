import type { AcceptedSocket } from '../core/accepted-socket.ts';
import type { Timings } from '../protocol/timings.ts';

/** Connections are looked at this often a heartbeat: once a second by default. */
const sweepsPerHeartbeat = 25;

/** Pause between two looks at a connection. */
export function sweepMsOf(timings: Timings): number {
  return timings.heartbeatMs / sweepsPerHeartbeat;
}

/** What a look at a connection found. */
export type LivenessVerdict = 'fine' | 'ping-due' | 'dead' | 'stalled';

/**
 * Whether the peer of one connection is alive, by WebSocket pings, and whether its kernel takes bytes. Times are
 * monotonic milliseconds.
 */
export class Liveness {
  readonly #timings: Timings;
  #helloDueAt: number;
  #nextPingAt = Infinity;
  /** The ping that waits for its pong. */
  #pingSentAt: number | undefined;
  #pongDueAt = Infinity;
  #heardAt: number;
  /** Bytes have been waiting here since the last pong, so that a pong may be late without fault of the peer. */
  #wasBehind = false;
  #takenBytes = 0;
  #takenAt: number;

  constructor(timings: Timings, nowMs: number) {
    this.#timings = timings;
    this.#helloDueAt = nowMs + timings.helloTimeoutMs;
    this.#heardAt = nowMs;
    this.#takenAt = nowMs;
  }

  /** When the hello and its authentication must have ended. */
  get helloDueAt(): number {
    return this.#helloDueAt;
  }

  /** Puts every deadline off. */
  excuse(ms: number): void {
    this.#helloDueAt += ms;
    this.#pongDueAt += ms;
    this.#takenAt += ms;
  }

  /** The first ping comes after a random part of the interval: a crowd that connected together is spread out. */
  opened(nowMs: number, random: number): void {
    this.#nextPingAt = nowMs + random * this.#timings.heartbeatMs;
  }

  /** Any message is a sign of life. */
  heard(nowMs: number): void {
    this.#heardAt = nowMs;
  }

  /** Returns the round trip of the ping that this answers, if any. */
  pong(nowMs: number): number | undefined {
    this.#heardAt = nowMs;
    const sentAt = this.#pingSentAt;
    this.#pingSentAt = undefined;
    return sentAt === undefined ? undefined : nowMs - sentAt;
  }

  pinged(nowMs: number, socket: AcceptedSocket): void {
    this.#pingSentAt = nowMs;
    this.#nextPingAt = nowMs + this.#timings.heartbeatMs;
    this.#wasBehind = socket.queuedBytes > 0;
    this.#pongDueAt = nowMs + this.#timings.pongTimeoutMs;
  }

  setBehind(behind: boolean): void {
    if (behind) this.#wasBehind = true;
  }

  check(nowMs: number, socket: AcceptedSocket, paused: boolean): LivenessVerdict {
    if (this.#isStalled(nowMs, socket)) return 'stalled';
    // The next look would be too late by up to a pause between two: heartbeat and answer together must not take longer.
    if (this.#pingSentAt === undefined)
      return nowMs + sweepMsOf(this.#timings) > this.#nextPingAt ? 'ping-due' : 'fine';
    if (this.#heardAt > this.#pingSentAt) {
      this.#pingSentAt = undefined;
      return 'fine';
    }
    if (paused || socket.queuedBytes > 0) {
      // The ping stands behind other bytes, or we do not read: only a full stop counts, and the stall check sees that.
      this.#wasBehind = true;
      this.#pongDueAt = nowMs + this.#timings.pongTimeoutMs;
    }
    if (nowMs < this.#pongDueAt) return 'fine';
    if (!this.#wasBehind) return 'dead';
    // What this side has handed over may still lie in kernel buffers before a slow reader: one more interval for it.
    this.#wasBehind = false;
    this.#pongDueAt = nowMs + this.#timings.heartbeatMs;
    return 'fine';
  }

  #isStalled(nowMs: number, socket: AcceptedSocket): boolean {
    const { takenBytes } = socket;
    // More than ever before: a count that an implementation corrects downwards is no progress.
    if (socket.queuedBytes === 0 || takenBytes > this.#takenBytes) {
      this.#takenBytes = takenBytes;
      this.#takenAt = nowMs;
      return false;
    }
    return nowMs - this.#takenAt >= this.#timings.stallTimeoutMs;
  }
}
