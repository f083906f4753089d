import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { matchesPlugin } from '../core/policy-checks.ts';
import type { PluginPolicy, SigningKey } from '../core/policy.ts';
import { signatureText } from '../core/signature-text.ts';
import type { PluginErrorCode } from '../protocol/error-codes.ts';
import { PluginError } from '../protocol/error.ts';
import { pluginIdOf } from '../protocol/plugin-id.ts';
import type { Release } from '../protocol/release.ts';

/** SubjectPublicKeyInfo of Ed25519 before its 32 bytes (RFC 8410, section 4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const keyBytes = 32;
const signatureBytes = 64;

/** Bytes of base64 in its canonical form; Buffer alone would skip what is none. */
function bytesOf(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 ? bytes : undefined;
}

/** The key of the policy. Throws E_POLICY_INVALID for what is no Ed25519 key. */
export function publicKeyOf({ id, publicKey }: SigningKey): KeyObject {
  try {
    const key = readKey(publicKey.trim());
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new Error(`it is of ${String(key.asymmetricKeyType)}`);
  } catch (cause) {
    const message = `policy keys: expected an Ed25519 public key (PEM, or base64 of 32 bytes or SPKI) as ${id}`;
    throw new PluginError('E_POLICY_INVALID', message, { phase: 'policy', details: { keyId: id }, cause });
  }
}

function readKey(text: string): KeyObject {
  if (text.startsWith('-----BEGIN PUBLIC KEY-----')) return createPublicKey(text);
  const bytes = bytesOf(text);
  if (bytes === undefined) throw new Error('it is neither PEM nor base64');
  const key = bytes.length === keyBytes ? Buffer.concat([spkiPrefix, bytes]) : bytes;
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

/** The archive as it came. */
export interface SignedArchive {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * The id of the key that signed an archive (Ed25519, RFC 8032), or undefined where the policy looks at no signatures, or
 * the release has none and needs none. Id, version, digest and size are signed, so that a signature fits nothing else.
 *
 * Throws a {@link PluginError}: E_SIGNATURE_MISSING, E_SIGNATURE_INVALID, E_KEY_UNKNOWN (also for a key that may not sign
 * this plugin), E_KEY_REVOKED, E_POLICY_INVALID.
 */
export function verifySignature(
  policy: Pick<PluginPolicy, 'signature' | 'keys'>,
  release: Release,
  archive: SignedArchive,
): string | undefined {
  if (policy.signature === 'off') return undefined;
  const { signature, version, ref } = release;
  const pluginId = pluginIdOf(ref);
  const fail = (code: PluginErrorCode, message: string): PluginError =>
    new PluginError(code, `${pluginId} ${version}: ${message}`, {
      phase: 'signature',
      pluginId,
      details: { version, keyId: signature?.keyId },
    });
  if (signature === undefined) {
    if (policy.signature === 'verify-if-present') return undefined;
    throw fail('E_SIGNATURE_MISSING', 'expected a signature, which the policy requires; there is none');
  }
  const key = policy.keys.find(({ id }) => id === signature.keyId);
  if (key === undefined)
    throw fail('E_KEY_UNKNOWN', `no key of the policy is called ${JSON.stringify(signature.keyId)}`);
  if (key.isRevoked) throw fail('E_KEY_REVOKED', `the key ${key.id} is revoked`);
  if (!key.plugins.some((pattern) => matchesPlugin(pattern, pluginId)))
    throw fail('E_KEY_UNKNOWN', `the key ${key.id} may sign ${key.plugins.join(', ') || 'nothing'}, not this plugin`);
  const value = bytesOf(signature.value);
  if (value?.length !== signatureBytes)
    throw fail('E_SIGNATURE_INVALID', `expected ${String(signatureBytes)} bytes of signature in base64`);
  const text = signatureText({ id: pluginId, version, sha256: archive.sha256, size: archive.bytes });
  if (!verify(null, Buffer.from(text, 'utf8'), publicKeyOf(key), value))
    throw fail('E_SIGNATURE_INVALID', `the signature of the key ${key.id} is not one of ${text}`);
  return key.id;
}
