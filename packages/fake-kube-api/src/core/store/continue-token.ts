import { badRequest } from '../status-errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Where a list goes on. `revision` -1 asks for the present state instead of the first page's. */
export interface ContinueToken {
  readonly revision: number;
  /** The first key that may come, without the leading slash. */
  readonly start: string;
}

function encode(ascii: string): string {
  let text = '';
  for (let index = 0; index < ascii.length; index += 3) {
    const bytes = [0, 1, 2].map((offset) => ascii.charCodeAt(index + offset) || 0);
    const word = ((bytes[0] ?? 0) << 16) | ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0);
    const count = Math.min(3, ascii.length - index) + 1;
    for (let digit = 0; digit < count; digit += 1) text += ALPHABET[(word >> (18 - 6 * digit)) & 63] ?? '';
  }
  return text;
}

function decode(text: string): string {
  let ascii = '';
  let word = 0;
  let bits = 0;
  for (const char of text) {
    const digit = ALPHABET.indexOf(char);
    if (digit < 0) throw badRequest('continue key is not valid: illegal base64 data');
    word = ((word << 6) | digit) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      ascii += String.fromCharCode((word >> bits) & 0xff);
    }
  }
  return ascii;
}

/** Encodes a token as the API server does: base64url of JSON, without padding. Object names are ASCII. */
export function encodeContinueToken(token: ContinueToken): string {
  // The token of an inconsistent rest comes from the storage below the watch cache, which writes no leading slash.
  const start = token.revision === -1 ? token.start : `/${token.start}`;
  return encode(JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start }));
}

/**
 * Decodes a token.
 *
 * @throws StatusError 400 when it is none of this server's.
 */
export function decodeContinueToken(text: string): ContinueToken {
  let value: unknown;
  try {
    value = JSON.parse(decode(text));
  } catch {
    throw badRequest('continue key is not valid: it is not a token of this server');
  }
  const { v, rv, start } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (v !== 'meta.k8s.io/v1') {
    throw badRequest('continue key is not valid: server does not recognize this encoded version');
  }
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0 || rv < -1) {
    throw badRequest('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw badRequest('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  }
  return { revision: rv, start: start.startsWith('/') ? start.slice(1) : start };
}
