import type { FleetwireError } from '@fleetwire/websocket-core';
import type { VMErrorCode } from './message.ts';

/** Rejection of a command or of console input, before it was sent (`INVALID_COMMAND`) or by the server. */
export interface VMCommandError extends FleetwireError {
  readonly code: VMErrorCode;
}
