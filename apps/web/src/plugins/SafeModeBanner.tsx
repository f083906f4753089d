import type { ReactElement } from 'react';
import { isInSafeMode, leaveSafeMode } from './safe-mode.ts';

/** Says that no plugin is loaded, where the address of this tab asked for it. */
export function SafeModeBanner(): ReactElement | null {
  if (!isInSafeMode()) return null;
  return (
    <div className="fw-notice" data-tone="busy" role="status" data-testid="safe-mode">
      <span>Safe mode: no plugin is loaded in this tab.</span>
      {/* The whole page anew: what it was opened as holds until then. */}
      <a
        className="fw-link"
        href="/"
        onClick={() => {
          leaveSafeMode();
        }}
      >
        Leave safe mode
      </a>
    </div>
  );
}
