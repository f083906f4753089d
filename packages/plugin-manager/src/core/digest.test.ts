import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseDigest } from './digest.ts';

const where = 'annotation headlamp/plugin/archive-checksum';
const hex = createHash('sha256').update('x').digest('hex');
const codeOf = (checksum: unknown): unknown => {
  try {
    return parseDigest(checksum, where);
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

it.each([`SHA256:${hex}`, `sha256:${hex.toUpperCase()}`, `sha256-${hex}`, `SHA-256:${hex}`, hex, ` ${hex} `])(
  'reads %s',
  (checksum) => expect(parseDigest(checksum, where)).toEqual({ algorithm: 'sha256', hex }),
);

it.each(['sha256', 'sha384', 'sha512'])('reads the base64 of subresource integrity and bare hex of %s', (algorithm) => {
  const hash = createHash(algorithm).update('some bytes').digest();
  const digest = { algorithm, hex: hash.toString('hex') };
  expect(parseDigest(`${algorithm}-${hash.toString('base64')}`, where)).toEqual(digest);
  expect(parseDigest(hash.toString('hex'), where)).toEqual(digest);
});

it.each([
  ['', 'E_CHECKSUM_MISSING'],
  [undefined, 'E_CHECKSUM_MISSING'],
  [`md5:${'a'.repeat(32)}`, 'E_CHECKSUM_ALGORITHM'],
  ['a'.repeat(32), 'E_CHECKSUM_ALGORITHM'],
  [`SHA1:${'a'.repeat(40)}`, 'E_CHECKSUM_ALGORITHM'],
  [`sha-1:${'a'.repeat(40)}`, 'E_CHECKSUM_ALGORITHM'],
  ['a'.repeat(40), 'E_CHECKSUM_ALGORITHM'],
  [`constructor:${hex}`, 'E_CHECKSUM_ALGORITHM'],
  [`sha256:${hex.slice(1)}`, 'E_RESPONSE_INVALID'],
  [`sha512:${hex}`, 'E_RESPONSE_INVALID'],
  [`sha256:${'g'.repeat(64)}`, 'E_RESPONSE_INVALID'],
  [`sha256-${'/'.repeat(43)}=`, 'E_RESPONSE_INVALID'],
  ['a'.repeat(63), 'E_RESPONSE_INVALID'],
  [{ length: 64 }, 'E_RESPONSE_INVALID'],
  [42, 'E_RESPONSE_INVALID'],
])('refuses %j with %s', (checksum, code) => expect(codeOf(checksum)).toBe(code));
