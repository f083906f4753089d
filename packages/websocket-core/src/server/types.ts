import type { FleetwireError } from '../core/errors.ts';
import type { PeerInfo, StateDeletion, StateItem } from '../protocol/frames.ts';

/**
 * Who a connection speaks for; comes from the verified token alone. Applications add members of their own.
 */
export interface Identity {
  readonly userId: string;
  readonly orgId: string;
  /** Id of the token, for revocation. */
  readonly jti?: string | undefined;
  readonly agentId?: string | undefined;
  /** Milliseconds since 1970; absent when the token does not expire. */
  readonly expiresAt?: number | undefined;
}

/** Where a token came from; a cookie's is only offered when the Origin was allowed. */
export type TokenSource = 'hello' | 'header' | 'subprotocol' | 'cookie' | 'query' | 'none';

export interface AuthenticationRequest {
  readonly token: string | undefined;
  readonly tokenSource: TokenSource;
  readonly peer: PeerInfo;
  readonly ext: Readonly<Record<string, unknown>> | undefined;
  /** Path of the endpoint, without query. */
  readonly path: string;
  readonly remoteAddress: string;
  /** Aborted when the connection ends first. */
  readonly signal: AbortSignal;
}

/** Verdict on a token. `expired` closes with 4401, `invalid` with 4501, `forbidden` with 4503. */
export type AuthenticationResult<I extends Identity> =
  | { readonly identity: I; readonly welcomeExt?: Readonly<Record<string, unknown>> | undefined }
  | { readonly refused: 'expired' | 'invalid' | 'forbidden'; readonly reason?: string | undefined };

/** A rejection counts as a failure of the server: 1011, and the client tries again. */
export type Authenticate<I extends Identity> = (
  request: AuthenticationRequest,
) => AuthenticationResult<I> | Promise<AuthenticationResult<I>>;

/** `state`: keyed items, snapshot then changes. `recoverable`: ordered, gap-free in a window. `ephemeral`: at most once. */
export type ChannelClass = 'state' | 'recoverable' | 'ephemeral';

export interface ChannelRequest<I extends Identity = Identity> {
  readonly identity: I;
  readonly channel: string;
  /** Segments that the pattern names: `vm-metrics/{vm}` on `vm-metrics/db-1` gives `{vm: 'db-1'}`. */
  readonly segments: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, unknown>>;
  /** The subscription is there already; its identity, or the policy, may have changed. Default false. */
  readonly isAgain?: boolean | undefined;
}

/**
 * Verdict on a subscription. Connections with the same channel, parameters and `scopeKey` share one feed, so the scope
 * key must hold everything that decides what the feed shows: the organisation first.
 */
export type ChannelGrant =
  | { readonly scopeKey: string }
  | {
      readonly denied: 'FORBIDDEN' | 'UNKNOWN_CHANNEL' | 'BAD_REQUEST' | 'NOT_FOUND';
      readonly reason?: string | undefined;
    };

/** A feed that a source opens, for the first of those who share it. */
export interface FeedRequest {
  readonly channel: string;
  readonly segments: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly scopeKey: string;
  /** Who opens it, for bounds and logs alone: others of the same scope join without another `open`. */
  readonly userId: string;
  /** Where the subscription that opens the feed wants to go on: a source whose history is long may begin there. */
  readonly since: string | undefined;
}

/** Changes of a state feed. Without `version` the feed numbers them itself. */
export interface StateChange {
  readonly set?: readonly (Omit<StateItem, 'version'> & { readonly version?: number | undefined })[] | undefined;
  readonly del?: readonly (Omit<StateDeletion, 'version'> & { readonly version?: number | undefined })[] | undefined;
  /** Without one the feed uses a position of its own. */
  readonly position?: string | undefined;
}

/** What a source calls to feed its subscribers. Calls after the feed was disposed do nothing. */
export interface FeedSink {
  /** Bytes of the frames that the feed keeps for those who come back, and of histories until they are sent. */
  readonly ringBytes: number;
  /** Publishes to a recoverable or ephemeral feed. `json` is the encoded form where the source has it already. */
  publish(item: {
    readonly data?: unknown;
    readonly json?: string | undefined;
    readonly position?: string | undefined;
  }): void;
  /** Changes a state feed. */
  change(change: StateChange): void;
  /** Makes these the whole content of a state feed; subscribers get what changed. */
  replace(items: NonNullable<StateChange['set']>, position?: string): void;
  /** Ends the feed for all its subscribers; the next subscription opens it anew. */
  end(error: FleetwireError): void;
}

