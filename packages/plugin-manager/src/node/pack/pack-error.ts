import { PluginError, type PluginPhase } from '../../protocol/error.ts';
import { storeCodeOf } from '../store/store-error.ts';

/** What the caller is told of an error of the file system, or of an operation that was cancelled. */
export function packError(error: unknown, phase: PluginPhase, doing: string): PluginError {
  if (error instanceof PluginError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new PluginError('E_CANCELLED', `cancelled while ${doing}`, { phase, cause: error });
  }
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new PluginError(storeCodeOf(code), `failed while ${doing}: ${message}`, { phase, cause: error });
}
