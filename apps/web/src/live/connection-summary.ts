import type { ClientState } from '@fleetwire/websocket-core/client';

/** How the connection is, in words for an operator. */
export interface ConnectionSummary {
  readonly tone: 'good' | 'busy' | 'bad';
  /** A word or two, always shown. */
  readonly label: string;
  /** One sentence; why it is not live. */
  readonly detail: string;
}

/** As many failed attempts as the channels wait for before they poll. */
const attemptsBeforePolling = 3;

/** Says how the connection is. `wasOpen`: whether it has been open at all; `now` is in milliseconds since 1970. */
export function summarizeConnection(state: ClientState, wasOpen: boolean, now: number): ConnectionSummary {
  switch (state.status) {
    case 'open': {
      const latency = state.rttMs === undefined ? '' : ` · ${formatLatency(state.rttMs)}`;
      return { tone: 'good', label: `Live${latency}`, detail: 'Changes arrive as they happen.' };
    }
    case 'idle':
      return { tone: 'busy', label: 'Connecting', detail: 'The connection is being opened.' };
    case 'closed':
      return { tone: 'bad', label: 'Closed', detail: `The server closed the connection: ${reasonOf(state)}.` };
    case 'connecting':
    case 'backoff':
      return waiting(state, wasOpen, now);
  }
}

function waiting(
  state: Extract<ClientState, { status: 'connecting' | 'backoff' }>,
  wasOpen: boolean,
  now: number,
): ConnectionSummary {
  if (!wasOpen && state.attempt >= attemptsBeforePolling) {
    return {
      tone: 'busy',
      label: 'Polling',
      detail: 'WebSockets do not get through, so what you see is asked for every few seconds.',
    };
  }
  if (state.status === 'connecting') {
    return state.attempt === 0 && !wasOpen
      ? { tone: 'busy', label: 'Connecting', detail: 'The connection is being opened.' }
      : { tone: 'busy', label: 'Reconnecting', detail: 'The connection is being opened again.' };
  }
  const seconds = Math.max(1, Math.ceil((state.retryAt - now) / 1000));
  return {
    tone: 'busy',
    label: `Reconnecting in ${String(seconds)} s`,
    detail: `The connection was lost: ${reasonOf(state.cause)}. It comes back by itself.`,
  };
}

const reasons: Readonly<Record<number, string>> = {
  1001: 'the server went away',
  1006: 'the server cannot be reached',
  1012: 'the server restarts',
  1013: 'the server has too much to do',
  4401: 'the sign-in had to be renewed',
  4408: 'no sign of life in time',
  4501: 'the sign-in is over',
  4503: 'this account may not use it',
};

function reasonOf({ code, reason }: { readonly code: number; readonly reason: string }): string {
  return reasons[code] ?? (reason === '' ? `code ${String(code)}` : `${reason} (${String(code)})`);
}

function formatLatency(ms: number): string {
  return ms < 1 ? '<1 ms' : `${String(Math.round(ms))} ms`;
}
