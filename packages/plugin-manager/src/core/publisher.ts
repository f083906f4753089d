import { PluginError } from '../protocol/error.ts';
import type { AcceptedPublisher, PublisherChange, PublisherPin } from '../protocol/state.ts';
import type { PluginPolicy } from './policy.ts';

/** What is known of the publisher of a release; package.json's name is known once the archive was read. */
export interface FoundPublisher {
  readonly repositoryId: string;
  readonly packageName?: string | undefined;
  /** Of the key that verified the signature; absent where there was no signature. */
  readonly keyId?: string | undefined;
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

/** What of a publisher is to be compared, and what may differ. */
export interface PublisherCheck {
  readonly pin: PublisherPin;
  readonly found: FoundPublisher;
  /** Default: nothing. */
  readonly accepted?: AcceptedPublisher | undefined;
}

/**
 * The changes that {@link publisherChanges} finds and that were accepted. Throws E_PUBLISHER_CHANGED where it finds
 * others.
 */
export function checkPublisher(
  pluginId: string,
  { pin, found, accepted = false }: PublisherCheck,
  policy: Pick<PluginPolicy, 'signature' | 'keys'>,
): readonly PublisherChange[] {
  const all = publisherChanges(pin, found, policy);
  const changes = all.filter((change) => !isAccepted(change, accepted));
  if (changes.length === 0) return all;
  const words = changes.map(({ what, expected, found: now }) => `${what} was ${expected}, is ${now ?? 'absent'}`);
  const message = `the publisher of ${pluginId} is not the one of its first install: ${words.join('; ')}`;
  throw new PluginError('E_PUBLISHER_CHANGED', message, { phase: 'policy', pluginId, details: { changes } });
}

function isAccepted({ what, found }: PublisherChange, accepted: AcceptedPublisher): boolean {
  if (typeof accepted === 'boolean') return accepted && what !== 'keyId';
  // `null` names the absence of a key; what is not named is not accepted.
  return accepted[what] !== undefined && (accepted[what] ?? undefined) === found;
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
