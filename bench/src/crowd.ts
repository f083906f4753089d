import type { Dialect } from './dialects.ts';
import type { DeliveryRound } from './delivery-round.ts';
import { RawPeer } from './raw-peer.ts';
import { Recovery, type RecoveryResult } from './recovery.ts';

/** Peers that connect at the same time while the crowd is built up. */
const connectWindow = 100;
/** A peer of a storm that was refused dials again after this time: the system's backlog was full. */
const redialMs = 50;
/** Each loopback address brings its own range of ephemeral ports. */
const localAddresses = Array.from({ length: 8 }, (_, index) => `127.0.0.${String(index + 1)}`);

function localAddressOf(index: number): string | undefined {
  return localAddresses[index % localAddresses.length];
}

/** All subscribers of one contender. */
export class Crowd {
  readonly #dialect: Dialect;
  readonly #peers: RawPeer[] = [];
  #port = 0;
  #open = 0;
  #position: string | undefined;
  #onEmpty: (() => void) | undefined;
  /** What counts the deliveries now. */
  round: DeliveryRound | undefined;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  get size(): number {
    return this.#open;
  }

  /** Adds `count` subscribers, some at a time. */
  async connect(count: number, port: number): Promise<void> {
    this.#port = port;
    const goal = this.#peers.length + count;
    const run = async (): Promise<void> => {
      while (this.#peers.length < goal) await this.#openOne();
    };
    await Promise.all(Array.from({ length: connectWindow }, run));
  }

  /** Resolves when no peer is connected. */
  untilEmpty(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#open === 0) resolve();
      else this.#onEmpty = resolve;
    });
  }

  /** Brings all peers back at once, each to resume where all of them were; `publications` is what each has missed. */
  restore(publications: number): Promise<RecoveryResult> {
    const since = this.#position;
    if (since === undefined) throw new Error('expected a position to resume after');
    return new Promise((resolve) => {
      const recovery = new Recovery(since, this.#peers.length, publications, (result, position) => {
        this.#position = position;
        resolve(result);
      });
      for (let index = 0; index < this.#peers.length; index += 1) this.#restoreOne(index, since, recovery);
    });
  }

  #openOne(): Promise<void> {
    return new Promise((resolve, reject) => {
      const peer = new RawPeer({
        dialect: this.#dialect,
        port: this.#port,
        localAddress: localAddressOf(this.#peers.length),
        onReady: (_mode, position) => {
          this.#open += 1;
          this.#position = position ?? this.#position;
          resolve();
        },
        onDelivery: (bytes, start, end) => {
          this.round?.delivered(bytes, start, end);
        },
        onClosed: (wasReady) => {
          if (wasReady) this.#closed();
          else reject(new Error('the server closed a connection before it was subscribed'));
        },
      });
      this.#peers.push(peer);
    });
  }

  #restoreOne(index: number, since: string, recovery: Recovery): void {
    const check = recovery.join();
    this.#peers[index] = new RawPeer({
      dialect: this.#dialect,
      port: this.#port,
      localAddress: localAddressOf(index),
      since,
      onReady: (mode) => {
        this.#open += 1;
        check.started(mode);
      },
      onDelivery: (bytes, start, end) => {
        check.delivered(bytes, start, end);
      },
      onClosed: (wasReady) => {
        if (wasReady) this.#closed();
        else
          setTimeout(() => {
            this.#restoreOne(index, since, recovery);
          }, redialMs);
      },
    });
  }

  #closed(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#onEmpty?.();
  }
}
