import { backoffResetMs, backoffStepMs } from '../core/back-off.ts';
import { compareResourceVersions } from '../core/resource-version.ts';
import { isGone, type KubeFailure } from './kube-failure.ts';

/**
 * The life of one upstream watch, as client-go's reflector leads it: what it does next depends on this state alone.
 * `position` is the resourceVersion to go on from; `isLost` while what lay between is lost, until the watch runs again.
 */
export type UpstreamState =
  | ({ readonly kind: 'dialing' | 'listing' | 'refreshing' | 'waiting' } & UpstreamMemory)
  | ({
      readonly kind: 'open';
      readonly openedAtMs: number;
      readonly sawEvent: boolean;
      /** It began where a list said that the cluster is. */
      readonly followsLoss: boolean;
    } & UpstreamMemory)
  | { readonly kind: 'closed' };

interface UpstreamMemory {
  readonly position: string;
  readonly isLost: boolean;
  /**
   * A list must say that the cluster is at `position` or beyond: it is a subscriber's word, or from before an outage in
   * which the cluster may have been restored from a backup. A watch from the future is answered, and silent.
   */
  readonly isUnproven: boolean;
  /** Failures that the back-off counts. */
  readonly failures: number;
  /** The credentials were refreshed since the last success. */
  readonly isRefreshed: boolean;
}

/** What happens to an upstream; `atMs` is monotonic. */
export type UpstreamEvent =
  /** The watch was answered with 200. */
  | { readonly type: 'opened'; readonly atMs: number }
  /** Events or a bookmark came. */
  | { readonly type: 'progressed'; readonly position: string }
  /** The body ended, normally or by a cut. */
  | { readonly type: 'ended'; readonly isCut: boolean; readonly atMs: number; readonly random: number }
  /** No answer, another answer than 200, or an ERROR event. */
  | { readonly type: 'failed'; readonly failure: KubeFailure; readonly atMs: number; readonly random: number }
  /** The list of one object said where the cluster is. */
  | { readonly type: 'listed'; readonly resourceVersion: string }
  | {
      readonly type: 'refreshed';
      readonly hasOthers: boolean;
      readonly failure: KubeFailure;
    }
  | { readonly type: 'timer' }
  /** Other credentials or another address: whatever is open belongs to the old ones. */
  | { readonly type: 'renewed'; readonly random: number }
  | { readonly type: 'close' };

/** What the upstream's shell does next. */
export type UpstreamEffect =
  /** Watch from the state's position. */
  | { readonly type: 'dial' }
  | { readonly type: 'list' }
  | { readonly type: 'refresh'; readonly failure: KubeFailure }
  | { readonly type: 'wait'; readonly delayMs: number }
  /** Gives up whatever is under way: a request, a watch, a timer. */
  | { readonly type: 'drop' }
  | { readonly type: 'gone'; readonly position: string }
  | { readonly type: 'live' }
  | { readonly type: 'reconnecting' }
  | { readonly type: 'error'; readonly failure: KubeFailure; readonly isTerminal: boolean };

/** The next state, and what to do in it, in order. */
export interface UpstreamTransition {
  readonly state: UpstreamState;
  readonly effects: readonly UpstreamEffect[];
}

/** A watch that ends sooner without an event counts as a failure (client-go, "very short watch"). */
const shortWatchMs = 1_000;
/** A cluster that answers again, or to others, is not dialled by all of its upstreams at once. */
export const redialSpreadMs = 1_000;

/** Wait before the next attempt; jitter over the upper half spreads a crowd and still backs off. */
export function upstreamBackoffMs(failures: number, random: number): number {
  return backoffStepMs(failures) * (0.5 + random / 2);
}

/** Where every upstream starts: asking whether the cluster is at this resourceVersion or beyond. */
export function startUpstream(position: string): UpstreamTransition {
  return {
    state: { kind: 'listing', position, isLost: false, isUnproven: true, failures: 0, isRefreshed: false },
    effects: [{ type: 'list' }],
  };
}

/** One step; events that the state does not expect change nothing. */
export function transitionUpstream(state: UpstreamState, event: UpstreamEvent): UpstreamTransition {
  if (state.kind === 'closed') return { state, effects: [] };
  switch (event.type) {
    case 'opened':
      return state.kind === 'dialing' ? opened(state, event.atMs) : { state, effects: [] };
    case 'progressed':
      if (state.kind !== 'open') return { state, effects: [] };
      return { state: { ...state, position: event.position, sawEvent: true }, effects: [] };
    case 'ended':
      return state.kind === 'open' ? ended(state, event) : { state, effects: [] };
    case 'failed':
      return failed(state, event);
    case 'listed': {
      if (state.kind !== 'listing') return { state, effects: [] };
      return listed(state, event.resourceVersion);
    }
    case 'refreshed':
      if (state.kind !== 'refreshing') return { state, effects: [] };
      return event.hasOthers ? goOn(state, { isRefreshed: true }) : giveUp(event.failure);
    case 'timer':
      return state.kind === 'waiting' ? goOn(state, {}) : { state, effects: [] };
    case 'renewed':
      return {
        state: { ...memoryOf(state), kind: 'waiting', isUnproven: true, failures: 0, isRefreshed: false },
        effects: [{ type: 'drop' }, { type: 'wait', delayMs: event.random * redialSpreadMs }],
      };
    case 'close':
      return { state: { kind: 'closed' }, effects: [{ type: 'drop' }] };
  }
}

