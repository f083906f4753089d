import type { KubeWatchError } from '../protocol/watch-status.ts';
import { classifyFailure } from './classify-failure.ts';
import { createKubeWatchError } from './kube-watch-error.ts';
import {
  attempt,
  fail,
  firstAttempt,
  halt,
  listOf,
  poll,
  prepend,
  rewatch,
  startList,
  stay,
  sync,
  to,
  wait,
  watchOf,
  withWatch,
} from './reflector-moves.ts';
import type {
  ReflectorConfig,
  ReflectorEffect,
  ReflectorEvent,
  ReflectorState,
  ReflectorTransition,
  RunningWatch,
  StateOf,
} from './reflector-state.ts';
import { compareVersions } from './resource-version.ts';
import type { WatchEnd } from './watch-transport.ts';

/** A watch that ends sooner, and without an event, has failed (client-go's reflector has the same second). */
const SHORT_WATCH_MS = 1000;

export const reflectorStart: ReflectorState = {
  name: 'idle',
  serial: 0,
  position: undefined,
  isSynced: false,
  isFresh: false,
  failures: 0,
  isRefreshed: false,
  error: undefined,
};

/** Next state and what to do, for one event. Never throws; stale events and those without meaning change nothing. */
export function reflectorTransition(
  state: ReflectorState,
  event: ReflectorEvent,
  config: ReflectorConfig,
): ReflectorTransition {
  if ('watch' in event && event.watch !== watchOf(state)?.serial) return stay(state);
  if ('list' in event && event.list !== listOf(state)?.serial) return stay(state);
  switch (event.type) {
    case 'start':
      return state.name === 'idle' ? sync(state, config, 'start', '0') : stay(state);
    case 'page':
      return onPage(state as StateOf<'listing' | 'relisting'>, event, config);
    case 'list-failed':
      return onListFailed(state as StateOf<'listing' | 'relisting'>, event.error, config);
    case 'opened':
      return onOpened(state, event.at);
    case 'events':
      return onEvents(state, event.position, event.at);
    case 'initial-events-end':
      return onInitialEventsEnd(state, event.position, event.at);
    case 'interrupted':
      return onInterrupted(state, event.error);
    case 'missed':
      return onMissed(state, config);
    case 'ended':
      return onEnded(state, event, config);
    case 'overflow':
      return onOverflow(state, event.error, config);
    case 'refreshed':
      return onRefreshed(state, event, config);
    case 'refresh-failed':
      return onRefreshFailed(state, event.refresh, config);
    case 'timer':
      return onTimer(state, config);
    case 'refetch':
      return onRefetch(state, config);
    case 'wake':
      return onWake(state, config);
    case 'transport':
      return onTransport(state, config);
    case 'stop':
      return state.name === 'stopped'
        ? stay(state)
        : { state: to(state, { name: 'stopped', error: undefined }), effects: halt(state) };
  }
}

function onPage(
  state: StateOf<'listing' | 'relisting'>,
  event: Extract<ReflectorEvent, { type: 'page' }>,
  config: ReflectorConfig,
): ReflectorTransition {
  const { continueToken, isCut } = event;
  const { list, watch } = state;
  // Should a server give a later page another resourceVersion, the first one repeats events and loses none.
  const resourceVersion = list.resourceVersion ?? event.resourceVersion;
  if (continueToken !== undefined && !isCut) {
    const next = { ...list, resourceVersion, pages: list.pages + 1 };
    return { state: { ...state, list: next }, effects: [{ type: 'next-page', list: next, continueToken }] };
  }
  const listed = {
    ...state,
    position: resourceVersion,
    isSynced: true,
    isFresh: list.at === '',
    failures: 0,
    isRefreshed: false,
  };
  const effects: ReflectorEffect[] = [
    { type: 'replace', from: 'pages', position: resourceVersion },
    { type: 'succeeded' },
  ];
  if (!config.watch) return { state: to(listed, { name: 'stopped', error: undefined }), effects };
  if (!config.canWatch) return prepend(effects, poll(listed, undefined, config));
  if (watch === undefined) return prepend(effects, rewatch(listed, list.reason === 'poll' ? 'poll' : 'list'));
  return { state: resumed(listed, watch), effects };
}

