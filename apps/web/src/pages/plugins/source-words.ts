import type { PluginFailure } from '@fleetwire/plugin-manager';

/** Codes of a source that did not answer, or not as a source does, whatever it was asked for. */
const silentCodes: ReadonlySet<string> = new Set([
  'E_HTTP_STATUS',
  'E_NETWORK',
  'E_RESPONSE_TIMEOUT',
  'E_RESPONSE_TRUNCATED',
  'E_TIMEOUT',
  'E_TLS',
]);

/** Whether the source has not answered: then it may do so later, and nothing is known of what was asked for. */
export function isSilence({ code }: { readonly code: string }): boolean {
  return silentCodes.has(code);
}

/** What Node (https://nodejs.org/api/errors.html#common-system-errors, and `dns`) and undici say of a connection, in words. */
const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name cannot be resolved',
  EAI_AGAIN: 'its name cannot be resolved now',
  ECONNREFUSED: 'nothing answers at its address',
  ECONNRESET: 'it closed the connection',
  UND_ERR_SOCKET: 'it closed the connection',
};

/** Why a source did not answer, with the code: `its name cannot be resolved (E_NETWORK)`. */
export function whySilent({ code, message, details }: Pick<PluginFailure, 'code' | 'message' | 'details'>): string {
  const { reason } = details;
  const words = typeof reason === 'string' && Object.hasOwn(reasons, reason) ? reasons[reason] : undefined;
  return `${words ?? message} (${code})`;
}

/** Whether to ask again may help: nobody has answered. */
export function mayAskAgain(error: Error | null): boolean {
  const code = codeOf(error);
  return isSilence({ code }) || code === 'UNREACHABLE';
}

/** What is said in the place of what an install would mean. */
export function notInstallableTitle(error: Error): string {
  const code = codeOf(error);
  if (isSilence({ code })) return 'The source does not answer';
  return code === 'UNREACHABLE' ? 'The server does not answer' : 'This version cannot be installed';
}

function codeOf(error: Error | null): string {
  return error !== null && 'code' in error ? String(error.code) : '';
}

/** What is said of a plugin that is not installed and of which its source has told nothing; `error`: why, null where nobody asked. */
export function notKnownTitle(error: Error | null): string {
  const code = codeOf(error);
  if (isSilence({ code })) return 'The source does not answer';
  return code === 'E_NOT_FOUND' || error === null ? 'It is not installed' : 'It cannot be shown';
}
