import type { ReactElement, ReactNode } from 'react';
import { Button } from '@mantine/core';
import type { ChannelView } from '@fleetwire/websocket-core/react';
import { formatAgo } from './format.ts';
import { useNow } from './use-now.ts';

/** A mark beside a view's title when what it shows is not live; nothing while it is, or while there is nothing yet. */
export function ChannelNotice({ view }: { readonly view: ChannelView }): ReactElement | null {
  switch (view.status) {
    case 'stale':
      return <StaleNotice since={view.staleSince} />;
    case 'polling':
      return view.staleSince === undefined ? (
        <Notice>Polling, a few seconds old</Notice>
      ) : (
        <StaleNotice since={view.staleSince} />
      );
    case 'failed':
      return null;
    case 'idle':
    case 'pending':
    case 'live':
      return null;
  }
}

function StaleNotice({ since }: { readonly since: number | undefined }): ReactElement {
  const now = useNow();
  const age = since === undefined ? 'before' : formatAgo(now - since);
  return <Notice>{`Reconnecting, data from ${age}`}</Notice>;
}

function Notice({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <span className="fw-notice fw-mark fw-numbers" data-tone="busy" data-testid="notice">
      <span className="fw-dot" aria-hidden="true" />
      <span>{children}</span>
    </span>
  );
}

/** Stands where the content of a channel would, when the server does not give it. */
export function ChannelFailure({ view }: { readonly view: ChannelView }): ReactElement {
  const isDenied = view.error?.code === 'FORBIDDEN';
  return (
    <div className="fw-card fw-empty" role="alert">
      <p>
        <strong>{isDenied ? 'You may not see this' : 'This cannot be shown'}</strong>
      </p>
      <p>
        {isDenied
          ? 'Your account lacks the permission. Whoever administers this server can give it to you.'
          : `The server says: ${view.error?.message ?? 'the subscription has ended'}.`}
      </p>
      {isDenied ? null : (
        <Button
          variant="default"
          onClick={() => {
            location.reload();
          }}
        >
          Try again
        </Button>
      )}
    </div>
  );
}

/** Whether what a view shows may be out of date. */
export function isStale(view: ChannelView): boolean {
  return view.status === 'stale' || view.staleSince !== undefined;
}
