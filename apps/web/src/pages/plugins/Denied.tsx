import type { ReactElement } from 'react';
import { StateView } from '../../ui/StateViews.tsx';

/** Stands where only those see something who may manage plugins. */
export function Denied({ what, reason }: { readonly what: string; readonly reason: string | undefined }): ReactElement {
  return (
    <div className="fw-card fw-flush">
      <StateView kind="denied" title={`${what} is for those who manage plugins`}>
        {reason ??
          'To look there makes the server ask others, so it takes the permission plugin.manage. Whoever administers this server can give it to you.'}
      </StateView>
    </div>
  );
}
