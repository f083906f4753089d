import { closeAction } from '../protocol/codes.ts';
import type { Timings } from '../protocol/timings.ts';
import { backoffMs } from './backoff.ts';

/**
 * Life of a client: the connecting peer of one connection after another; PROTOCOL.md prints the same table.
 * Pure: the shell feeds events, keeps one timer and runs effects. `dial` numbers the attempts, so that a late callback
 * of an earlier socket changes nothing.
 */
export type ConnectingState =
  | { readonly name: 'idle'; readonly dial: number }
  | { readonly name: 'connecting'; readonly dial: number; readonly attempt: number; readonly freshToken: boolean }
  | { readonly name: 'open'; readonly dial: number; readonly attempt: number; readonly openedAt: number }
  | { readonly name: 'leaving'; readonly dial: number; readonly retryAfterMs: number; readonly reason: string }
  | {
      readonly name: 'backoff';
      readonly dial: number;
      readonly attempt: number;
      readonly retryAt: number;
      /** The end of the pause that the server asked for; a wake shortens the wait to it, and no further. */
      readonly notBeforeAt: number;
      readonly freshToken: boolean;
      readonly cause: CloseCause;
    }
  | { readonly name: 'closed'; readonly dial: number; readonly code: number; readonly reason: string };

/** Why a connection or an attempt ended. */
export interface CloseCause {
  readonly code: number;
  readonly reason: string;
}

/**
 * `at` is the time of a clock that is never set (`Clock.monotonicNow`), as are the times of the states: a wall clock
 * that is set back must not defeat the reset of the back-off. `random` is a number from 0 to below 1.
 */
export type ConnectingEvent =
  | { readonly type: 'connect' }
  | { readonly type: 'welcome'; readonly dial: number; readonly at: number }
  /** Any frame but `welcome` and `goaway`. */
  | { readonly type: 'frame'; readonly dial: number }
  | { readonly type: 'goaway'; readonly dial: number; readonly retryAfterMs: number; readonly reason: string }
  /** Nothing is under way any more. */
  | { readonly type: 'settled'; readonly at: number; readonly random: number }
  /** The timer that the last `timer` effect set has run out. */
  | { readonly type: 'timer'; readonly at: number; readonly random: number }
  /** The network came back or the page became visible. */
  | { readonly type: 'wake'; readonly at: number }
  /** The peer broke the protocol; final. */
  | { readonly type: 'violation'; readonly dial: number; readonly code: number; readonly reason: string }
  /** The peer is silent, the token could not be had, or the dial failed: the attempt or connection is lost. */
  | {
      readonly type: 'lost';
      readonly dial: number;
      readonly code: number;
      readonly reason: string;
      readonly at: number;
      readonly random: number;
    }
  | {
      readonly type: 'socket-closed';
      readonly dial: number;
      readonly code: number;
      readonly reason: string;
      readonly at: number;
      readonly random: number;
    }
  | { readonly type: 'stop'; readonly code: number; readonly reason: string };

export type ConnectingEffect =
  /** Open a socket and send `hello`; `freshToken` asks `getToken` for one that is not the last. */
  | { readonly type: 'dial'; readonly dial: number; readonly freshToken: boolean }
  /** Replace the machine's one timer. */
  | { readonly type: 'timer'; readonly ms: number }
  | { readonly type: 'clear-timer' }
  /** Close the current socket and forget it; nothing that it still says counts. */
  | { readonly type: 'close-socket'; readonly code: number; readonly reason: string }
  /** Resubscribe and send what waited. */
  | { readonly type: 'opened' }
  /** Send no new request; report `settled` once nothing is under way. */
  | { readonly type: 'hold' }
  /** Fail or keep what was under way on the connection that is gone. */
  | { readonly type: 'release' }
  /** Send a ping now, to see whether the connection outlived a sleep. */
  | { readonly type: 'probe' }
  /** Fail all that waits: the client is closed. */
  | { readonly type: 'stopped'; readonly code: number; readonly reason: string };

export interface ConnectingTransition {
  readonly state: ConnectingState;
  readonly effects: readonly ConnectingEffect[];
}

/** What the machine needs of the client's options. */
export type ConnectingConfig = Pick<
  Timings,
  'backoffBaseMs' | 'backoffMaxMs' | 'backoffResetMs' | 'connectTimeoutMs' | 'goawayGraceMs'
> & {
  /** How often in a row the client connects again before it closes; Infinity by default. */
  readonly maxAttempts: number;
};

export const connectingStart: ConnectingState = { name: 'idle', dial: 0 };

/** Next state and what to do, for one event. Never throws; stale events and those without meaning change nothing. */
export function connectingTransition(
  state: ConnectingState,
  event: ConnectingEvent,
  config: ConnectingConfig,
): ConnectingTransition {
  if ('dial' in event && event.dial !== state.dial) return stay(state);
  switch (event.type) {
    case 'connect':
      return state.name === 'idle' || state.name === 'closed' ? dial(state.dial, 0, false, config) : stay(state);
    case 'welcome':
      return onWelcome(state, event.at);
    case 'frame':
      return state.name === 'connecting' ? stop(state, 1002, 'expected welcome as the first frame') : stay(state);
    case 'goaway':
      return onGoaway(state, event, config);
    case 'settled':
      return state.name === 'leaving' ? leave(state, event.at, event.random, config) : stay(state);
    case 'timer':
      return onTimer(state, event.at, event.random, config);
    case 'wake':
      return onWake(state, event.at, config);
    case 'violation':
      return hasSocket(state) ? stop(state, event.code, event.reason) : stay(state);
    case 'lost':
      return hasSocket(state)
        ? retry(state, event, config, [{ type: 'close-socket', code: 1000, reason: event.reason }])
        : stay(state);
    case 'socket-closed':
      return onSocketClosed(state, event, config);
    case 'stop':
      return state.name === 'closed' ? stay(state) : stop(state, event.code, event.reason);
  }
}

