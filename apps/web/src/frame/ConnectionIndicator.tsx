import type { ReactElement } from 'react';
import { Tooltip } from '@mantine/core';
import { useClient, useConnectionState } from '@fleetwire/websocket-core/react';
import { summarizeConnection } from '../live/connection-summary.ts';
import { useNow } from '../ui/use-now.ts';

/** The state of the live connection, always in sight; the reason is a hover, a focus or a tap away. */
export function ConnectionIndicator(): ReactElement {
  const client = useClient();
  const state = useConnectionState();
  const { tone, label, detail } = summarizeConnection(state, client.welcome !== undefined, useNow());
  return (
    <Tooltip label={detail} events={{ hover: true, focus: true, touch: true }} multiline maw={300}>
      <button
        type="button"
        className="fw-indicator fw-numbers"
        data-tone={tone}
        data-testid="connection"
        aria-label={`${label}. ${detail}`}
      >
        <span className="fw-dot" aria-hidden="true" />
        <span>{label}</span>
      </button>
    </Tooltip>
  );
}

/** Why the connection is not live, in a sentence below the header; nothing while it is. */
export function ConnectionBanner(): ReactElement | null {
  const client = useClient();
  const state = useConnectionState();
  const { tone, detail } = summarizeConnection(state, client.welcome !== undefined, 0);
  // The first connect is shown by the views' own loading states.
  if (tone === 'good' || (client.welcome === undefined && state.status !== 'backoff' && state.status !== 'closed'))
    return null;
  return (
    <div className="fw-notice" data-tone={tone} role="status" data-testid="banner">
      <span>{detail}</span>
      {state.status === 'closed' ? (
        <button
          type="button"
          className="fw-indicator"
          onClick={() => {
            client.connect();
          }}
        >
          Connect again
        </button>
      ) : null}
    </div>
  );
}
