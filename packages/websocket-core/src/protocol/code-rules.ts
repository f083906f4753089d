import type { CloseAction, CloseCode, WireErrorCode } from './codes.ts';

/**
 * What a client needs of the registry in `codes.ts`, without its texts: those are a tenth of a browser's bundle. A test
 * holds the two equal.
 */

const finalCloseCodes: readonly number[] = [1002, 1003, 1007, 1008, 1009] satisfies CloseCode[];
const refreshCloseCode = 4401 satisfies CloseCode;

/**
 * What a connecting peer does after `code`, known or not: the registry first, then the range.
 * `44nn` reconnects, `45nn` is final; any other unknown code reconnects, since giving up is the costlier mistake.
 */
export function closeAction(code: number): CloseAction {
  if (code === refreshCloseCode) return 'refresh';
  return finalCloseCodes.includes(code) || (code >= 4500 && code <= 4599) ? 'final' : 'reconnect';
}

const retryableWireErrors: readonly string[] = [
  'RATE_LIMITED',
  'TOO_MANY_REQUESTS',
  'TIMEOUT',
  'UNAVAILABLE',
  'LAGGED',
  'SCOPE_CHANGED',
  'POSITION_LOST',
  'DRAINING',
  'RELAY_LOST',
  'NOT_OWNER',
] satisfies WireErrorCode[];

/** Whether the registry calls a wire error retryable; false for a code that it does not know. */
export function isRetryableWireError(code: string): boolean {
  return retryableWireErrors.includes(code);
}
