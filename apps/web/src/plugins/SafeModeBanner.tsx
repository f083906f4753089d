import type { ReactElement } from 'react';
import { Alert } from '@mantine/core';
import { isInSafeMode } from './plugin-host-of.ts';

/** Says that no plugin is loaded, where the address asked for it. */
export function SafeModeBanner(): ReactElement | null {
  if (!isInSafeMode()) return null;
  return (
    <Alert color="yellow" title="Safe mode" data-testid="safe-mode">
      No plugin is loaded in this tab. {/* The whole page anew: what it was opened as holds until then. */}
      <a className="fw-link" href="/">
        Leave safe mode
      </a>
    </Alert>
  );
}
