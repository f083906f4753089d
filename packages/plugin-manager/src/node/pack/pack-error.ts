import type { PluginErrorCode } from '../../protocol/error-codes.ts';
import { PluginError, type PluginPhase } from '../../protocol/error.ts';

/** What the caller is told of an error of the file system, or of an operation that was cancelled. */
export function packError(error: unknown, phase: PluginPhase, doing: string): PluginError {
  if (error instanceof PluginError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new PluginError('E_CANCELLED', `cancelled while ${doing}`, { phase, cause: error });
  }
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new PluginError(codes[code] ?? 'E_STORE', `failed while ${doing}: ${message}`, { phase, cause: error });
}

const codes: Readonly<Record<string, PluginErrorCode>> = {
  ENOSPC: 'E_STORE_FULL',
  EDQUOT: 'E_STORE_FULL',
  EROFS: 'E_STORE_UNWRITABLE',
  EACCES: 'E_STORE_UNWRITABLE',
  EPERM: 'E_STORE_UNWRITABLE',
};
