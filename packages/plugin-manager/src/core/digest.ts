import { PluginError } from '../protocol/error.ts';
import { digestAlgorithms, type Digest } from '../protocol/release.ts';
import { shown } from './check-shape.ts';
import { invalidResponse } from './invalid-response.ts';

/** Hex digits of each. */
export const hexLengths = { sha256: 64, sha384: 96, sha512: 128 } as const;
/** Too weak to tell one archive from another that was made to look the same. */
const weakLengths: Readonly<Record<number, string>> = { 32: 'md5', 40: 'sha1' };
const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digits = (hex: string): boolean => /^[0-9a-f]+$/i.test(hex);

/** Hex of base64 with its padding; undefined for what is none, or not in its one canonical form. */
function hexOfBase64(text: string): string | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  let bits = '';
  for (const char of text.replace(/=+$/, '')) bits += base64Alphabet.indexOf(char).toString(2).padStart(6, '0');
  const whole = bits.length - (bits.length % 8);
  if (bits.slice(whole).includes('1')) return undefined;
  let hex = '';
  for (let index = 0; index < whole; index += 4) hex += Number.parseInt(bits.slice(index, index + 4), 2).toString(16);
  return hex;
}

function algorithmError(name: string, where: string, pluginId: string | undefined): PluginError {
  const message = `${where}: expected a checksum of ${digestAlgorithms.join(', ')}; got one of ${shown(name)}`;
  return new PluginError('E_CHECKSUM_ALGORITHM', message, { phase: 'integrity', pluginId, details: { where, name } });
}

/**
 * A checksum as publishers write it: `SHA256:<hex>`, `sha256-<hex>`, the base64 of Subresource Integrity
 * (https://www.w3.org/TR/SRI/), or hex alone, whose length then names the algorithm. `where` names its place in messages.
 *
 * Throws a {@link PluginError}: E_CHECKSUM_MISSING, E_CHECKSUM_ALGORITHM (md5 and sha1 too), E_RESPONSE_INVALID.
 */
export function parseDigest(checksum: unknown, where: string, pluginId?: string): Digest {
  if (checksum === undefined || checksum === null || checksum === '') {
    const message = `${where}: expected a checksum, got none; what cannot be verified is not installed`;
    throw new PluginError('E_CHECKSUM_MISSING', message, { phase: 'integrity', pluginId, details: { where } });
  }
  const expected = 'expected a checksum such as "sha256:" and 64 hex digits';
  const fail = () => invalidResponse(where, { expected, found: shown(checksum), path: '' }, pluginId);
  if (typeof checksum !== 'string') throw fail();
  const [, name, rest = ''] = /^(sha-\d{1,3}|[a-z][a-z0-9]{0,15})[:-](.*)$/i.exec(checksum.trim()) ?? [];
  if (name === undefined) return bareDigest(checksum.trim(), where, pluginId, fail);
  const algorithm = digestAlgorithms.find((known) => known === name.toLowerCase().replace('-', ''));
  if (algorithm === undefined) throw algorithmError(name, where, pluginId);
  const hex = rest.length === hexLengths[algorithm] && digits(rest) ? rest : hexOfBase64(rest);
  if (hex?.length !== hexLengths[algorithm]) throw fail();
  return { algorithm, hex: hex.toLowerCase() };
}

/** E_INTEGRITY: bytes are not what their checksum says. `where` names the file, without what must not be told. */
export function digestMismatch(
  where: string,
  digest: Digest,
  found: { readonly hex: string; readonly bytes: number },
): PluginError {
  const { algorithm, hex: expected } = digest;
  const message = `${where}: expected ${algorithm} ${expected}, got ${found.hex}`;
  return new PluginError('E_INTEGRITY', message, {
    phase: 'integrity',
    details: { algorithm, expected, found: found.hex, bytes: found.bytes },
  });
}

function bareDigest(hex: string, where: string, pluginId: string | undefined, fail: () => PluginError): Digest {
  if (!digits(hex)) throw fail();
  const weak = weakLengths[hex.length];
  if (weak !== undefined) throw algorithmError(weak, where, pluginId);
  const algorithm = digestAlgorithms.find((known) => hexLengths[known] === hex.length);
  if (algorithm === undefined) throw fail();
  return { algorithm, hex: hex.toLowerCase() };
}