/** With the watch that ran beside the list, and that may be ahead of it. */
function resumed(state: ReflectorState, running: RunningWatch): ReflectorState {
  const watch = { ...running, keptPosition: undefined };
  const ahead = { ...state, position: newest(running.keptPosition ?? state.position, state.position) };
  return watch.openedAt === undefined
    ? to(ahead, { name: 'rewatching', watch, after: 'failure' })
    : to(ahead, { name: 'live', watch, error: undefined });
}

function onListFailed(
  state: StateOf<'listing' | 'relisting'>,
  error: KubeWatchError,
  config: ReflectorConfig,
): ReflectorTransition {
  const { list, watch } = state;
  const kind = classifyFailure(error);
  if (kind === 'expired' && list.pages > 0) {
    const restarted = startList(state, { reason: list.reason, at: '', whole: true }, watch);
    return prepend([{ type: 'report', error }], restarted);
  }
  // The caller learns that the list failed; what is shown is as live as before.
  const isRefused = kind === 'unauthorized' || kind === 'forbidden' || kind === 'missing';
  if (list.reason === 'refetch' && watch !== undefined && !isRefused)
    return { state: resumed(state, watch), effects: [{ type: 'report', error }, { type: 'apply-kept' }] };
  const at = kind === 'expired' || kind === 'version-too-large' ? '' : list.at;
  return fail(state, error, { kind: 'list', reason: list.reason, at }, config);
}

function onOpened(state: ReflectorState, at: number): ReflectorTransition {
  const watch = watchOf(state) as RunningWatch;
  const opened = { ...watch, openedAt: watch.openedAt ?? at };
  if (state.name !== 'rewatching') return { state: withWatch(state, opened), effects: [{ type: 'succeeded' }] };
  return { state: to(state, { name: 'live', watch: opened, error: undefined }), effects: [{ type: 'succeeded' }] };
}

function onEvents(state: ReflectorState, position: string | undefined, at: number): ReflectorTransition {
  const watch = watchOf(state) as RunningWatch;
  const isOpen = watch.openedAt !== undefined;
  const heard = isOpen && watch.heard ? watch : { ...watch, openedAt: watch.openedAt ?? at, heard: true };
  const before: ReflectorEffect[] = isOpen ? [] : [{ type: 'succeeded' }];
  if (state.name === 'live' || state.name === 'rewatching') {
    const live = {
      name: 'live',
      watch: heard,
      error: undefined,
      isFresh: false,
      failures: 0,
      isRefreshed: false,
    } as const;
    return {
      state: to({ ...state, position: newest(position, state.position) }, live),
      effects: [...before, { type: 'apply' }],
    };
  }
  const kept = { ...heard, keptPosition: newest(position, heard.keptPosition) };
  return { state: withWatch(state, kept), effects: [...before, { type: 'keep' }] };
}

function onInitialEventsEnd(state: ReflectorState, position: string, at: number): ReflectorTransition {
  if (state.name !== 'streaming') return onEvents(state, position, at);
  const watch = { ...state.watch, openedAt: state.watch.openedAt ?? at, heard: true };
  const common = { position, isSynced: true, isFresh: true, failures: 0, isRefreshed: false, error: undefined };
  return {
    state: to({ ...state, ...common }, { name: 'live', watch }),
    effects: [{ type: 'replace', from: 'initial-events', position }, { type: 'succeeded' }],
  };
}

function onInterrupted(before: ReflectorState, error: KubeWatchError | undefined): ReflectorTransition {
  const state = error === undefined ? before : { ...before, error };
  const watch = watchOf(state) as RunningWatch;
  // What happened may have taken the permission of the list too; one that is polled is asked for in its time.
  const follows = watch.follows === 'poll' ? watch.follows : undefined;
  const dialling = { ...watch, openedAt: undefined, follows };
  if (state.name !== 'live' && state.name !== 'rewatching') return { state: withWatch(state, dialling), effects: [] };
  return { state: to(state, { name: 'rewatching', watch: dialling, after: 'failure' }), effects: [] };
}