type SocketState = Extract<ConnectingState, { name: 'connecting' | 'open' | 'leaving' }>;

function hasSocket(state: ConnectingState): state is SocketState {
  return state.name === 'connecting' || state.name === 'open' || state.name === 'leaving';
}

function onWelcome(state: ConnectingState, at: number): ConnectingTransition {
  if (state.name === 'connecting') {
    const open = { name: 'open', dial: state.dial, attempt: state.attempt, openedAt: at } as const;
    return { state: open, effects: [{ type: 'clear-timer' }, { type: 'opened' }] };
  }
  return hasSocket(state) ? stop(state, 1002, 'expected welcome only once') : stay(state);
}

function onGoaway(
  state: ConnectingState,
  event: { readonly retryAfterMs: number; readonly reason: string },
  config: ConnectingConfig,
): ConnectingTransition {
  if (state.name === 'connecting') return stop(state, 1002, 'expected welcome as the first frame');
  if (state.name !== 'open') return stay(state);
  const leaving = {
    name: 'leaving',
    dial: state.dial,
    retryAfterMs: event.retryAfterMs,
    reason: event.reason,
  } as const;
  return { state: leaving, effects: [{ type: 'timer', ms: config.goawayGraceMs }, { type: 'hold' }] };
}

function onTimer(state: ConnectingState, at: number, random: number, config: ConnectingConfig): ConnectingTransition {
  switch (state.name) {
    case 'connecting': {
      const cause = { code: 1006, reason: 'no welcome in time', at, random };
      return retry(state, cause, config, [{ type: 'close-socket', code: 1000, reason: cause.reason }]);
    }
    case 'leaving':
      return leave(state, at, random, config);
    case 'backoff':
      return dial(state.dial, state.attempt, state.freshToken, config);
    default:
      return stay(state);
  }
}

function onWake(state: ConnectingState, at: number, config: ConnectingConfig): ConnectingTransition {
  if (state.name === 'open') return { state, effects: [{ type: 'probe' }] };
  if (state.name !== 'backoff') return stay(state);
  const { attempt, freshToken, notBeforeAt } = state;
  if (at >= notBeforeAt) return dial(state.dial, attempt, freshToken, config);
  return { state: { ...state, retryAt: notBeforeAt }, effects: [{ type: 'timer', ms: notBeforeAt - at }] };
}

interface LossEvent extends CloseCause {
  readonly at: number;
  readonly random: number;
}

function onSocketClosed(state: ConnectingState, event: LossEvent, config: ConnectingConfig): ConnectingTransition {
  if (!hasSocket(state)) return stay(state);
  if (closeAction(event.code) === 'final') return stop(state, event.code, event.reason, false);
  return retry(state, event, config, []);
}

/** A client that was asked to leave goes at once: the pause that the server wished for replaces the back-off. */
function leave(
  state: SocketState & { name: 'leaving' },
  at: number,
  random: number,
  config: ConnectingConfig,
): ConnectingTransition {
  const cause = { code: 1000, reason: state.reason, at, random };
  return retry(state, cause, config, [{ type: 'close-socket', code: 1000, reason: 'goaway' }]);
}

function retry(
  state: SocketState,
  event: LossEvent,
  config: ConnectingConfig,
  before: readonly ConnectingEffect[],
): ConnectingTransition {
  const stable =
    state.name === 'leaving' || (state.name === 'open' && event.at - state.openedAt >= config.backoffResetMs);
  const attempt = stable ? 0 : state.attempt;
  const cause: CloseCause = { code: event.code, reason: event.reason };
  if (attempt >= config.maxAttempts) return stop(state, event.code, event.reason, before.length > 0);
  const retryAfterMs = state.name === 'leaving' ? state.retryAfterMs : 0;
  const waitMs = backoffMs(attempt, event.random, config, retryAfterMs);
  // An attempt that failed before it had its fresh token still needs one.
  const freshToken = closeAction(event.code) === 'refresh' || (state.name === 'connecting' && state.freshToken);
  return {
    state: {
      name: 'backoff',
      dial: state.dial,
      attempt: attempt + 1,
      retryAt: event.at + waitMs,
      notBeforeAt: event.at + retryAfterMs,
      freshToken,
      cause,
    },
    effects: [...before, { type: 'release' }, { type: 'timer', ms: waitMs }],
  };
}

function dial(last: number, attempt: number, freshToken: boolean, config: ConnectingConfig): ConnectingTransition {
  const serial = last + 1;
  return {
    state: { name: 'connecting', dial: serial, attempt, freshToken },
    effects: [
      { type: 'timer', ms: config.connectTimeoutMs },
      { type: 'dial', dial: serial, freshToken },
    ],
  };
}

function stop(state: ConnectingState, code: number, reason: string, closeSocket = true): ConnectingTransition {
  const effects: ConnectingEffect[] = [{ type: 'clear-timer' }];
  if (hasSocket(state)) {
    if (closeSocket) effects.push({ type: 'close-socket', code, reason });
    effects.push({ type: 'release' });
  }
  effects.push({ type: 'stopped', code, reason });
  return { state: { name: 'closed', dial: state.dial, code, reason }, effects };
}

function stay(state: ConnectingState): ConnectingTransition {
  return { state, effects: [] };
}
