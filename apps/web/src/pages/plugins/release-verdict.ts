import type { CatalogDetails, CatalogRelease } from '@fleetwire/plugin-manager';
import { mayAskAgain } from './source-words.ts';

/** Whether a version can be installed here, in one word with its colour, and why. */
export interface ReleaseVerdict {
  readonly tone: 'good' | 'busy' | 'bad';
  readonly label: string;
  readonly reason?: string | undefined;
}

type Judged = Pick<CatalogRelease, 'compatibility' | 'denied' | 'publisher'>;

/** What host and policy come to; what somebody can accept is no obstacle yet. */
export function verdictOf({ compatibility: { state, reason }, denied, publisher }: Judged): ReleaseVerdict {
  if (state === 'incompatible') return { tone: 'bad', label: 'Does not fit this server', reason };
  if (denied === undefined) {
    return publisher === 'changed'
      ? { tone: 'busy', label: 'Fits this server, and is of another publisher', reason }
      : { tone: 'good', label: 'Fits this server', reason };
  }
  const why = `${denied.message} (${denied.code})`;
  switch (denied.code) {
    case 'E_INTEGRITY':
      return { tone: 'bad', label: 'Is not the archive that is installed', reason: why };
    case 'E_PINNED':
      return { tone: 'bad', label: 'The plugin is pinned', reason: why };
    default:
      return { tone: 'bad', label: 'The policy of this server does not allow it', reason: why };
  }
}

/**
 * Whether an install of a version is not offered. `reason`: why it was passed over; `data` and `error`: what came of a look
 * at it, as far as anything did.
 */
export function isRefused(known: {
  readonly reason: string | undefined;
  readonly data: Judged | undefined;
  readonly error: Error | null;
}): boolean {
  const { reason, data, error } = known;
  if (reason !== undefined || (error !== null && !mayAskAgain(error))) return true;
  return data !== undefined && verdictOf(data).tone === 'bad';
}

/** What is said where an install without a version would take none: what was not passed over may be installed all the same. */
export function noneTakenTitle({ versions, passedOver }: Pick<CatalogDetails, 'versions' | 'passedOver'>): string {
  return versions.length > passedOver.length
    ? 'The newest version cannot be installed; see Versions'
    : 'No version can be installed';
}