/** A list that was under way may be older than what was missed. */
function onMissed(state: ReflectorState, config: ReflectorConfig): ReflectorTransition {
  const watch = watchOf(state) as RunningWatch;
  const next = { kind: 'list', reason: 'missed', at: '' } as const;
  if (state.name === 'backoff') return { state: { ...state, next }, effects: [{ type: 'discard-kept' }] };
  const before: ReflectorEffect[] = [{ type: 'discard-kept' }];
  if (listOf(state) !== undefined) before.unshift({ type: 'abort-list' });
  return prepend(before, state.isFresh ? wait(state, next, 'target', watch) : attempt(state, next, config, watch));
}

function onEnded(
  state: ReflectorState,
  { end, at }: { readonly end: WatchEnd; readonly at: number },
  config: ReflectorConfig,
): ReflectorTransition {
  const watch = watchOf(state) as RunningWatch;
  // The list that is awaited goes on; the watch begins anew after it, and brings again what was kept.
  if (state.name === 'relisting' || state.name === 'backoff')
    return { state: { ...state, watch: undefined }, effects: [...reportOf(end), { type: 'discard-kept' }] };
  const isHealthy = watch.heard || (watch.openedAt !== undefined && at - watch.openedAt >= SHORT_WATCH_MS);
  const rested = isHealthy
    ? withWatch({ ...state, failures: 0, isRefreshed: false }, { ...watch, follows: undefined })
    : state;
  if (end.kind === 'normal' && isHealthy && state.name !== 'streaming') return rewatch(rested, 'end');
  const error = end.kind === 'normal' ? earlyEnd(state, config) : end.error;
  const isGone = end.kind === 'gone' || classifyFailure(error) === 'expired';
  if (isGone) return onGone(rested, error, config);
  const retryAfterMs = end.kind === 'error' ? end.retryAfterMs : undefined;
  const next = state.name === 'streaming' ? firstAttempt(state) : ({ kind: 'watch' } as const);
  return fail(rested, error, next, config, retryAfterMs);
}

/** A list that is of the newest state already would only be read again: the API contradicts itself, so wait first. */
function onGone(state: ReflectorState, error: KubeWatchError, config: ReflectorConfig): ReflectorTransition {
  const next = { kind: 'list', reason: 'missed', at: '' } as const;
  const lost = { ...state, position: undefined };
  if (state.isFresh) return fail(lost, error, next, config);
  return prepend([{ type: 'report', error }], attempt({ ...lost, error }, next, config));
}

function onOverflow(state: ReflectorState, error: KubeWatchError, config: ReflectorConfig): ReflectorTransition {
  if (state.name !== 'relisting' && state.name !== 'backoff') return stay(state);
  const effects: ReflectorEffect[] = [{ type: 'discard-kept' }];
  if (state.name === 'relisting') effects.unshift({ type: 'abort-list' });
  return prepend(effects, fail(state, error, { kind: 'list', reason: 'missed', at: '' }, config));
}

function onRefreshed(
  state: ReflectorState,
  { refresh, changed }: { readonly refresh: number; readonly changed: boolean },
  config: ReflectorConfig,
): ReflectorTransition {
  if (state.name !== 'refreshing' || state.refresh !== refresh) return stay(state);
  const effects: ReflectorEffect[] = [{ type: 'clear-timer' }];
  if (changed) return prepend(effects, attempt(state, state.next, config));
  return { state: to(state, { name: 'stopped' }), effects };
}

/** Also when no answer came. Whether the credentials are good is not known: the 401 is met again after the wait, and asked about again. */
function onRefreshFailed(state: ReflectorState, refresh: number, config: ReflectorConfig): ReflectorTransition {
  if (state.name !== 'refreshing' || state.refresh !== refresh) return stay(state);
  if (state.failures > config.maxRetries)
    return { state: to(state, { name: 'stopped' }), effects: [{ type: 'clear-timer' }] };
  return wait({ ...state, isRefreshed: false }, state.next, 'target');
}

function onWake(state: ReflectorState, config: ReflectorConfig): ReflectorTransition {
  if (state.name === 'backoff')
    return prepend([{ type: 'clear-timer' }], attempt(state, state.next, config, state.watch));
  return isGivenUp(state) ? beginAnew(state, config) : stay(state);
}

