export {
  localErrors,
  toWireError,
  FleetwireError,
  type FleetwireErrorOptions,
  type LocalErrorCode,
} from './core/errors.ts';
export { systemClock, type Clock, type TimerHandle } from './core/clock.ts';
export { backoffMs, type BackoffSteps } from './core/backoff.ts';
export {
  acceptingStart,
  acceptingTransition,
  type AcceptingEffect,
  type AcceptingEvent,
  type AcceptingState,
  type AcceptingTransition,
} from './core/accepting-peer.ts';
export {
  connectingStart,
  connectingTransition,
  type CloseCause,
  type ConnectingConfig,
  type ConnectingEffect,
  type ConnectingEvent,
  type ConnectingState,
  type ConnectingTransition,
} from './core/connecting-peer.ts';
export {
  closeAction,
  closeCodeName,
  closeCodes,
  isWireErrorCode,
  maxCloseReasonBytes,
  wireErrors,
  type CloseAction,
  type CloseCode,
  type CloseCodeInfo,
  type WireErrorCode,
  type WireErrorInfo,
} from './protocol/codes.ts';
export { canonicalParams } from './protocol/canonical-params.ts';
export { decodeAcceptingPeerFrame, decodeConnectingPeerFrame, type Decoded } from './protocol/decode.ts';
export { clipCloseReason, encodeFrame, wireError } from './protocol/encode.ts';
export { guardAcceptingPeerFrame } from './protocol/guards.ts';
export { decodeLeb128, encodeLeb128, maxStreamId, type Leb128Failure, type Leb128Result } from './protocol/leb128.ts';
export {
  agentLimits,
  browserLimits,
  maxJsonDepth,
  queueLimits,
  type ConnectionLimits,
  type QueueLimits,
} from './protocol/limits.ts';
export { scaleTimings, timings, tokenRefreshFraction, type Timings } from './protocol/timings.ts';
export { BEARER_PROTOCOL_PREFIX, PROTOCOL_NAME, PROTOCOL_REVISION } from './protocol/version.ts';
export type {
  AcceptingPeerFrame,
  CancelFrame,
  ConnectingPeerFrame,
  ErrorFrame,
  Frame,
  GapFrame,
  GoawayFrame,
  HelloFrame,
  MessageFrame,
  PeerInfo,
  PingFrame,
  PongFrame,
  PublicationFrame,
  RequestFrame,
  ResponseFrame,
  SnapshotFrame,
  StateDeletion,
  StateItem,
  StreamCloseFrame,
  StreamOpenFrame,
  SubscribeItem,
  SubscribeMode,
  SubscribeParams,
  SubscribeResult,
  SubscribeResultItem,
  UnsubscribedFrame,
  WelcomeFrame,
  WireErrorData,
} from './protocol/frames.ts';
