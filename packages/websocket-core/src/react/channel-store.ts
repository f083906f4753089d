import { FleetwireError } from '../core/errors.ts';
import type { StateItem } from '../protocol/frames.ts';
import { isForgetting } from '../client/forgetting.ts';
import type { Client, StateItems, Subscription, SubscriptionListener } from '../client/types.ts';
import type { FallbackOptions } from './client-provider.ts';
import { FallbackPoller } from './fallback-poller.ts';

/**
 * What a view says of its content. `idle`: no channel, or not enabled. `pending`: nothing yet. `live`: up to date.
 * `stale`: what was live before, and may be out of date. `polling`: from the REST fallback, as WebSockets do not get
 * through. `failed`: ended for good.
 */
export type ChannelStatus = 'idle' | 'pending' | 'live' | 'stale' | 'polling' | 'failed';

/**
 * A channel as a component shows it; a new object at each change. Once it had content it is empty again only when that
 * may belong to a scope that the user has lost (SCOPE_CHANGED, FORBIDDEN, UNKNOWN_CHANNEL, UNAUTHENTICATED).
 */
export interface ChannelView {
  readonly status: ChannelStatus;
  /** State feeds; undefined until the first snapshot. */
  readonly items: StateItems | undefined;
  /** The last publication of another feed, or what the fallback answered; stays undefined with `onPublication`. */
  readonly data: unknown;
  /** Since when the content may be out of date (milliseconds since 1970); undefined while it is not. */
  readonly staleSince: number | undefined;
  /** Why it failed, or why the last attempt did. */
  readonly error: FleetwireError | undefined;
  /** Publications known to be missed. */
  readonly dropped: number;
  /** How often some were missed, an unknown number included. */
  readonly gaps: number;
}

/** The REST address to poll while WebSockets do not get through. */
export interface ChannelFallback {
  readonly url: string;
  readonly intervalMs: number;
  /** Reads an answer. Default: `{items: [{key, version, value}]}` gives items, any other JSON is the data. */
  readonly read?: ((json: unknown) => ChannelContent) | undefined;
}

/** What a fallback's answer holds. */
export interface ChannelContent {
  readonly items?: readonly StateItem[] | undefined;
  readonly data?: unknown;
}

/** Callbacks of a component; read at each call, so that they may be new at each render. */
export type ChannelCallbacks = Pick<SubscriptionListener, 'onPublication' | 'onGap'>;

export interface ChannelStoreOptions extends FallbackOptions {
  readonly client: Client;
  readonly channel: string;
  readonly params: Readonly<Record<string, unknown>> | undefined;
  readonly fallback: ChannelFallback | undefined;
  readonly callbacks: () => ChannelCallbacks;
}

/** The view of no channel. */
export const idleView: ChannelView = Object.freeze({
  status: 'idle',
  items: undefined,
  data: undefined,
  staleSince: undefined,
  error: undefined,
  dropped: 0,
  gaps: 0,
});

const nothing = { items: undefined, data: undefined } as const;

/** The first attempts may fail for any reason; after these it is likely that something on the way blocks WebSockets. */
const attemptsBeforePolling = 3;

/** One channel for `useSyncExternalStore`: subscribes with its first listener and lets go with its last. */
export class ChannelStore {
  readonly #options: ChannelStoreOptions;
  readonly #listeners = new Set<() => void>();
  readonly #poller: FallbackPoller | undefined;
  #view: ChannelView = { ...idleView, status: 'pending' };
  #subscription: Subscription | undefined;
  #undo: (() => void) | undefined;
  #isPolling = false;

