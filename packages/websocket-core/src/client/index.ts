export { createClient } from './create-client.ts';
export { FleetwireError } from '../core/errors.ts';
export { closeAction, closeCodeName } from '../protocol/codes.ts';
export type {
  Client,
  ClientOptions,
  ClientState,
  GetToken,
  RequestOptions,
  ServerRequestContext,
  ServerRequestHandler,
  StateItems,
  SubscribeOptions,
  Subscription,
  SubscriptionListener,
  SubscriptionState,
  TokenReason,
  WelcomeInfo,
} from './types.ts';
export type { CloseCause } from '../core/connecting-peer.ts';
export type { Clock, TimerHandle } from '../core/clock.ts';
export type { OpenSocket, WebSocketLike } from '../core/web-socket-like.ts';
export type { CloseAction } from '../protocol/codes.ts';
export type { PeerInfo, StateItem, SubscribeMode } from '../protocol/frames.ts';
export type { ConnectionLimits } from '../protocol/limits.ts';
export type { Timings } from '../protocol/timings.ts';
