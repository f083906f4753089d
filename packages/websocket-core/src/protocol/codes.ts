/**
 * The one registry of codes that cross the socket: WebSocket close codes and wire error codes.
 * `PROTOCOL.md`, `docs/errors.md` and this file are held equal by a test.
 */

/** What a connecting peer does after a close: connect again, get a fresh token and connect again, or stop. */
export type CloseAction = 'reconnect' | 'refresh' | 'final';

export interface CloseCodeInfo {
  /** Stable name, used in metrics and logs. */
  readonly name: string;
  readonly action: CloseAction;
  /** When the code is sent or seen. */
  readonly when: string;
}

/**
 * Close codes that Fleetwire sends or knows (RFC 6455 section 7.4). `44nn` echoes HTTP 4nn and the client connects
 * again; `45nn` echoes HTTP 4nn and is final, so that a client knows what to do with a code invented later.
 */
export const closeCodes = {
  1000: { name: 'NORMAL', action: 'reconnect', when: 'the connection has done its work' },
  1001: { name: 'GOING_AWAY', action: 'reconnect', when: 'an endpoint goes away' },
  1002: { name: 'PROTOCOL_ERROR', action: 'final', when: 'a frame that the state or the protocol forbids' },
  1003: { name: 'UNSUPPORTED_DATA', action: 'final', when: 'a kind of message that the endpoint cannot accept' },
  1006: { name: 'ABNORMAL', action: 'reconnect', when: 'the socket was lost without a close frame (never sent)' },
  1007: {
    name: 'INVALID_PAYLOAD',
    action: 'final',
    when: 'text that is not UTF-8, not JSON, not one object, or nested too deeply',
  },
  1008: {
    name: 'POLICY_VIOLATION',
    action: 'final',
    when: 'a policy that no other code names, such as a missing organisation',
  },
  1009: { name: 'MESSAGE_TOO_BIG', action: 'final', when: 'a message larger than `limits.maxPayloadBytes`' },
  1011: { name: 'INTERNAL_ERROR', action: 'reconnect', when: 'the server failed to serve the connection' },
  1012: { name: 'SERVICE_RESTART', action: 'reconnect', when: 'the server restarts; sent at the end of a drain' },
  1013: { name: 'TRY_AGAIN_LATER', action: 'reconnect', when: 'the server is overloaded' },
  4401: { name: 'TOKEN_EXPIRED', action: 'refresh', when: 'the token expired and was not refreshed within the grace' },
  4408: {
    name: 'PEER_TIMEOUT',
    action: 'reconnect',
    when: 'no hello in time, no answer to a ping in time, or no byte taken for too long',
  },
  4409: { name: 'CONFLICT', action: 'reconnect', when: 'another connection holds what this one claims' },
  4429: { name: 'TOO_MANY_FRAMES', action: 'reconnect', when: 'the frame rate stayed over the limit' },
  4501: {
    name: 'TOKEN_INVALID',
    action: 'final',
    when: 'the token is missing, malformed, revoked, or names another user or organisation than before',
  },
  4503: { name: 'FORBIDDEN', action: 'final', when: 'the identity may not use this endpoint' },
  4504: { name: 'NOT_FOUND', action: 'final', when: 'the endpoint does not exist' },
} as const satisfies Record<number, CloseCodeInfo>;

export type CloseCode = keyof typeof closeCodes;

export { closeAction } from './code-rules.ts';

/** Name of a close code for logs and metrics; `CODE_<n>` when the registry does not know it. */
export function closeCodeName(code: number): string {
  return (closeCodes as Record<number, CloseCodeInfo>)[code]?.name ?? `CODE_${String(code)}`;
}

export interface WireErrorInfo {
  /** Whether the same call may succeed later without a change by the caller. */
  readonly retryable: boolean;
  readonly when: string;
}

/** Wire error codes: the closed set that `response.error`, `error`, `unsubscribed`, `goaway` and `stream.close` use. */
export const wireErrors = {
  BAD_FRAME: { retryable: false, when: 'a frame of a known type has missing or wrong fields' },
  UNKNOWN_TYPE: { retryable: false, when: 'a frame type that the peer does not know' },
  BAD_REQUEST: { retryable: false, when: 'the parameters of a request are not what its method takes' },
  UNKNOWN_METHOD: { retryable: false, when: 'no handler serves the method' },
  UNKNOWN_CHANNEL: { retryable: false, when: 'no source serves the channel, or the caller may not know that one does' },
  BAD_POSITION: { retryable: false, when: '`since` is not a position of this channel' },
  NOT_SUBSCRIBED: { retryable: false, when: 'the connection holds no subscription with this `ch`' },
  UNAUTHENTICATED: { retryable: false, when: 'the token of a refresh is not valid' },
  FORBIDDEN: { retryable: false, when: 'the identity lacks the permission' },
  NOT_FOUND: { retryable: false, when: 'what the request names does not exist for this identity' },
  CONFLICT: { retryable: false, when: 'the request contradicts the present state' },
  PAYLOAD_TOO_LARGE: { retryable: false, when: 'a result or a publication is larger than the receiver takes' },
  RATE_LIMITED: { retryable: true, when: 'more text frames a second than `limits` allows' },
  TOO_MANY_REQUESTS: { retryable: true, when: 'more unanswered requests than `limits.maxPendingRequests`' },
  TOO_MANY_SUBSCRIPTIONS: { retryable: false, when: 'more subscriptions than `limits.maxSubscriptions`' },
  CANCELLED: { retryable: false, when: 'the caller cancelled the request' },
  TIMEOUT: { retryable: true, when: 'the answer was not ready in the time allowed' },
  UNAVAILABLE: { retryable: true, when: 'something the request needs is away for the moment' },
  INTERNAL: { retryable: false, when: 'a handler failed in a way it did not foresee; the log has the cause' },
  LAGGED: { retryable: true, when: 'a recoverable subscription fell behind its window; resume by position' },
  SCOPE_CHANGED: { retryable: true, when: 'the identity may still subscribe, but sees other data than before' },
  ENDED: { retryable: false, when: 'the channel has ended' },
  POSITION_LOST: { retryable: true, when: 'the history behind a feed was lost; subscribe again' },
  DRAINING: { retryable: true, when: 'the server is about to stop; connect again' },
  TAKEN_OVER: { retryable: false, when: 'a newer connection of the same peer took over' },
  STREAM_REFUSED: { retryable: false, when: 'the peer opens no streams of this kind' },
  STREAM_UNKNOWN: { retryable: false, when: 'no open stream has this id' },
  STREAM_VIOLATION: {
    retryable: false,
    when: 'bytes beyond the credit, credit beyond the window, or data after an end',
  },
  RELAY_LOST: { retryable: true, when: 'the link between two replicas broke under a stream' },
  NOT_OWNER: { retryable: true, when: 'this replica does not own the agent any more; look it up again' },
} as const satisfies Record<string, WireErrorInfo>;

export type WireErrorCode = keyof typeof wireErrors;

/** Whether a string that came over the wire is a code of the closed set. */
export function isWireErrorCode(code: string): code is WireErrorCode {
  return Object.hasOwn(wireErrors, code);
}

/** Longest close reason in bytes of UTF-8 (RFC 6455 section 5.5: 125 bytes of a control frame less 2 of the code). */
export const maxCloseReasonBytes = 123;
