import type { OperationProgress } from '../core/operation-progress.ts';
import { PluginError, type PluginPhase } from '../protocol/error.ts';
import type { PluginErrorCode } from '../protocol/error-codes.ts';
import type { PluginProgress } from '../protocol/progress.ts';

const phaseMessages: Readonly<Record<PluginPhase, string>> = {
  resolve: 'Fetching Plugin Metadata',
  policy: 'Plugin Metadata Fetched',
  download: 'Downloading Plugin',
  integrity: 'Plugin Downloaded',
  signature: 'Checking Signature',
  inspect: 'Inspecting Plugin',
  extract: 'Extracting Plugin',
  manifest: 'Plugin Extracted',
  compat: 'Checking Compatibility',
  commit: 'Activating Plugin',
  cleanup: 'Cleaning Up',
};

/** How each call of the façade ends. */
export const doneMessages = {
  install: 'Plugin Installed',
  update: 'Plugin Updated',
  uninstall: 'Plugin Uninstalled',
  fetch: 'Plugin Metadata Fetched',
} as const;

/** What callers of Headlamp's plugin management compare messages with; so these stay as they are. */
const knownMessages: Readonly<Partial<Record<PluginErrorCode, string>>> = {
  E_NAME_REQUIRED: 'Plugin name is required',
  E_NAME_INVALID: 'Invalid plugin name',
  E_NOT_FOUND: 'Plugin not found',
  E_NOT_INSTALLED: 'Plugin not found',
  E_UP_TO_DATE: 'No updates available',
  E_CANCELLED: 'Download cancelled',
};

/** An event as `onProgress` is told it; undefined for the last, which a call tells itself. */
export function pluginProgressOf(progress: OperationProgress): PluginProgress | undefined {
  const { percentage } = progress;
  switch (progress.type) {
    case 'queued':
      return { type: 'info', message: 'Waiting', percentage };
    case 'phase':
      return { type: 'info', message: phaseMessages[progress.phase], percentage };
    case 'bytes':
      return { type: 'info', message: phaseMessages.download, percentage };
    case 'warning':
      return { type: 'info', message: progress.message, percentage };
    case 'done':
    case 'failed':
    case 'cancelled':
      return undefined;
  }
}

/** The error under the message that callers know for its code; what it said is its `cause`. */
export function withKnownMessage(error: PluginError): PluginError {
  const message = knownMessages[error.code];
  // A name that several plugins have is a good one: the message says which they are.
  const isAmbiguous = 'pluginIds' in error.details;
  if (message === undefined || message === error.message || isAmbiguous) return error;
  const { code, phase, pluginId, retryable, retryAfterMs, details } = error;
  return new PluginError(code, message, { phase, pluginId, retryable, retryAfterMs, details, cause: error });
}
