import type { ExecState } from './exec-session.ts';

/** What a terminal in this container says of itself, in a line. */
export function describeState(state: ExecState, container: string): string {
  switch (state.kind) {
    case 'connecting':
      return 'Connecting…';
    case 'open':
      return `Connected to ${state.shell} in ${container}`;
    case 'ended':
      return describeEnd(state.outcome);
  }
}

function describeEnd(outcome: (ExecState & { readonly kind: 'ended' })['outcome']): string {
  switch (outcome.kind) {
    case 'exited': {
      const signal = outcome.code === 137 ? ': it was killed' : '';
      return `The shell ended with exit code ${String(outcome.code)}${signal}`;
    }
    case 'failed':
      return `There is no shell to connect to: ${outcome.message}`;
    case 'lost':
      return outcome.message;
    case 'left':
      return 'Disconnected';
  }
}