/** It stopped for a failure, and not because it was told to. */
function isGivenUp(state: ReflectorState): boolean {
  return state.name === 'stopped' && state.error !== undefined;
}

function beginAnew(state: ReflectorState, config: ReflectorConfig): ReflectorTransition {
  return attempt({ ...state, isRefreshed: false, failures: 0 }, firstAttempt(state), config);
}

function onTimer(state: ReflectorState, config: ReflectorConfig): ReflectorTransition {
  switch (state.name) {
    case 'backoff':
      return attempt(state, state.next, config, state.watch);
    case 'polling':
      return startList(state, { reason: 'poll', at: state.position ?? '', whole: false });
    case 'probing':
      return attempt(state, firstAttempt(state), config);
    case 'refreshing':
      return onRefreshFailed(state, state.refresh, config);
    default:
      return stay(state);
  }
}

/** A list that is under way may have been asked before what the caller wants to see. */
function onRefetch(state: ReflectorState, config: ReflectorConfig): ReflectorTransition {
  const list = { reason: state.isSynced ? 'refetch' : 'start', at: '', whole: false } as const;
  switch (state.name) {
    case 'idle':
      return sync(state, config, 'start', '0');
    case 'streaming':
      return stay(state);
    case 'live':
    case 'rewatching':
      return startList(state, list, state.watch);
    case 'listing':
      return prepend([{ type: 'abort-list' }], startList(state, list));
    case 'relisting': {
      const reason = state.list.reason === 'missed' ? 'missed' : 'refetch';
      const effects: ReflectorEffect[] = [{ type: 'abort-list' }];
      return prepend(effects, startList(state, { ...list, reason }, state.watch));
    }
    case 'backoff': {
      const reason = state.next.kind === 'list' ? state.next.reason : 'refetch';
      return prepend([{ type: 'clear-timer' }], startList(state, { ...list, reason }, state.watch));
    }
    case 'polling':
    case 'probing':
      return prepend([{ type: 'clear-timer' }], startList(state, list));
    case 'refreshing':
    case 'stopped': {
      const move = startList({ ...state, isRefreshed: false, failures: 0 }, list);
      return state.name === 'stopped' ? move : prepend([{ type: 'clear-timer' }], move);
    }
  }
}

function onTransport(state: ReflectorState, config: ReflectorConfig): ReflectorTransition {
  if (isGivenUp(state)) return beginAnew(state, config);
  if (state.name === 'idle' || state.name === 'stopped') return stay(state);
  const effects = halt(state);
  const fresh = { ...state, isRefreshed: false, failures: 0 };
  if (!state.isSynced) return prepend(effects, sync(fresh, config, 'start', '0'));
  const reason = listOf(state)?.reason === 'refetch' ? 'refetch' : 'missed';
  if (reason === 'refetch' || hasMissed(state))
    return prepend(effects, startList(fresh, { reason, at: '', whole: false }));
  if (config.canWatch && config.watch) return prepend(effects, rewatch(fresh, 'failure'));
  return prepend(effects, startList(fresh, { reason: 'poll', at: state.position ?? '', whole: false }));
}

/** The newer one; where they cannot be compared, what the watch came to last: going on from it repeats at worst. */
function newest(watched: string | undefined, known: string | undefined): string | undefined {
  const order = compareVersions(watched, known);
  return watched === undefined || (order !== undefined && order < 0) ? known : watched;
}

/** Events were missed that only a list brings back. */
function hasMissed(state: ReflectorState): boolean {
  const next = 'next' in state && state.next.kind === 'list' ? state.next : listOf(state);
  return state.position === undefined || next?.reason === 'missed';
}

function earlyEnd(state: ReflectorState, { target }: ReflectorConfig): KubeWatchError {
  const message =
    state.name === 'streaming'
      ? 'the watch ended before its initial events did'
      : 'the watch ended within a second and brought nothing';
  return createKubeWatchError({ code: 'KUBE_SHORT_WATCH', message, ...target });
}

function reportOf(end: WatchEnd): ReflectorEffect[] {
  return end.kind === 'normal' ? [] : [{ type: 'report', error: end.error }];
}
