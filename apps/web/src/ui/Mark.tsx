import type { ReactElement, ReactNode } from 'react';

/** How something is doing. */
export type Tone = 'good' | 'busy' | 'bad';

/** A word with a dot in a colour that says the same. */
export function Mark({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }): ReactElement {
  return (
    <span className="fw-mark fw-mark-plain" data-tone={tone}>
      <span className="fw-dot" aria-hidden="true" />
      <span>{children}</span>
    </span>
  );
}
