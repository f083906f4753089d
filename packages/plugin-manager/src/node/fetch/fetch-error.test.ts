import { errors } from 'undici';
import { describe, expect, it } from 'vitest';
import { PluginError } from '../../protocol/error.ts';
import { fileError, networkError } from './fetch-error.ts';

const withCode = (code: string) => Object.assign(new Error(code), { code });

describe('fileError', () => {
  it.each([
    ['ENOSPC', 'E_STORE_FULL', true],
    ['EDQUOT', 'E_STORE_FULL', true],
    ['EROFS', 'E_STORE_UNWRITABLE', false],
    ['EACCES', 'E_STORE_UNWRITABLE', false],
    ['EIO', 'E_STORE', false],
  ])('calls %s %s', (reason, code, retryable) => {
    const error = fileError(withCode(reason), 'download');
    expect(error).toMatchObject({ code, retryable, phase: 'download' });
    // Where the store is, is for nobody to see.
    expect(error.details).toEqual({ reason });
    expect(error.message).toBe(`what comes cannot be written (${reason})`);
  });
});

describe('networkError', () => {
  it.each([
    ['UND_ERR_CONNECT_TIMEOUT', false, 'E_RESPONSE_TIMEOUT'],
    ['UND_ERR_BODY_TIMEOUT', true, 'E_RESPONSE_TIMEOUT'],
    ['ETIMEDOUT', false, 'E_RESPONSE_TIMEOUT'],
    ['CERT_HAS_EXPIRED', false, 'E_TLS'],
    ['SELF_SIGNED_CERT_IN_CHAIN', false, 'E_TLS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false, 'E_TLS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false, 'E_TLS'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', false, 'E_TLS'],
    ['UND_ERR_SOCKET', false, 'E_NETWORK'],
    ['UND_ERR_SOCKET', true, 'E_RESPONSE_TRUNCATED'],
    ['UND_ERR_HEADERS_OVERFLOW', false, 'E_RESPONSE_INVALID'],
    ['HPE_INVALID_CHUNK_SIZE', true, 'E_RESPONSE_INVALID'],
    ['ECONNRESET', true, 'E_NETWORK'],
    ['ENOTFOUND', false, 'E_NETWORK'],
  ])('calls %s (of the body: %s) %s', (reason, isBody, code) => {
    const error = networkError(withCode(reason), 'https://example.org/a', isBody, 'resolve');
    expect(error).toMatchObject({ code, phase: 'resolve', details: { url: 'https://example.org/a', reason } });
  });

  it.each([
    [403, false],
    [407, false],
    [429, true],
    [502, true],
  ])('says what the proxy answered in place of a connection, %i, which may pass: %s', (status, retryable) => {
    const refused = new errors.RequestAbortedError(`Proxy response (${String(status)}) !== 200 when HTTP Tunneling`);
    const error = networkError(refused, 'https://example.org/a', false, 'resolve', 'HTTPS_PROXY');
    const details = { proxyName: 'HTTPS_PROXY', proxyStatus: status };
    expect(error).toMatchObject({ code: 'E_NETWORK', retryable, details });
    expect(error.message).toBe(
      `the proxy answered with status ${String(status)} and made no connection: https://example.org/a, by the proxy of HTTPS_PROXY`,
    );
  });

  it('leaves errors of ours as they are', () => {
    const error = new PluginError('E_HOST_DENIED', 'no', { phase: 'resolve' });
    expect(networkError(error, 'https://example.org/a', false, 'download')).toBe(error);
  });
});
