import type { HelloFrame } from '../protocol/frames.ts';
import type { WireErrorCode } from '../protocol/codes.ts';

/**
 * Life of one connection as the accepting peer (the server) sees it; PROTOCOL.md prints the same table.
 * Pure: the shell feeds events and runs effects.
 */
export type AcceptingState =
  | { readonly name: 'waiting' }
  | { readonly name: 'authenticating' }
  | { readonly name: 'open' }
  | { readonly name: 'draining' }
  | { readonly name: 'closed'; readonly code: number; readonly reason: string };

export type AcceptingEvent =
  /** A valid `hello` came. */
  | { readonly type: 'hello'; readonly frame: HelloFrame }
  /** Any other frame came, valid or not (what is not a frame at all is a `close` with 1007). */
  | { readonly type: 'frame' }
  | { readonly type: 'authenticated' }
  /** Authentication or a later check refused the peer. */
  | { readonly type: 'refused'; readonly code: number; readonly reason: string }
  | { readonly type: 'hello-timeout' }
  /** The peer is asked to leave. */
  | { readonly type: 'goaway'; readonly code: WireErrorCode; readonly reason: string; readonly retryAfterMs: number }
  /** Anything that ends the connection from this side. */
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  | { readonly type: 'socket-closed'; readonly code: number; readonly reason: string };

export type AcceptingEffect =
  | { readonly type: 'authenticate'; readonly frame: HelloFrame }
  | { readonly type: 'welcome' }
  | { readonly type: 'dispatch' }
  | { readonly type: 'goaway'; readonly code: WireErrorCode; readonly reason: string; readonly retryAfterMs: number }
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  /** Give back all that the connection held: subscriptions, requests, timers. Comes exactly once. */
  | { readonly type: 'release' };

export interface AcceptingTransition {
  readonly state: AcceptingState;
  readonly effects: readonly AcceptingEffect[];
}

export const acceptingStart: AcceptingState = { name: 'waiting' };

// Shared and frozen: the data path of every frame goes through here and must not allocate.
const open: AcceptingState = Object.freeze({ name: 'open' });
const draining: AcceptingState = Object.freeze({ name: 'draining' });
const authenticating: AcceptingState = Object.freeze({ name: 'authenticating' });
const dispatchInOpen: AcceptingTransition = Object.freeze({
  state: open,
  effects: Object.freeze([{ type: 'dispatch' } as const]),
});
const dispatchInDraining: AcceptingTransition = Object.freeze({ state: draining, effects: dispatchInOpen.effects });

/** Next state and what to do, for one event. Never throws; events that make no sense in a state change nothing. */
export function acceptingTransition(state: AcceptingState, event: AcceptingEvent): AcceptingTransition {
  if (state.name === 'closed') return stay(state);
  switch (event.type) {
    case 'close':
    case 'refused':
      return close(event.code, event.reason);
    case 'socket-closed':
      return { state: { name: 'closed', code: event.code, reason: event.reason }, effects: [{ type: 'release' }] };
    default:
  }
  switch (state.name) {
    case 'waiting':
      return inWaiting(state, event);
    case 'authenticating':
      return inAuthenticating(state, event);
    default:
      return inOpen(state, event);
  }
}

type LivingEvent = Exclude<AcceptingEvent, { type: 'close' | 'refused' | 'socket-closed' }>;

function inWaiting(state: AcceptingState, event: LivingEvent): AcceptingTransition {
  switch (event.type) {
    case 'hello':
      return { state: authenticating, effects: [{ type: 'authenticate', frame: event.frame }] };
    case 'frame':
      return close(1002, 'expected hello as the first frame');
    case 'hello-timeout':
      return close(4408, 'no hello in time');
    case 'goaway':
      return close(1012, event.reason);
    default:
      return stay(state);
  }
}

function inAuthenticating(state: AcceptingState, event: LivingEvent): AcceptingTransition {
  switch (event.type) {
    case 'hello':
    case 'frame':
      return close(1002, 'expected no frame before welcome');
    case 'authenticated':
      return { state: open, effects: [{ type: 'welcome' }] };
    case 'hello-timeout':
      return close(4408, 'not authenticated in time');
    case 'goaway':
      return close(1012, event.reason);
    default:
      return stay(state);
  }
}

function inOpen(state: AcceptingState, event: LivingEvent): AcceptingTransition {
  switch (event.type) {
    case 'frame':
      return state.name === 'open' ? dispatchInOpen : dispatchInDraining;
    case 'hello':
      return close(1002, 'expected hello only once');
    case 'goaway':
      if (state.name === 'draining') return stay(state);
      return { state: draining, effects: [event] };
    default:
      return stay(state);
  }
}

function close(code: number, reason: string): AcceptingTransition {
  return { state: { name: 'closed', code, reason }, effects: [{ type: 'close', code, reason }, { type: 'release' }] };
}

function stay(state: AcceptingState): AcceptingTransition {
  return { state, effects: [] };
}
