import type { CatalogRelease } from '@fleetwire/plugin-manager';

/** Whether a version can be installed here, in one word with its colour, and why. */
export interface ReleaseVerdict {
  readonly tone: 'good' | 'busy' | 'bad';
  readonly label: string;
  readonly reason?: string | undefined;
}

type Judged = Pick<CatalogRelease, 'compatibility' | 'denied'>;

/** What host and policy come to; what somebody can accept is no obstacle yet. */
export function verdictOf({ compatibility: { state, reason }, denied }: Judged): ReleaseVerdict {
  if (state === 'incompatible') return { tone: 'bad', label: 'Does not fit this server', reason };
  if (denied === undefined) return { tone: 'good', label: 'Fits this server', reason };
  const why = `${denied.message} (${denied.code})`;
  switch (denied.code) {
    case 'E_PUBLISHER_CHANGED':
      return { tone: 'busy', label: 'Fits this server, and is of another publisher', reason: why };
    case 'E_INTEGRITY':
      return { tone: 'bad', label: 'Is not the archive that is installed', reason: why };
    case 'E_PINNED':
      return { tone: 'bad', label: 'The plugin is pinned', reason: why };
    default:
      return { tone: 'bad', label: 'The policy of this server does not allow it', reason: why };
  }
}
