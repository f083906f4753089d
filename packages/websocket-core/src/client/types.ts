import type { Clock } from '../core/clock.ts';
import type { FleetwireError } from '../core/errors.ts';
import type { CloseCause } from '../core/connecting-peer.ts';
import type { OpenSocket } from '../core/web-socket-like.ts';
import type { PeerInfo, StateItem, SubscribeMode } from '../protocol/frames.ts';
import type { ConnectionLimits } from '../protocol/limits.ts';
import type { Timings } from '../protocol/timings.ts';

/** Why a token is wanted: for the first hello, because the last one expires soon, or because the server refused it. */
export type TokenReason = 'connect' | 'refresh' | 'expired';

/** Gives the current token; undefined connects without one. A rejection is retried with the back-off. */
export type GetToken = (request: {
  readonly reason: TokenReason;
  readonly signal: AbortSignal;
}) => string | undefined | Promise<string | undefined>;

/** What a client is doing; the union that a connection indicator shows. */
export type ClientState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly attempt: number }
  | { readonly status: 'open'; readonly connectionId: string; readonly rttMs: number | undefined }
  /** `retryAt` is a time of day, in milliseconds since 1970. */
  | { readonly status: 'backoff'; readonly retryAt: number; readonly attempt: number; readonly cause: CloseCause }
  | { readonly status: 'closed'; readonly code: number; readonly reason: string };

/** How one request is made. */
export interface RequestOptions {
  /** Cancels the request; its promise rejects with ABORTED. */
  readonly signal?: AbortSignal | undefined;
  /** Default 30 s, from the call; covers the wait for a connection too. */
  readonly timeoutMs?: number | undefined;
  /** With one the request is sent again after a loss of the connection. */
  readonly idempotencyKey?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** State of one subscription. */
export type SubscriptionState =
  /**
   * Not subscribed on the present connection. `staleSince` is when it last was live (milliseconds since 1970), `error`
   * why the last attempt failed; it is tried again.
   */
  | { readonly status: 'pending'; readonly staleSince: number | undefined; readonly error?: FleetwireError | undefined }
  | { readonly status: 'live'; readonly mode: SubscribeMode }
  /** Ended for good; subscribe again to try anew. */
  | { readonly status: 'failed'; readonly error: FleetwireError };

/** Present items of a state feed by key; a new object after each change, the same one when nothing changed. */
export type StateItems = ReadonlyMap<string, StateItem>;

/** What a subscriber is told. Each listener gets only what came after it joined, late ones the present items first. */
export interface SubscriptionListener {
  /**
   * State feeds: the present items after a snapshot or a change. Of more than 1,000 items the changes of 16 ms share a
   * call, since each call takes a copy.
   */
  onItems?(items: StateItems): void;
  /** Other feeds: one publication. */
  onPublication?(data: unknown, position: string | undefined): void;
  /**
   * Publications were missed: `dropped` of them, or an unknown number (undefined) after a resume that could not recover
   * or under another scope.
   */
  onGap?(dropped: number | undefined): void;
  /** Each change; late listeners of a live or failed subscription are told that first. */
  onState?(state: SubscriptionState): void;
}

/** What to subscribe with, and who listens. */
export interface SubscribeOptions extends SubscriptionListener {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Position to start after, learnt elsewhere (by REST, say). Counts only for the first holder of a subscription; `onGap`
   * tells when the server could not go on from it.
   */
  readonly since?: string | undefined;
}

/** A subscriber's hold on a subscription; the last `dispose` unsubscribes. */
export interface Subscription {
  readonly channel: string;
  readonly state: SubscriptionState;
  /** Undefined until a snapshot came. */
  readonly items: StateItems | undefined;
  dispose(): void;
}

/** What a handler of the server's requests is given beside the parameters. */
export interface ServerRequestContext {
  /** Aborted by `cancel` and by the loss of the connection. */
  readonly signal: AbortSignal;
  /** W3C Trace Context, unchanged. */
  readonly traceparent: string | undefined;
}

/** Serves one method. What it throws travels as a wire error when it is a FleetwireError with a wire code, else as INTERNAL. */
export type ServerRequestHandler = (params: unknown, context: ServerRequestContext) => unknown;

/** How a client connects and behaves; only `url` is needed. */
export interface ClientOptions {
  /** `ws:`, `wss:`, `http:`, `https:` or a path; a path is taken on the page's host. An https page always gets `wss:`. */
  readonly url: string;
  readonly getToken?: GetToken | undefined;
  /** Allows a token over `ws:` to a host that is not loopback. Default false. */
  readonly allowInsecureToken?: boolean | undefined;
  readonly peer?: PeerInfo | undefined;
  readonly ext?: Readonly<Record<string, unknown>> | undefined;
  /** Default: the runtime's own WebSocket. */
  readonly openSocket?: OpenSocket | undefined;
  /** Connects at once (default), or at the first `connect`. */
  readonly autoConnect?: boolean | undefined;
  /** How often in a row the client connects again before it closes. Default: without end. */
  readonly maxAttempts?: number | undefined;
  /** Requests and messages that may wait for a connection. Default 1,000; more are refused with QUEUE_FULL. */
  readonly maxQueued?: number | undefined;
  /** Serves requests of the server, by method. */
  readonly requests?: Readonly<Record<string, ServerRequestHandler>> | undefined;
  /** One-way messages of the server. */
  readonly onMessage?: ((name: string, data: unknown) => void) | undefined;
  /** Errors that belong to no call: wire `error` frames, listeners that threw, frames that could not be read. */
  readonly onError?: ((error: FleetwireError) => void) | undefined;
  /** When to ping first after the opening, for a view that shows `rttMs`. Default: after a whole heartbeat. */
  readonly firstPingMs?: number | undefined;
  readonly timings?: Partial<Timings> | undefined;
  readonly clock?: Clock | undefined;
  /** From 0 to below 1; default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** What the last `welcome` told. */
export interface WelcomeInfo {
  readonly connectionId: string;
  readonly limits: ConnectionLimits;
  readonly ext: Readonly<Record<string, unknown>> | undefined;
}

/** A live client; one per page or process is usual. */
export interface Client {
  readonly state: ClientState;
  /** What it dials: `url` of the options, resolved. */
  readonly url: string;
  readonly welcome: WelcomeInfo | undefined;
  /** Calls `listener` after each change of `state`; returns its undo. */
  onState(listener: (state: ClientState) => void): () => void;
  /** Connects when idle or closed; does nothing otherwise. */
  connect(): void;
  /** Resolves with the result or rejects with a FleetwireError; always settles. */
  request(method: string, params?: unknown, options?: RequestOptions): Promise<unknown>;
  /** One-way; waits for a connection in the send queue. Throws QUEUE_FULL when that is full. */
  sendMessage(name: string, data?: unknown): void;
  subscribe(channel: string, options?: SubscribeOptions): Subscription;
  /** Says that the policy or the user changed: gets a token and refreshes on the live connection. */
  refreshToken(): Promise<void>;
  /** Closes for good: every promise settles, every listener is dropped. */
  dispose(): void;
}
