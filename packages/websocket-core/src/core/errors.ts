import { isRetryableWireError } from '../protocol/code-rules.ts';
import type { WireErrorCode } from '../protocol/codes.ts';
import type { WireErrorData } from '../protocol/frames.ts';

/** Codes of errors that arise on this side of the socket and never cross it. */
export const localErrors = {
  CONNECTION_LOST: {
    retryable: true,
    when: 'the connection was lost before the answer came; `maybeExecuted` says whether the peer may have acted',
  },
  CONNECTION_CLOSED: { retryable: false, when: 'the client is closed and does not connect again by itself' },
  QUEUE_FULL: { retryable: true, when: 'the send queue holds as much as it may' },
  REQUEST_TIMEOUT: { retryable: true, when: 'no answer within the time limit of the request' },
  ABORTED: { retryable: false, when: 'the caller aborted' },
  INSECURE_URL: { retryable: false, when: 'a token would travel unencrypted to a host that is not loopback' },
  INVALID_ARGUMENT: { retryable: false, when: 'an argument is not what the function takes' },
  TOKEN_UNAVAILABLE: { retryable: true, when: '`getToken` failed' },
  LISTENER_FAILED: { retryable: false, when: 'a listener that the application gave has thrown; `cause` holds what' },
  MISSING_PEER: { retryable: false, when: 'an optional peer dependency is not installed; the message names it' },
  DISPOSED: { retryable: false, when: 'the object was disposed' },
} as const satisfies Record<string, { retryable: boolean; when: string }>;

export type LocalErrorCode = keyof typeof localErrors;

export interface FleetwireErrorOptions {
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly details?: unknown;
  readonly cause?: unknown;
  /** With CONNECTION_LOST, CONNECTION_CLOSED, DISPOSED and REQUEST_TIMEOUT of a request: whether it had been sent. */
  readonly maybeExecuted?: boolean | undefined;
}

/**
 * The error that every Fleetwire package throws: a stable string `code` (a wire code where the peer sent it, else a
 * local one), whether a retry makes sense, and the cause.
 */
export class FleetwireError extends Error {
  override readonly name = 'FleetwireError';
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: unknown;
  readonly maybeExecuted: boolean | undefined;

  constructor(
    code: LocalErrorCode | WireErrorCode | (string & {}),
    message: string,
    options: FleetwireErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? isRetryable(code);
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
    this.maybeExecuted = options.maybeExecuted;
  }

  /** Makes an error of what a peer sent. */
  static fromWire(data: WireErrorData): FleetwireError {
    return new FleetwireError(data.code, data.message, {
      retryable: data.retryable,
      retryAfterMs: data.retryAfterMs,
      details: data.details,
    });
  }
}

function isRetryable(code: string): boolean {
  if (isRetryableWireError(code)) return true;
  return Object.hasOwn(localErrors, code) && localErrors[code as LocalErrorCode].retryable;
}

/**
 * The wire form of whatever a handler threw. A {@link FleetwireError} with a wire code travels as it is; anything else
 * becomes INTERNAL without its message, which may hold what the peer must not see.
 */
export function toWireError(error: unknown): WireErrorData {
  if (error instanceof FleetwireError && !Object.hasOwn(localErrors, error.code)) {
    return {
      code: error.code,
      message: error.message,
      retryable: error.retryable,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error.details === undefined ? {} : { details: error.details }),
    };
  }
  return { code: 'INTERNAL', message: 'the server failed to handle this', retryable: false };
}
