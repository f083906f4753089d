import { PluginError } from '../protocol/error.ts';
import type { PublisherPin } from '../protocol/state.ts';
import type { PluginPolicy } from './policy.ts';

/** What is known of the publisher of a release; package.json's name is known once the archive was read. */
export interface FoundPublisher {
  readonly repositoryId: string;
  readonly packageName?: string | undefined;
  /** Of the key that verified the signature; absent where there was no signature. */
  readonly keyId?: string | undefined;
}

/** One thing that is not as it was pinned. */
export interface PublisherChange {
  readonly what: 'repositoryId' | 'packageName' | 'keyId';
  readonly expected: string;
  readonly found: string | undefined;
}

/**
 * What differs from the pin of the first install. A key that replaces the pinned one in the policy is no change; a
 * signature that is gone is one, unless the policy looks at no signatures. A first signature is none: it adds trust.
 */
export function publisherChanges(
  pin: PublisherPin,
  found: FoundPublisher,
  policy: Pick<PluginPolicy, 'signature' | 'keys'>,
): readonly PublisherChange[] {
  const changes: PublisherChange[] = [];
  if (found.repositoryId !== pin.repositoryId)
    changes.push({ what: 'repositoryId', expected: pin.repositoryId, found: found.repositoryId });
  if (found.packageName !== undefined && found.packageName !== pin.packageName)
    changes.push({ what: 'packageName', expected: pin.packageName, found: found.packageName });
  if (pin.keyId !== undefined && policy.signature !== 'off' && !succeeds(found.keyId, pin.keyId, policy.keys))
    changes.push({ what: 'keyId', expected: pin.keyId, found: found.keyId });
  return changes;
}

/** Throws E_PUBLISHER_CHANGED where {@link publisherChanges} finds any. Not called once an admin accepted the change. */
export function checkPublisher(
  pluginId: string,
  pin: PublisherPin,
  found: FoundPublisher,
  policy: Pick<PluginPolicy, 'signature' | 'keys'>,
): void {
  const changes = publisherChanges(pin, found, policy);
  if (changes.length === 0) return;
  const words = changes.map(({ what, expected, found: now }) => `${what} was ${expected}, is ${now ?? 'absent'}`);
  const message = `the publisher of ${pluginId} is not the one of its first install: ${words.join('; ')}`;
  throw new PluginError('E_PUBLISHER_CHANGED', message, { phase: 'policy', pluginId, details: { changes } });
}

/** Whether a key is the pinned one, or replaces it in any number of steps. */
function succeeds(keyId: string | undefined, pinned: string, keys: PluginPolicy['keys']): boolean {
  const seen = new Set<string>();
  for (let next = keyId; next !== undefined && !seen.has(next); next = keys.find(({ id }) => id === next)?.replaces) {
    if (next === pinned) return true;
    seen.add(next);
  }
  return false;
}