type Living = Exclude<UpstreamState, { kind: 'closed' }>;

function memoryOf({ position, isLost, isUnproven, failures, isRefreshed }: Living): UpstreamMemory {
  return { position, isLost, isUnproven, failures, isRefreshed };
}

/**
 * A cluster that is behind what it said before is another history: what was shown of it is lost. What cannot be compared
 * counts as behind: somebody made it up, and the watch that it would begin fails for all who share it.
 */
function listed(state: Living, resourceVersion: string): UpstreamTransition {
  const isBehind = (compareResourceVersions(resourceVersion, state.position) ?? -1) < 0;
  const isLost = state.isLost || isBehind;
  const position = isLost ? resourceVersion : state.position;
  return {
    state: { ...memoryOf(state), kind: 'dialing', position, isLost, isUnproven: false },
    effects: [{ type: 'dial' }],
  };
}

/** What was lost is told only now, so that a list that is read then is not older than what this watch brings. */
function opened(state: Living, atMs: number): UpstreamTransition {
  return {
    state: {
      ...memoryOf(state),
      kind: 'open',
      openedAtMs: atMs,
      sawEvent: false,
      followsLoss: state.isLost,
      isLost: false,
      isRefreshed: false,
    },
    effects: [...(state.isLost ? [{ type: 'gone', position: state.position } as const] : []), { type: 'live' }],
  };
}

function ended(
  state: Extract<UpstreamState, { kind: 'open' }>,
  event: { readonly isCut: boolean; readonly atMs: number; readonly random: number },
): UpstreamTransition {
  const lastedMs = event.atMs - state.openedAtMs;
  const failures = lastedMs >= backoffResetMs ? 0 : state.failures;
  const isShort = lastedMs < shortWatchMs && !state.sawEvent;
  if (!event.isCut && !isShort) return goOn({ ...state, failures: 0 }, {});
  return wait({ ...state, failures }, upstreamBackoffMs(failures, event.random));
}

function failed(
  state: Living,
  { failure, atMs, random }: { readonly failure: KubeFailure; readonly atMs: number; readonly random: number },
): UpstreamTransition {
  const drop: readonly UpstreamEffect[] = state.kind === 'open' ? [{ type: 'drop' }] : [];
  const isHealthy = state.kind === 'open' && atMs - state.openedAtMs >= backoffResetMs;
  const failures = isHealthy ? 0 : state.failures;
  const next = answerTo({ ...state, failures }, failure, random);
  return { state: next.state, effects: [...drop, ...next.effects] };
}

function answerTo(state: Living, failure: KubeFailure, random: number): UpstreamTransition {
  const { code } = failure;
  if (isGone(failure)) {
    // A second time in a row the cluster forgets faster than it can be followed: not at once.
    const isAgain = state.isLost || (state.kind === 'open' && state.followsLoss && !state.sawEvent);
    if (isAgain) return wait({ ...state, isLost: true }, upstreamBackoffMs(state.failures, random));
    return { state: { ...memoryOf(state), kind: 'listing', isLost: true }, effects: [{ type: 'list' }] };
  }
  if (code === 401 && !state.isRefreshed) {
    return { state: { ...memoryOf(state), kind: 'refreshing' }, effects: [{ type: 'refresh', failure }] };
  }
  // What the cluster refuses by rule it will refuse again; 408 and 429 it refuses for the moment.
  if (code >= 400 && code < 500 && code !== 408 && code !== 429) {
    // Whoever may watch need not be one who may list.
    const isProof = state.kind === 'listing' && !state.isLost && code !== 401;
    return isProof ? goOn(state, { isUnproven: false }) : giveUp(failure);
  }
  const next = wait(state, failure.retryAfterMs ?? upstreamBackoffMs(state.failures, random));
  return { state: next.state, effects: [{ type: 'error', failure, isTerminal: false }, ...next.effects] };
}

function wait(state: Living, delayMs: number): UpstreamTransition {
  return {
    state: { ...memoryOf(state), kind: 'waiting', isUnproven: true, failures: state.failures + 1 },
    effects: [{ type: 'reconnecting' }, { type: 'wait', delayMs }],
  };
}

/** Refused by rule: who wants to know whether it still is begins a feed anew. */
function giveUp(failure: KubeFailure): UpstreamTransition {
  return { state: { kind: 'closed' }, effects: [{ type: 'error', failure, isTerminal: true }] };
}

/** Watches on, or asks where the cluster is when what lay between is lost, or may be. */
function goOn(state: Living, memory: Partial<UpstreamMemory>): UpstreamTransition {
  const next = { ...memoryOf(state), ...memory };
  return next.isLost || next.isUnproven
    ? { state: { ...next, kind: 'listing' }, effects: [{ type: 'list' }] }
    : { state: { ...next, kind: 'dialing' }, effects: [{ type: 'dial' }] };
}
