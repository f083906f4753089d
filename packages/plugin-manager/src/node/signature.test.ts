import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, it } from 'vitest';
import { parsePolicy } from '../core/policy.ts';
import { signatureText } from '../core/signature-text.ts';
import type { Release } from '../protocol/release.ts';
import { verifySignature } from './signature.ts';

const pair = generateKeyPairSync('ed25519');
const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
const sha256 = 'ab'.repeat(32);
const archive = { sha256, bytes: 1_234 };
const ref = { source: 'hub', repo: 'plugins', name: 'hello' };

const signed = (text: string): string => sign(null, Buffer.from(text), pair.privateKey).toString('base64');
const rightText = signatureText({ id: 'hub:plugins/hello', version: '1.0.0', sha256, size: 1_234 });
const release = (value: string | undefined, over: Partial<Release> = {}): Release => ({
  ref,
  version: '1.0.0',
  repositoryId: 'r',
  archiveUrl: 'https://example.com/a.tar.gz',
  digest: { algorithm: 'sha256', hex: sha256 },
  signature: value === undefined ? undefined : { keyId: 'k1', value },
  isPrerelease: false,
  extraFiles: [],
  ...over,
});
const policy = (key: object = {}, signature = 'require') =>
  parsePolicy({ signature, keys: [{ id: 'k1', publicKey: spki.toString('base64'), ...key }] });
const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

it('signs exactly id, version, sha256 and size, in this order, without spaces', () => {
  expect(rightText).toBe(`{"id":"hub:plugins/hello","version":"1.0.0","sha256":"${sha256}","size":1234}`);
});

it.each([
  ['SPKI in base64', spki.toString('base64')],
  ['32 bytes in base64', spki.subarray(-32).toString('base64')],
  ['PEM', pair.publicKey.export({ format: 'pem', type: 'spki' })],
])('accepts a key as %s', (_, publicKey) => {
  expect(verifySignature(policy({ publicKey }), release(signed(rightText)), archive)).toBe('k1');
});

it.each([
  ['bytes of the archive', { sha256: 'cd'.repeat(32), bytes: 1_234 }, release(signed(rightText))],
  ['size', { sha256, bytes: 1_235 }, release(signed(rightText))],
  ['version: replayed', archive, release(signed(rightText), { version: '1.0.1' })],
  ['plugin: replayed', archive, release(signed(rightText), { ref: { ...ref, name: 'other' } })],
  ['length', archive, release(Buffer.alloc(63).toString('base64'))],
  ['encoding', archive, release(`${signed(rightText).slice(0, -2)}!=`)],
  ['key', archive, release(Buffer.alloc(64, 7).toString('base64'))],
])('refuses a signature of another %s', (_, came, of) => {
  expect(codeOf(() => verifySignature(policy(), of, came))).toBe('E_SIGNATURE_INVALID');
});

it('refuses keys that are unknown, revoked, or may not sign the plugin, and what is no key', () => {
  const good = release(signed(rightText));
  const run = (key: object) => codeOf(() => verifySignature(policy(key), good, archive));
  expect(run({ id: 'k2' })).toBe('E_KEY_UNKNOWN');
  expect(run({ isRevoked: true })).toBe('E_KEY_REVOKED');
  expect(run({ plugins: ['hub:others/*'] })).toBe('E_KEY_UNKNOWN');
  expect(run({ plugins: ['hub:plugins/*'] })).toBe('k1');
  expect(run({ publicKey: 'bm8ga2V5' })).toBe('E_POLICY_INVALID');
  const { publicKey } = generateKeyPairSync('x25519');
  expect(run({ publicKey: publicKey.export({ format: 'pem', type: 'spki' }) })).toBe('E_POLICY_INVALID');
});

it('does what the policy says of a signature that is missing', () => {
  expect(codeOf(() => verifySignature(policy({}, 'require'), release(undefined), archive))).toBe('E_SIGNATURE_MISSING');
  expect(verifySignature(policy({}, 'verify-if-present'), release(undefined), archive)).toBeUndefined();
  expect(verifySignature(policy({}, 'off'), release('nonsense'), archive)).toBeUndefined();
  const wrong = release(Buffer.alloc(64).toString('base64'));
  expect(codeOf(() => verifySignature(policy({}, 'verify-if-present'), wrong, archive))).toBe('E_SIGNATURE_INVALID');
});