/** History of a feed after a position; `gone` when it does not reach back that far. */
export type FeedHistory =
  | {
      readonly kind: 'entries';
      readonly entries: readonly { readonly json: string; readonly position: string }[];
      readonly complete: boolean;
    }
  | { readonly kind: 'gone' };

export interface OpenedFeed {
  /** Position that the feed starts after. Without one the feed uses positions of its own. */
  readonly position?: string | undefined;
  /** What came after `since`, oldest first; for recoverable feeds whose history reaches further than the ring. */
  history?(since: string, limit: number): Promise<FeedHistory>;
  /** Brings the feed up to what its origin holds, through the sink; asked before a position is called unknown, and every 25 s. */
  sync?(): Promise<void>;
  dispose(): void;
}

/** Serves the channels whose names match `pattern` (`{name}` stands for one segment). */
export interface ChannelSource<I extends Identity = Identity> {
  readonly pattern: string;
  readonly class: ChannelClass;
  /** How long a feed without subscribers is kept for those who come back; at most, and by default, 30 s. */
  readonly lingerMs?: number | undefined;
  /** Cheap; asked at subscribe, at a refresh and when the policy changes. A rejection counts as FORBIDDEN. */
  authorize(request: ChannelRequest<I>): ChannelGrant | Promise<ChannelGrant>;
  /** Subscribe at the origin, note the position, read, send, continue. Must settle soon: dial in the background. */
  open(request: FeedRequest, sink: FeedSink): OpenedFeed | Promise<OpenedFeed>;
}

/** One connection as handlers see it. */
export interface ConnectionHandle<I extends Identity = Identity> {
  readonly id: string;
  readonly identity: I;
  readonly peer: PeerInfo;
  readonly path: string;
  readonly remoteAddress: string;
  readonly openedAt: number;
  /** One-way; false when the connection is closed or its control queue is full. */
  sendMessage(name: string, data?: unknown): boolean;
  /**
   * Asks the connecting peer. Rejects with a FleetwireError: QUEUE_FULL when as many questions are unanswered as the
   * endpoint's `maxPendingRequests`, or when too many answers wait for this connection; INVALID_ARGUMENT when JSON cannot
   * hold the parameters. `timeoutMs` is 30 s by default and at most 2^31 − 1.
   */
  request(
    method: string,
    params?: unknown,
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<unknown>;
  goaway(code: 'DRAINING' | 'TAKEN_OVER', reason: string, retryAfterMs: number): void;
  /** A code that must not be sent (RFC 6455 section 7.4) becomes 1011. */
  close(code: number, reason: string): void;
}

export interface RequestContext<I extends Identity = Identity> {
  readonly connection: ConnectionHandle<I>;
  readonly identity: I;
  /** Aborted by `cancel` and by the loss of the connection. */
  readonly signal: AbortSignal;
  readonly idempotencyKey: string | undefined;
  readonly traceparent: string | undefined;
}

/** Serves one method. What it throws travels as a wire error when it is a FleetwireError with a wire code, else as INTERNAL. */
export type RequestHandler<I extends Identity = Identity> = (params: unknown, context: RequestContext<I>) => unknown;

/** Takes one-way messages of connecting peers. What it throws or rejects with is logged. */
export type MessageHandler<I extends Identity = Identity> = (data: unknown, connection: ConnectionHandle<I>) => unknown;

/** Selects connections; every member that is given must be equal. An empty selector selects none. */
export interface ConnectionSelector {
  readonly connectionId?: string | undefined;
  readonly orgId?: string | undefined;
  readonly userId?: string | undefined;
  readonly jti?: string | undefined;
  readonly agentId?: string | undefined;
}

/** Structured log lines; pino fits as it is. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What an upgrade request tells; the request itself is not kept, for its headers' memory. */
export interface UpgradeInfo {
  readonly path: string;
  readonly remoteAddress: string;
  readonly token: string | undefined;
  readonly tokenSource: TokenSource;
}