  constructor(options: ChannelStoreOptions) {
    this.#options = options;
    if (options.fallback === undefined) return;
    const { allowInsecureToken, client, fetch, getToken, fallback } = options;
    this.#poller = new FallbackPoller({
      url: fallback.url,
      intervalMs: fallback.intervalMs,
      clientUrl: client.url,
      allowInsecureToken,
      fetch,
      getToken,
      onJson: (json) => {
        this.#onJson(fallback, json);
      },
      onError: (error) => {
        const staleSince = this.#view.staleSince ?? this.#staleNow();
        this.#update({ error, staleSince, ...(isForgetting(error) ? nothing : {}) });
      },
    });
  }

  readonly getView = (): ChannelView => this.#view;

  readonly subscribe = (onChange: () => void): (() => void) => {
    this.#listeners.add(onChange);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (this.#listeners.delete(onChange) && this.#listeners.size === 0) this.#stop();
    };
  };

  #start(): void {
    let subscription: Subscription;
    try {
      subscription = this.#subscribe();
    } catch (error) {
      // A disposed client or a name that does not fit is no reason to take the page down.
      this.#update({ status: 'failed', error: error as FleetwireError });
      return;
    }
    this.#subscription = subscription;
    this.#undo = this.#options.client.onState(() => {
      this.#sync();
    });
    // Another listener of the same channel may have brought them already.
    if (subscription.items !== undefined) this.#update({ items: subscription.items });
    this.#sync();
  }

  #subscribe(): Subscription {
    const { callbacks, channel, client, params } = this.#options;
    return client.subscribe(channel, {
      params,
      onItems: (next) => {
        this.#update({ items: next });
      },
      onPublication: (data, position) => {
        const { onPublication } = callbacks();
        if (onPublication === undefined) this.#update({ data });
        else onPublication(data, position);
      },
      onGap: (dropped) => {
        this.#update({ dropped: this.#view.dropped + (dropped ?? 0), gaps: this.#view.gaps + 1 });
        callbacks().onGap?.(dropped);
      },
      onState: () => {
        this.#sync();
      },
    });
  }

  #stop(): void {
    this.#undo?.();
    this.#subscription?.dispose();
    this.#poller?.stop();
    this.#subscription = undefined;
    this.#isPolling = false;
    // Nobody keeps it up to date any more: who listens next must not be shown it as live.
    if (this.#view.status === 'live' || this.#view.status === 'polling') {
      this.#view = { ...this.#view, status: 'stale', staleSince: this.#view.staleSince ?? Date.now() };
    }
  }

  /** Brings status, error and poller in line with the subscription and the client. */
  #sync(): void {
    const subscription = this.#subscription;
    if (subscription === undefined) return;
    const { state } = subscription;
    const mayPoll = state.status === 'pending' && isBlocked(this.#options.client);
    if (mayPoll && this.#poller !== undefined) {
      this.#isPolling = true;
      this.#update({ status: 'polling' });
      this.#poller.start();
      return;
    }
    this.#poller?.stop();
    const wasPolling = this.#isPolling;
    this.#isPolling = false;
    switch (state.status) {
      case 'live':
        this.#update({
          status: 'live',
          staleSince: undefined,
          error: undefined,
          items: subscription.items ?? this.#view.items,
        });
        return;
      case 'failed':
        this.#update({ status: 'failed', error: state.error, ...(isForgetting(state.error) ? nothing : {}) });
        return;
      case 'pending': {
        const staleSince = state.staleSince ?? this.#view.staleSince ?? (wasPolling ? this.#staleNow() : undefined);
        const status = staleSince === undefined ? 'pending' : 'stale';
        this.#update({ status, staleSince, error: state.error, ...(isForgetting(state.error) ? nothing : {}) });
      }
    }
  }

  #onJson(fallback: ChannelFallback, json: unknown): void {
    const { items, data } = (fallback.read ?? readContent)(json);
    const content = items === undefined ? { data } : { items: new Map(items.map((item) => [item.key, item])) };
    this.#update({ ...content, status: 'polling', error: undefined, staleSince: undefined });
  }

  #staleNow(): number | undefined {
    return this.#view.items === undefined && this.#view.data === undefined ? undefined : Date.now();
  }

  #update(change: Partial<ChannelView>): void {
    const next = { ...this.#view, ...change };
    const isSame = (Object.keys(next) as (keyof ChannelView)[]).every((key) => Object.is(next[key], this.#view[key]));
    if (isSame) return;
    this.#view = next;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Whether WebSockets do not get through: closed for good, or never open after a few attempts. */
function isBlocked(client: Client): boolean {
  const { state } = client;
  if (state.status === 'closed') return true;
  if (state.status !== 'backoff' && state.status !== 'connecting') return false;
  return client.welcome === undefined && state.attempt >= attemptsBeforePolling;
}

/** Reads a fallback's answer as {@link ChannelFallback.read} says of its default. */
export function readContent(json: unknown): ChannelContent {
  const items = (json as { readonly items?: unknown } | null)?.items;
  return Array.isArray(items) && items.every(isStateItem) ? { items } : { data: json };
}

function isStateItem(value: unknown): value is StateItem {
  if (typeof value !== 'object' || value === null) return false;
  const { key, version } = value as Readonly<Record<string, unknown>>;
  return typeof key === 'string' && typeof version === 'number';
}
