import type { PluginErrorCode } from '../../protocol/error-codes.ts';
import { PluginError, type PluginPhase } from '../../protocol/error.ts';
import { storeCodeOf } from '../store/store-error.ts';

const timeouts: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  // Some errors of undici's parser have no code.
  return error instanceof Error && error.name === 'HTTPParserError' ? error.name : '';
}

// OpenSSL's verification errors as Node names them (https://nodejs.org/api/tls.html#x509-certificate-error-codes).
const tlsCode = /^(?:CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA)/;

const noHttp = /^(?:HPE_|HTTPParserError$|UND_ERR_HEADERS_OVERFLOW$|UND_ERR_RES_CONTENT_LENGTH_MISMATCH$)/;

function networkCodeOf(code: string, isBody: boolean): [PluginErrorCode, string] {
  if (timeouts.has(code)) return ['E_RESPONSE_TIMEOUT', 'the server was silent for too long'];
  if (tlsCode.test(code) || code === 'EPROTO') return ['E_TLS', 'no trusted connection to the server'];
  if (isBody && (code === 'UND_ERR_SOCKET' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')) {
    return ['E_RESPONSE_TRUNCATED', 'the connection ended before the body did'];
  }
  if (noHttp.test(code)) return ['E_RESPONSE_INVALID', 'the answer is no HTTP'];
  return ['E_NETWORK', 'the connection failed'];
}

/** What a proxy answered that was asked for a connection; undici has it in its message alone. */
function proxyStatusOf(error: unknown): number | undefined {
  const [, status] = error instanceof Error ? (/^Proxy response \((\d{3})\)/.exec(error.message) ?? []) : [];
  return status === undefined ? undefined : Number(status);
}

/** What went wrong on the way to `url`, by the proxy that `proxyName` names if any, or while its body was read. */
export function networkError(
  error: unknown,
  url: string,
  isBody: boolean,
  phase: PluginPhase,
  proxyName?: string,
): PluginError {
  if (error instanceof PluginError) return error;
  const way = proxyName === undefined ? '' : `, by the proxy of ${proxyName}`;
  const proxyStatus = proxyName === undefined ? undefined : proxyStatusOf(error);
  if (proxyStatus !== undefined) {
    const message = `the proxy answered with status ${String(proxyStatus)} and made no connection: ${url}${way}`;
    // What it forbids, and whom it does not know, is the same at the next try.
    const retryable = proxyStatus === 429 || proxyStatus >= 500;
    const details = { url, proxyName, proxyStatus };
    return new PluginError('E_NETWORK', message, { phase, retryable, details, cause: error });
  }
  const reason = codeOf(error);
  const [code, message] = networkCodeOf(reason, isBody);
  const shown = reason === '' ? '' : ` (${reason})`;
  const details = { url, reason, ...(proxyName !== undefined && { proxyName }) };
  return new PluginError(code, `${message}: ${url}${shown}${way}`, { phase, details, cause: error });
}

/** What went wrong with the file that is written; its place is for the administrator of the machine alone: see the cause. */
export function fileError(error: unknown, phase: PluginPhase): PluginError {
  if (error instanceof PluginError) return error;
  const reason = codeOf(error);
  return new PluginError(storeCodeOf(reason), `what comes cannot be written (${reason})`, {
    phase,
    details: { reason },
    cause: error,
  });
}
