import type { WireErrorCode } from './codes.ts';
import type { ConnectionLimits } from './limits.ts';

/** Name and version of a program that speaks, for logs and metrics. */
export interface PeerInfo {
  readonly name: string;
  readonly version: string;
}

/** A wire error as it travels. `code` is a {@link WireErrorCode} unless the peer is newer than we are. */
export interface WireErrorData {
  readonly code: WireErrorCode | (string & {});
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly details?: unknown;
}

/** First frame of the connecting peer, within `helloTimeoutMs`. `ext` is opaque to this package. */
export interface HelloFrame {
  readonly type: 'hello';
  readonly protocol: number;
  readonly token?: string | undefined;
  readonly peer: PeerInfo;
  readonly ext?: Readonly<Record<string, unknown>> | undefined;
}

/** Answer to `hello`. Times of day are milliseconds since 1970 by the accepting peer's clock. */
export interface WelcomeFrame {
  readonly type: 'welcome';
  readonly protocol: number;
  readonly connectionId: string;
  readonly heartbeatMs: number;
  readonly limits: ConnectionLimits;
  readonly sentAt: number;
  readonly tokenExpiresAt?: number | undefined;
  readonly ext?: Readonly<Record<string, unknown>> | undefined;
}

/** `t` is the sender's and comes back unchanged. */
export interface PingFrame {
  readonly type: 'ping';
  readonly t: number;
}
export interface PongFrame {
  readonly type: 'pong';
  readonly t: number;
}

/** `id` is a positive integer that grows with each request of this sender on this connection. */
export interface RequestFrame {
  readonly type: 'request';
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
  readonly idempotencyKey?: string | undefined;
  /** W3C Trace Context. */
  readonly traceparent?: string | undefined;
}

/** Exactly one for each request: `result` (absent means null) or `error`. */
export interface ResponseFrame {
  readonly type: 'response';
  readonly id: number;
  readonly result?: unknown;
  readonly error?: WireErrorData | undefined;
}

/** Asks that the request be given up; its response still comes. */
export interface CancelFrame {
  readonly type: 'cancel';
  readonly id: number;
}

/** One-way. */
export interface MessageFrame {
  readonly type: 'message';
  readonly name: string;
  readonly data?: unknown;
}

/** A violation that did not cost the connection. Never answered. */
export interface ErrorFrame extends WireErrorData {
  readonly type: 'error';
  /** What it is about, as far as it could be read. */
  readonly about?: { readonly type?: string | undefined; readonly id?: number | undefined } | undefined;
}

/** One keyed item of a state feed. Versions of a key only grow. */
export interface StateItem {
  readonly key: string;
  readonly version: number;
  readonly value: unknown;
}
export interface StateDeletion {
  readonly key: string;
  readonly version: number;
}

/** A piece of a state feed's snapshot; the receiver swaps the whole in when `more` is false. */
export interface SnapshotFrame {
  readonly type: 'snapshot';
  readonly ch: number;
  readonly items: readonly StateItem[];
  readonly more: boolean;
  /** On the last piece: the position that the snapshot stands for. */
  readonly position?: string | undefined;
}

/** One item of a feed: `data`, or `set` and `del` for state feeds. */
export interface PublicationFrame {
  readonly type: 'publication';
  readonly ch: number;
  readonly position?: string | undefined;
  readonly data?: unknown;
  readonly set?: readonly StateItem[] | undefined;
  readonly del?: readonly StateDeletion[] | undefined;
}

/** Private to a connection that fell behind on an ephemeral feed: how many publications it missed. */
export interface GapFrame {
  readonly type: 'gap';
  readonly ch: number;
  readonly dropped: number;
}

/** The server ended a subscription. */
export interface UnsubscribedFrame {
  readonly type: 'unsubscribed';
  readonly ch: number;
  readonly code: WireErrorCode | (string & {});
  readonly reason: string;
  readonly retryable: boolean;
}

/** Leave soon: finish what is under way, then connect again after `retryAfterMs`. */
export interface GoawayFrame {
  readonly type: 'goaway';
  readonly code: WireErrorCode | (string & {});
  readonly reason: string;
  readonly retryAfterMs: number;
}

export interface StreamOpenFrame {
  readonly type: 'stream.open';
  readonly id: number;
  readonly kind: string;
  readonly meta?: unknown;
}
export interface StreamCloseFrame {
  readonly type: 'stream.close';
  readonly id: number;
  readonly code?: WireErrorCode | (string & {}) | undefined;
  readonly reason?: string | undefined;
}

/** Frames that a connecting peer may send. */
export type ConnectingPeerFrame =
  | HelloFrame
  | PingFrame
  | PongFrame
  | RequestFrame
  | ResponseFrame
  | CancelFrame
  | MessageFrame
  | ErrorFrame
  | StreamOpenFrame
  | StreamCloseFrame;

/** Frames that an accepting peer may send. */
export type AcceptingPeerFrame =
  | WelcomeFrame
  | PingFrame
  | PongFrame
  | RequestFrame
  | ResponseFrame
  | CancelFrame
  | MessageFrame
  | ErrorFrame
  | SnapshotFrame
  | PublicationFrame
  | GapFrame
  | UnsubscribedFrame
  | GoawayFrame
  | StreamOpenFrame
  | StreamCloseFrame;

export type Frame = ConnectingPeerFrame | AcceptingPeerFrame;

/** One wish of a `subscribe` request. `since` is the position to resume after. */
export interface SubscribeItem {
  readonly channel: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly since?: string | undefined;
}

/**
 * How a subscription starts: `recovered` continues after `since` without a loss, `snapshot` is followed by the whole
 * state, `live` starts now (after a `since` it means that what lay between is lost).
 */
export type SubscribeMode = 'recovered' | 'snapshot' | 'live';

/** Answer to one item, in the order of the items. */
export type SubscribeResultItem =
  | { readonly ch: number; readonly mode: SubscribeMode; readonly position?: string | undefined }
  | { readonly error: WireErrorData };

export interface SubscribeParams {
  readonly items: readonly SubscribeItem[];
}
export interface SubscribeResult {
  readonly items: readonly SubscribeResultItem[];
}

/** Methods of `request` that the protocol itself defines; the dot-less and `auth.` names are reserved. */
export const methods = { subscribe: 'subscribe', unsubscribe: 'unsubscribe', refresh: 'auth.refresh' } as const;
