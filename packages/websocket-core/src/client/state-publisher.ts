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
  readonly #guarded: Guarded;
  readonly #listeners = new Set<(state: ClientState) => void>();
  #state: ClientState = { status: 'idle' };

  constructor(guarded: Guarded) {
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
    const next = describe(machine, open);
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

function describe(machine: ConnectingState, open: OpenDetails): ClientState {
  switch (machine.name) {
    case 'idle':
      return { status: 'idle' };
    case 'connecting':
      return { status: 'connecting', attempt: machine.attempt };
    case 'open':
    case 'leaving':
      return { status: 'open', ...open };
    case 'backoff':
      return { status: 'backoff', retryAt: machine.retryAt, attempt: machine.attempt, cause: machine.cause };
    case 'closed':
      return { status: 'closed', code: machine.code, reason: machine.reason };
  }
}
