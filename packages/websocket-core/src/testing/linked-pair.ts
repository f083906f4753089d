import type { AcceptedSocket } from '../core/accepted-socket.ts';
import type { Clock, TimerHandle } from '../core/clock.ts';
import type { WebSocketLike } from '../core/web-socket-like.ts';
import { PROTOCOL_NAME } from '../protocol/version.ts';
import { BytePipe, type Schedule } from './byte-pipe.ts';
import { LinkedAcceptedEnd } from './linked-accepted-end.ts';
import { LinkedClientEnd } from './linked-client-end.ts';

/** How the network between two ends behaves. */
export interface LinkedPairOptions {
  /** Bytes that the network holds each way for a reader that does not read. Default 64 KiB. */
  readonly highWaterMarkBytes?: number | undefined;
  /** Larger messages close with 1009. Default: no bound. */
  readonly maxPayloadBytes?: number | undefined;
  /** The sub-protocol that the client's end reports. Default `fleetwire.v1`. */
  readonly protocol?: string | undefined;
  /**
   * When bytes travel: runs what it is given later, in order. Default `queueMicrotask`; `(run) => clock.setTimeout(run,
   * 20)` makes a slow network, a list that the test empties a stepped one.
   */
  readonly schedule?: Schedule | undefined;
  /** With a clock an end cuts its socket when the closing handshake is not done in `closeTimeoutMs`. */
  readonly clock?: Clock | undefined;
  /** Default 30,000, as in `ws`. */
  readonly closeTimeoutMs?: number | undefined;
}

/**
 * Two ends of a WebSocket without a network. Bytes travel as RFC 6455 frames, so that what a server writes is checked as
 * a client would; closing handshakes, codes and states are those of real sockets.
 */
export interface LinkedPair {
  /** The connecting end: CONNECTING at first, open one turn later. */
  readonly client: WebSocketLike;
  /** The accepting end; set its `handler` at once. */
  readonly accepted: AcceptedSocket;
  /** The client's end stops reading: after `highWaterMarkBytes` more, `accepted.queuedBytes` only grows. */
  stall(): void;
  /** The client's end reads again. */
  flow(): void;
  /** The network breaks: both ends get 1006, what was under way is gone. */
  cut(): void;
  /** What is sent from now on vanishes, both ways, and neither end is told. */
  halfOpen(): void;
  /** Both ends have been told of the close. */
  readonly closed: boolean;
}

/** Creates a pair whose client end opens one turn later. */
export function createLinkedPair(options: LinkedPairOptions = {}): LinkedPair {
  const pair = new LinkedSockets(options);
  pair.schedule(() => {
    pair.open();
  });
  return pair;
}

/** A pair before the upgrade; {@link createLinkedPair} and the linked network decide when it opens. */
export class LinkedSockets implements LinkedPair {
  readonly client: LinkedClientEnd;
  readonly accepted: LinkedAcceptedEnd;
  readonly schedule: Schedule;
  readonly #toClient: BytePipe;
  readonly #toAccepted: BytePipe;
  readonly #clock: Clock | undefined;
  readonly #closeTimeoutMs: number;
  readonly #timers = new Set<TimerHandle>();
  #phase: 'connecting' | 'open' | 'half-open' = 'connecting';
  #clientClosed = false;
  #acceptedClosed = false;

  constructor(options: LinkedPairOptions) {
    this.schedule = options.schedule ?? queueMicrotask;
    this.#clock = options.clock;
    this.#closeTimeoutMs = options.closeTimeoutMs ?? 30_000;
    const shared = { capacityBytes: options.highWaterMarkBytes ?? 64 * 1024, schedule: this.schedule };
    this.#toAccepted = new BytePipe({
      ...shared,
      onBytes: (bytes) => {
        this.accepted.reader.push(bytes);
      },
      onTurn: () => this.accepted.readFrame(),
      onDrain: () => {},
    });
    this.#toClient = new BytePipe({
      ...shared,
      onBytes: (bytes) => {
        this.client.reader.push(bytes);
      },
      onTurn: () => this.client.readFrame(),
      onDrain: () => {
        this.accepted.onDrained();
      },
    });
    this.client = new LinkedClientEnd({
      protocol: options.protocol ?? PROTOCOL_NAME,
      outgoing: this.#toAccepted,
      onFinished: () => {
        this.#onClientFinished();
      },
      onClosing: () => {
        this.#onClientClosing();
      },
    });
    this.accepted = new LinkedAcceptedEnd({
      maxPayloadBytes: options.maxPayloadBytes ?? Infinity,
      outgoing: this.#toClient,
      schedule: this.schedule,
      setReading: (reading) => {
        this.#toAccepted.setReading(reading);
      },
      onFinished: (cut) => {
        this.#onAcceptedFinished(cut);
      },
      onClosing: () => {
        this.#limitClosing(() => {
          this.accepted.terminate();
        });
      },
    });
  }

  get closed(): boolean {
    return this.#clientClosed && this.#acceptedClosed;
  }

  open(): void {
    if (this.#phase !== 'connecting' || this.#clientClosed || this.client.readyState !== 0) return;
    this.#phase = 'open';
    this.client.opened();
  }

  /** The upgrade failed: the client's end gets an error and 1006; nothing was accepted. */
  refuse(): void {
    this.#acceptedClosed = true;
    this.#toClient.end();
    this.#toAccepted.end();
    this.client.failed();
  }

  stall(): void {
    this.#toClient.setReading(false);
  }

  flow(): void {
    this.#toClient.setReading(true);
  }

  cut(): void {
    this.#toClient.end();
    this.#toAccepted.end();
    this.schedule(() => {
      try {
        this.accepted.finish(1006, '', false);
      } finally {
        this.client.lost();
      }
    });
  }

  halfOpen(): void {
    this.#phase = 'half-open';
    this.#toClient.swallow();
    this.#toAccepted.swallow();
  }

  #onClientClosing(): void {
    if (this.#phase === 'connecting') {
      this.schedule(() => {
        this.accepted.finish(1006, '', false);
        this.client.failed();
      });
      return;
    }
    this.#limitClosing(() => {
      this.client.lost();
    });
  }

  #onClientFinished(): void {
    this.#clientClosed = true;
    this.#toClient.swallow();
    this.#onOneFinished();
  }

  #onAcceptedFinished(cut: boolean): void {
    this.#acceptedClosed = true;
    this.#toAccepted.swallow();
    if (cut) {
      this.#toClient.end();
      if (this.#phase !== 'half-open') {
        this.schedule(() => {
          this.client.lost();
        });
      }
    }
    this.#onOneFinished();
  }

  #onOneFinished(): void {
    if (!this.closed) return;
    for (const timer of this.#timers) this.#clock?.clearTimeout(timer);
    this.#timers.clear();
    this.#toClient.end();
    this.#toAccepted.end();
  }

  #limitClosing(giveUp: () => void): void {
    if (this.#clock === undefined) return;
    const timer = this.#clock.setTimeout(() => {
      this.#timers.delete(timer);
      giveUp();
    }, this.#closeTimeoutMs);
    this.#timers.add(timer);
  }
}
