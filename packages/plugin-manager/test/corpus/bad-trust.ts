import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { signatureText, type SignedRelease } from '../../src/core/signature-text.ts';
import { offered, type CorpusCase } from './corpus-case.ts';
import { archiveOf, pluginId } from './world.ts';

const hex = (algorithm: string, archive = archiveOf('1.1.0')) => createHash(algorithm).update(archive).digest('hex');
const checksum = (name: string, value: string | null) =>
  offered(name, () => ({ annotations: { 'headlamp/plugin/archive-checksum': value } }));

/** What is wrong with the checksum. */
export const badChecksums: readonly CorpusCase[] = [
  checksum('the sha256 of the version before, which is in the cache', `SHA256:${hex('sha256', archiveOf('1.0.0'))}`),
  checksum('a sha256 of other bytes', `SHA256:${hex('sha256', archiveOf('9.9.9'))}`),
  checksum('a sha384 of other bytes', `sha384:${hex('sha384', archiveOf('1.0.0'))}`),
  checksum('a sha512 of other bytes', `sha512:${hex('sha512', archiveOf('1.0.0'))}`),
  checksum('a sha256 of zeros', `SHA256:${'0'.repeat(64)}`),
  checksum('no checksum', null),
  checksum('an empty checksum', ''),
  checksum('a right md5', `md5:${hex('md5')}`),
  checksum('a right sha1', `SHA1:${hex('sha1')}`),
  checksum('a right md5 without its name', hex('md5')),
  checksum('a right sha1 without its name', hex('sha1')),
  checksum('a right sha224', `sha224:${hex('sha224')}`),
  checksum('a crc32', 'crc32:cbf43926'),
  checksum('the algorithm __proto__', `__proto__:${hex('sha256')}`),
  checksum('the algorithm none', 'none:'),
  checksum('a sha256 too short', `SHA256:${hex('sha256').slice(1)}`),
  checksum('a sha256 too long', `SHA256:${hex('sha256')}0`),
  checksum('a sha256 that is no hex', `SHA256:${'g'.repeat(64)}`),
  checksum('a sha512 under the name of sha256', `SHA256:${hex('sha512')}`),
];

const named = (id: string, more: object = {}) => ({ id, ...generateKeyPairSync('ed25519'), ...more });
const keys = {
  own: named('own'),
  other: named('other'),
  revoked: named('revoked', { isRevoked: true }),
  narrow: named('narrow', { plugins: ['hub:acme/else'] }),
  stranger: named('stranger'),
};

/** The keys that the policy knows; all but the stranger. */
export const signaturePolicy = {
  signature: 'require',
  keys: [keys.own, keys.other, keys.revoked, keys.narrow].map(({ publicKey, privateKey: _, ...key }) => ({
    ...key,
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }),
  })),
};

const releaseOf = (version: string): SignedRelease => {
  const archive = archiveOf(version);
  return { id: pluginId, version, sha256: hex('sha256', archive), size: archive.length };
};
function signed(release: SignedRelease, key: { readonly id: string; readonly privateKey: KeyObject }, keyId = key.id) {
  return {
    'fleetwire/plugin/signature': sign(null, Buffer.from(signatureText(release)), key.privateKey).toString('base64'),
    'fleetwire/plugin/signature-key': keyId,
  };
}
/** Of the version that is installed. */
export const installedSignature = signed(releaseOf('1.0.0'), keys.own);

const right = releaseOf('1.1.0');
const signature = (name: string, annotations: Readonly<Record<string, string | null>>, policy: object = {}) =>
  offered(name, () => ({ annotations, policy }));
const value = (text: string) => ({ ...signed(right, keys.own), 'fleetwire/plugin/signature': text });

/** What is wrong with the signature, where the installed version has one of the key `own`. */
export const badSignatures: readonly CorpusCase[] = [
  signature('no signature', {}),
  signature('no signature, where only those that are there are verified', {}, { signature: 'verify-if-present' }),
  signature('a signature without its key', { 'fleetwire/plugin/signature': 'AAAA' }),
  signature('a key without its signature', { 'fleetwire/plugin/signature-key': 'own' }),
  signature('a signature of zeros', value(Buffer.alloc(64).toString('base64'))),
  signature('a signature of 63 bytes', value(Buffer.alloc(63).toString('base64'))),
  signature('a signature in hex', value(Buffer.alloc(64).toString('hex'))),
  signature(
    'a signature with a changed byte',
    (() => {
      const bytes = Buffer.from(signed(right, keys.own)['fleetwire/plugin/signature'], 'base64');
      bytes[10] = (bytes[10] ?? 0) ^ 1;
      return value(bytes.toString('base64'));
    })(),
  ),
  signature('a signature of another key under the name of the right one', signed(right, keys.stranger, 'own')),
  signature('a signature of a key that nobody knows', signed(right, keys.stranger)),
  signature('a signature of the key __proto__', signed(right, keys.own, '__proto__')),
  signature('a signature of a key for other plugins', signed(right, keys.narrow)),
  signature('a signature of a revoked key', signed(right, keys.revoked)),
  signature('a signature of a known key that is not the pinned one', signed(right, keys.other)),
  signature('the signature of the version before', installedSignature),
  signature('a signature of another plugin', signed({ ...right, id: 'hub:acme/else' }, keys.own)),
  signature('a signature of other bytes', signed({ ...right, sha256: '0'.repeat(64) }, keys.own)),
  signature('a signature of another size', signed({ ...right, size: right.size + 1 }, keys.own)),
  offered('another repository', () => ({
    repositoryId: 'somebody-else',
    annotations: signed(right, keys.own),
  })),
];
