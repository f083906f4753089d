import type { Clock, TimerHandle } from '../core/clock.ts';
import { FleetwireError } from '../core/errors.ts';
import type { GapFrame, PublicationFrame, SnapshotFrame, SubscribeMode } from '../protocol/frames.ts';
import { ItemStore } from './item-store.ts';
import type { SubscriptionListener, SubscriptionState } from './types.ts';

/**
 * Where a feed stands on the present connection. `wanted`: goes into the next subscribe. `asking`: its answer is under
 * way. `held`: subscribed. `leaving`: its unsubscribe is under way. `waiting`: until `retryAtMs`. `failed`: for good.
 */
export type FeedPhase = 'wanted' | 'asking' | 'held' | 'leaving' | 'waiting' | 'failed';

/** Copying this many items takes some 0.03 ms (ten times as many: 0.4 ms), so of fewer each change is told. */
const maxItemsToldEach = 1_000;
/** Changes of more share a call: one for each picture of a display. */
const itemsGroupMs = 16;

/** One listener and whether it has been told what there was before it came. */
export interface FeedListener {
  readonly callbacks: SubscriptionListener;
  isPrimed: boolean;
}

/** Calls a listener; what it throws is reported and stops nobody. */
export type Guarded = (call: () => void) => void;

/** One subscription as all its listeners share it: state, items and position outlive the connections. */
export class ClientFeed {
  readonly key: string;
  readonly channel: string;
  readonly params: Readonly<Record<string, unknown>> | undefined;
  readonly store = new ItemStore();
  readonly listeners = new Set<FeedListener>();
  phase: FeedPhase = 'wanted';
  state: SubscriptionState = { status: 'pending', staleSince: undefined };
  position: string | undefined;
  ch: number | undefined;
  /** The position of the answer, until the snapshot that it announced is complete. */
  #snapshotPosition: string | undefined;
  #isGapDue = false;
  /** Failures since it last was live for long. */
  attempt = 0;
  retryAtMs = 0;
  liveSinceMs: number | undefined;
  #itemsToldAtMs = -Infinity;
  /** Set while there are changes that the listeners were not told of. */
  #itemsTimer: TimerHandle;
  readonly #clock: Clock;
  readonly #guarded: Guarded;

  constructor(key: string, channel: string, params: ClientFeed['params'], clock: Clock, guarded: Guarded) {
    this.key = key;
    this.channel = channel;
    this.params = params;
    this.#clock = clock;
    this.#guarded = guarded;
  }

  /** The answer to subscribe came. A snapshot makes the feed live only when it is complete. */
  onSubscribed(mode: SubscribeMode, position: string | undefined, since: string | undefined): void {
    this.phase = 'held';
    const isLost = this.#isGapDue || (mode === 'live' && since !== undefined);
    this.#isGapDue = false;
    if (mode === 'snapshot') {
      this.#snapshotPosition = position;
      return;
    }
    // Without a new position the old one is kept: to resume after it shows again that something was missed.
    this.position = position ?? this.position;
    this.#setLive(mode);
    if (isLost) this.#tell((callbacks) => callbacks.onGap?.(undefined));
  }

  onSnapshot(frame: SnapshotFrame): void {
    if (!this.store.collect(frame)) return;
    this.#clearItemsTimer();
    this.position = frame.position ?? this.#snapshotPosition;
    this.#snapshotPosition = undefined;
    this.#setLive('snapshot');
    this.#tellItems();
  }

  onPublication(frame: PublicationFrame): void {
    if (frame.position !== undefined) this.position = frame.position;
    if (frame.set !== undefined || frame.del !== undefined) {
      if (this.store.apply(frame)) this.#onItemsChanged();
    } else {
      this.#tell((callbacks) => callbacks.onPublication?.(frame.data ?? null, frame.position));
    }
  }

  onGap(frame: GapFrame): void {
    this.#tell((callbacks) => callbacks.onGap?.(frame.dropped));
  }

  /** The connection is gone, or the server ended the subscription and it is tried again. */
  setPending(phase: 'wanted' | 'waiting', error?: FleetwireError): void {
    this.#flushItems();
    this.phase = phase;
    this.ch = undefined;
    this.store.dropCollected();
    if (this.state.status === 'pending' && this.state.error === error) return;
    const staleSince = this.state.status === 'live' ? this.#clock.now() : undefined;
    const before = this.state.status === 'pending' ? this.state.staleSince : undefined;
    this.#setState({ status: 'pending', staleSince: staleSince ?? before, ...(error === undefined ? {} : { error }) });
  }

  setFailed(error: FleetwireError): void {
    this.phase = 'failed';
    this.ch = undefined;
    this.store.dropCollected();
    this.#setState({ status: 'failed', error });
  }

  /** What is held may belong to a scope that the user has lost. */
  forget(): void {
    this.#clearItemsTimer();
    this.store.clear();
    this.dropPosition();
  }

  /** Starts over, and says that something was missed unless a snapshot makes up for it. */
  dropPosition(): void {
    if (this.position !== undefined) this.#isGapDue = true;
    this.position = undefined;
  }

  /** Tells a late listener what there is. */
  prime(listener: FeedListener): void {
    this.#flushItems();
    if (listener.isPrimed || !this.listeners.has(listener)) return;
    listener.isPrimed = true;
    const { state, store } = this;
    if (state.status !== 'pending') this.#guarded(() => listener.callbacks.onState?.(state));
    const items = store.items;
    if (items !== undefined) this.#guarded(() => listener.callbacks.onItems?.(items));
  }

  #setLive(mode: SubscribeMode): void {
    this.liveSinceMs = this.#clock.monotonicNow();
    this.#setState({ status: 'live', mode });
  }

  #setState(state: SubscriptionState): void {
    this.state = state;
    this.#tell((callbacks) => callbacks.onState?.(state), true);
  }

  #onItemsChanged(): void {
    const waitMs = this.#itemsToldAtMs + itemsGroupMs - this.#clock.monotonicNow();
    if (this.store.size <= maxItemsToldEach || waitMs <= 0) {
      this.#tellItems();
      return;
    }
    this.#itemsTimer ??= this.#clock.setTimeout(() => {
      this.#tellItems();
    }, waitMs);
  }

  #flushItems(): void {
    if (this.#itemsTimer !== undefined) this.#tellItems();
  }

  #clearItemsTimer(): void {
    this.#clock.clearTimeout(this.#itemsTimer);
    this.#itemsTimer = undefined;
  }

  #tellItems(): void {
    this.#clearItemsTimer();
    this.#itemsToldAtMs = this.#clock.monotonicNow();
    const items = this.store.items;
    if (items !== undefined) this.#tell((callbacks) => callbacks.onItems?.(items), true);
  }

  /** `isKept`: the call tells what `prime` tells as well, so one of the two is enough. */
  #tell(call: (callbacks: SubscriptionListener) => void, isKept = false): void {
    this.#flushItems();
    for (const listener of [...this.listeners]) {
      if (!this.listeners.has(listener)) continue;
      if (!listener.isPrimed) {
        this.prime(listener);
        if (isKept) continue;
      }
      this.#guarded(() => {
        call(listener.callbacks);
      });
    }
  }
}
