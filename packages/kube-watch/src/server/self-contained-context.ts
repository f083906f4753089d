import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import { FleetwireError } from '@fleetwire/websocket-core';
import { kubeChannel } from '../protocol/channel.ts';
import type { OwnClusterErrorCode } from './own-cluster-errors.ts';

/**
 * A context of a kubeconfig with everything that a request needs, and nothing that is a file, a program or a proxy of
 * the machine. Plain JSON; absent fields are left out.
 */
export interface SelfContainedContext {
  readonly name: string;
  /** An https URL without user, query or fragment, and without a slash at its end. */
  readonly server: string;
  /** The name that the server's certificate is for, where it is not the host of `server`. */
  readonly tlsServerName?: string;
  /** Base64 of PEM, as in the other `…Data`. */
  readonly certificateAuthorityData?: string;
  /** Left out for false. */
  readonly insecureSkipTlsVerify?: true;
  readonly namespace?: string;
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly username?: string;
  readonly password?: string;
}

/** A field, and what was expected of it and came. */
export interface ContextProblem {
  readonly field: keyof SelfContainedContext;
  readonly message: string;
}

type Checked = { readonly value: string | true | undefined } | { readonly message: string };

const maxNameLength = 253;
/** A channel's name is limited on the wire, and holds the cluster's encoded. */
const maxChannelLength = 512;
const maxServerLength = 2_000;
const maxTokenLength = 16 * 1024;
const maxCredentialLength = 1_000;
/** The bundles of operating systems have 250 KiB. */
const maxCertificateDataLength = 512 * 1024;

const checks: Readonly<Record<keyof SelfContainedContext, (value: unknown) => Checked>> = {
  name: (value) => checkName(value),
  server: (value) => checkServer(value),
  tlsServerName: (value) =>
    checkText(value, maxNameLength, 'a DNS name', (text) => /^[\w-]+(\.[\w-]+)*\.?$/.test(text) && isIP(text) === 0),
  certificateAuthorityData: (value) => checkCertificates(value),
  insecureSkipTlsVerify: (value) =>
    value === true ? { value } : { message: `expected true or false, got ${kindOf(value)}` },
  namespace: (value) =>
    checkText(value, 63, 'the name of a namespace', (text) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text)),
  token: (value) =>
    checkText(value, maxTokenLength, 'visible ASCII characters without spaces', (text) => /^[\x21-\x7e]+$/.test(text)),
  clientCertificateData: (value) => checkCertificates(value),
  clientKeyData: (value) => checkKey(value),
  // RFC 7617 section 2: the first colon ends the name, and neither has control characters.
  username: (value) =>
    checkText(value, maxCredentialLength, 'a name without colons and control characters', (text) =>
      /^[^:\p{Cc}\p{Cs}]+$/u.test(text),
    ),
  password: (value) =>
    checkText(value, maxCredentialLength, 'a text without control characters', (text) =>
      /^[^\p{Cc}\p{Cs}]+$/u.test(text),
    ),
};

const fields = Object.keys(checks) as (keyof SelfContainedContext)[];

/** What counts as not there: kubectl writes empty texts and `false` for what is not set. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === false;
}

/** A value's kind for a message: values may be secrets. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `a text of ${String(value.length)} characters`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Checks the fields of a context one by one, then together; other fields are ignored. Never throws. */
export function checkContext(
  candidate: Readonly<Partial<Record<keyof SelfContainedContext, unknown>>>,
): { readonly context: SelfContainedContext } | { readonly problems: readonly ContextProblem[] } {
  const problems: ContextProblem[] = [];
  const found: Partial<Record<keyof SelfContainedContext, string | true>> = {};
  for (const field of fields) {
    const value = Object.hasOwn(candidate, field) ? candidate[field] : undefined;
    if (isAbsent(value) && field !== 'name' && field !== 'server') continue;
    const checked = checks[field](value);
    if ('message' in checked) problems.push({ field, message: checked.message });
    else if (checked.value !== undefined) found[field] = checked.value;
  }
  const context = found as SelfContainedContext;
  if (problems.length === 0) problems.push(...contradictionsOf(context));
  return problems.length === 0 ? { context } : { problems };
}

/**
 * Checks a context again that was stored. Throws a FleetwireError INVALID_KUBECONFIG that names the fields and no value.
 */
