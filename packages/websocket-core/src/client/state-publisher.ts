import type { Clock } from '../core/clock.ts';
import type { ConnectingState } from '../core/connecting-peer.ts';
import type { Guarded } from './feed.ts';
import type { ClientState } from './types.ts';

/** What of an open connection the state shows. */
export interface OpenDetails {
  readonly connectionId: string;
  readonly rttMs: number | undefined;
}

/** The state that the application sees, and who listens to it. */
export class StatePublisher {
  readonly #clock: Clock;
  readonly #guarded: Guarded;
  readonly #listeners = new Set<(state: ClientState) => void>();
  #state: ClientState = { status: 'idle' };
  #machine: ConnectingState | undefined;

  constructor(clock: Clock, guarded: Guarded) {
    this.#clock = clock;
    this.#guarded = guarded;
  }

  /** The same object until something changes. */
  get state(): ClientState {
    return this.#state;
  }

  listen(listener: (state: ClientState) => void): () => void {
    // Wrapped, so that the same function may listen twice.
    const own = (state: ClientState): void => {
      listener(state);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Tells the listeners when what the application sees has changed. */
  publish(machine: ConnectingState, open: OpenDetails): void {
    // Said once: what the two clocks differ by may change, and is no news.
    if (machine.name === 'backoff' && machine === this.#machine) return;
    this.#machine = machine;
    const next = describe(machine, open, this.#clock);
    if (JSON.stringify(next) === JSON.stringify(this.#state)) return;
    this.#state = next;
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      this.#guarded(() => {
        listener(next);
      });
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}

function describe(machine: ConnectingState, open: OpenDetails, clock: Clock): ClientState {
  switch (machine.name) {
    case 'idle':
      return { status: 'idle' };
    case 'connecting':
      return { status: 'connecting', attempt: machine.attempt };
    case 'open':
    case 'leaving':
      return { status: 'open', ...open };
    case 'backoff': {
      const { attempt, cause } = machine;
      const retryAt = Math.ceil(clock.now() + machine.retryAt - clock.monotonicNow());
      return { status: 'backoff', retryAt, attempt, cause };
    }
    case 'closed':
      return { status: 'closed', code: machine.code, reason: machine.reason };
  }
}
