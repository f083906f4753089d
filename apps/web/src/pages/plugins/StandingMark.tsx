import type { ReactElement } from 'react';
import type { PluginStanding } from './plugin-standing.ts';

/** A word with a dot in a colour that says the same. */
export function StandingMark({ standing: { tone, label } }: { readonly standing: PluginStanding }): ReactElement {
  return (
    <span className="fw-mark fw-mark-plain fw-standing" data-tone={tone} data-testid="standing">
      <span className="fw-dot" aria-hidden="true" />
      <span>{label}</span>
    </span>
  );
}