export function readSelfContainedContext(value: unknown): SelfContainedContext {
  if (typeof value !== 'object' || value === null) {
    throw invalidKubeconfig(`expected a context, got ${kindOf(value)}`);
  }
  const checked = checkContext(value);
  if ('context' in checked) return checked.context;
  throw invalidKubeconfig(checked.problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
}

/** An error INVALID_KUBECONFIG. */
export function invalidKubeconfig(message: string): FleetwireError {
  return new FleetwireError('INVALID_KUBECONFIG' satisfies OwnClusterErrorCode, message);
}

/** What kubectl refuses too: two ways to prove the server, two bearers of the Authorization header, halves of a pair. */
function contradictionsOf(context: SelfContainedContext): ContextProblem[] {
  const problems: ContextProblem[] = [];
  const { clientCertificateData, clientKeyData, username, password, token } = context;
  if (context.insecureSkipTlsVerify === true && context.certificateAuthorityData !== undefined) {
    problems.push({
      field: 'insecureSkipTlsVerify',
      message: 'expected false beside a certificate authority, got true',
    });
  }
  if ((clientCertificateData === undefined) !== (clientKeyData === undefined)) {
    const field = clientKeyData === undefined ? 'clientKeyData' : 'clientCertificateData';
    problems.push({ field, message: 'expected a client certificate and its key together, got one of them' });
  } else if (clientCertificateData !== undefined && clientKeyData !== undefined) {
    const message = mismatchOf(clientCertificateData, clientKeyData);
    if (message !== undefined) problems.push({ field: 'clientKeyData', message });
  }
  if ((username === undefined) !== (password === undefined)) {
    const field = password === undefined ? 'password' : 'username';
    problems.push({ field, message: 'expected a user name and its password together, got one of them' });
  }
  if (token !== undefined && username !== undefined) {
    problems.push({ field: 'token', message: 'expected a token or a user name with its password, got both' });
  }
  return problems;
}

function checkText(value: unknown, max: number, expected: string, isRight: (text: string) => boolean): Checked {
  if (typeof value !== 'string') return { message: `expected ${expected}, got ${kindOf(value)}` };
  if (value.length > max)
    return { message: `expected ${expected}, at most ${String(max)} characters, got ${kindOf(value)}` };
  return isRight(value) ? { value } : { message: `expected ${expected}, got ${kindOf(value)} with others` };
}

/** It is a segment of URLs, where browsers would take `..` for the folder above. */
function checkName(value: unknown): Checked {
  const expected = 'a name without control characters and outer spaces, and other than . and ..';
  return checkText(
    value,
    maxNameLength,
    expected,
    (text) =>
      /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(text) &&
      text.trim() === text &&
      !/^\.{1,2}$/.test(text) &&
      kubeChannel(text).length <= maxChannelLength,
  );
}

function checkServer(value: unknown): Checked {
  const expected = 'an https URL without user, query and fragment';
  if (typeof value !== 'string') return { message: `expected ${expected}, got ${kindOf(value)}` };
  if (value.length > maxServerLength) {
    return { message: `expected at most ${String(maxServerLength)} characters, got ${kindOf(value)}` };
  }
  // URL drops some of these without a word.
  const url = /^[\x21-\x7e\u00a1-\uffff]+$/u.test(value) && !value.includes('\\') ? URL.parse(value) : null;
  if (url === null) return { message: `expected ${expected}, got a text that is no URL` };
  if (url.protocol !== 'https:') return { message: `expected ${expected}, got one of ${url.protocol}` };
  if (/^[^/?#]*\/*[^/?#]*@/.test(value)) {
    return { message: `expected ${expected}, got one with a user` };
  }
  if (/[?#]/.test(value)) return { message: `expected ${expected}, got one with a query or a fragment` };
  return { value: url.origin + url.pathname.replace(/\/+$/, '') };
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** One certificate or more, beside which PEM may hold comments. */
function checkCertificates(value: unknown): Checked {
  const pem = decode(value);
  if ('message' in pem) return pem;
  const blocks = pem.value.match(certificate) ?? [];
  if (blocks.length === 0) return { message: 'expected base64 of PEM with a certificate, got PEM without one' };
  for (const [index, block] of blocks.entries()) {
    if (readCertificate(block) === undefined) {
      return { message: `expected base64 of PEM, got a certificate at place ${String(index + 1)} that cannot be read` };
    }
  }
  return { value: Buffer.from(`${blocks.join('\n')}\n`).toString('base64') };
}

function checkKey(value: unknown): Checked {
  const pem = decode(value);
  if ('message' in pem) return pem;
  if (/ENCRYPTED/.test(pem.value))
    return { message: 'expected a private key without a passphrase, got an encrypted one' };
  if (readKey(pem.value) === undefined) {
    return { message: 'expected base64 of PEM with a private key, got what cannot be read as one' };
  }
  return { value: Buffer.from(pem.value).toString('base64') };
}

/** `node:buffer` would decode anything. */
function decode(value: unknown): { readonly value: string } | { readonly message: string } {
  const expected = 'expected base64 of PEM';
  if (typeof value !== 'string') return { message: `${expected}, got ${kindOf(value)}` };
  if (value.length > maxCertificateDataLength) {
    return { message: `${expected}, at most ${String(maxCertificateDataLength)} characters, got ${kindOf(value)}` };
  }
  const text = value.replace(/[\r\n\t ]/g, '');
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    return { message: `${expected}, got ${kindOf(value)} that is no base64` };
  }
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  if (!decoded.includes('-----BEGIN ')) return { message: `${expected}, got base64 of something else` };
  return { value: decoded };
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

/** Why TLS would not take the pair. */
function mismatchOf(certificateData: string, keyData: string): string | undefined {
  const cert = Buffer.from(certificateData, 'base64').toString('latin1');
  const key = Buffer.from(keyData, 'base64').toString('latin1');
  const privateKey = readKey(key);
  if (privateKey === undefined || readCertificate(cert)?.checkPrivateKey(privateKey) !== true) {
    return 'expected the key of the client certificate, got another one';
  }
  try {
    createSecureContext({ ca: [], cert, key });
    return undefined;
  } catch (error) {
    // A key that is too short for TLS, say.
    const { code } = error as NodeJS.ErrnoException;
    return `expected a certificate and a key that TLS takes, got ${code ?? 'others'}`;
  }
}
