import type { SubscribeMode } from '../../src/protocol/frames.ts';
import type { SubscriptionListener, SubscriptionState } from '../../src/client/types.ts';

/** What one subscriber of a numbered feed (`{seq, at}`) has seen. */
export interface FeedReport {
  readonly first: number;
  readonly last: number;
  readonly received: number;
  /** Numbers that came a second time, or after a larger one. */
  readonly doubled: readonly number[];
  /** Numbers that did not come though no gap was told. */
  readonly lost: readonly number[];
  /** As told: numbers, or undefined where it is not known how many. */
  readonly gaps: readonly (number | undefined)[];
  /** How each subscription began, in order. */
  readonly modes: readonly SubscribeMode[];
  readonly errors: readonly string[];
  readonly status: SubscriptionState['status'];
  readonly maxDelayMs: number;
  /** Of a state feed: present values by key. */
  readonly items: Readonly<Record<string, unknown>>;
}

/** What the suite publishes. */
export interface Numbered {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Enough to see what is wrong, and a bound. */
const maxKept = 100;

/** Listens to one subscription and checks the numbers as they come. */
export class FeedLog implements SubscriptionListener {
  #first = 0;
  #last = 0;
  #received = 0;
  #mayMiss = false;
  #maxDelayMs = 0;
  #status: SubscriptionState['status'] = 'pending';
  #items: ReadonlyMap<string, { readonly value?: unknown }> = new Map();
  readonly #doubled: number[] = [];
  readonly #lost: number[] = [];
  readonly #gaps: (number | undefined)[] = [];
  readonly #modes: SubscribeMode[] = [];
  readonly #errors: string[] = [];

  onPublication(data: unknown): void {
    const { seq, at } = data as Numbered;
    this.#received += 1;
    this.#maxDelayMs = Math.max(this.#maxDelayMs, Date.now() - at);
    if (this.#first === 0) this.#first = seq;
    else if (seq <= this.#last) keep(this.#doubled, seq);
    else if (!this.#mayMiss) for (let missed = this.#last + 1; missed < seq; missed += 1) keep(this.#lost, missed);
    this.#mayMiss = false;
    this.#last = Math.max(this.#last, seq);
  }

  onItems(items: ReadonlyMap<string, { readonly value?: unknown }>): void {
    this.#items = items;
  }

  onGap(dropped: number | undefined): void {
    this.#gaps.push(dropped);
    this.#mayMiss = true;
  }

  onState(state: SubscriptionState): void {
    this.#status = state.status;
    if (state.status === 'live') this.#modes.push(state.mode);
    else if (state.error !== undefined) keep(this.#errors, state.error.code);
  }

  get last(): number {
    return this.#last;
  }

  report(): FeedReport {
    return {
      first: this.#first,
      last: this.#last,
      received: this.#received,
      doubled: this.#doubled,
      lost: this.#lost,
      gaps: this.#gaps,
      modes: this.#modes,
      errors: this.#errors,
      status: this.#status,
      maxDelayMs: this.#maxDelayMs,
      items: Object.fromEntries([...this.#items].map(([key, { value }]) => [key, value])),
    };
  }
}

function keep<T>(list: T[], entry: T): void {
  if (list.length < maxKept) list.push(entry);
}
