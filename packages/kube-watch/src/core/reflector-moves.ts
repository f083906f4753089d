import type { KubeWatchError } from '../protocol/watch-status.ts';
import { classifyFailure } from './classify-failure.ts';
import type {
  ListReason,
  NextAttempt,
  ReflectorConfig,
  ReflectorEffect,
  ReflectorState,
  ReflectorTransition,
  RunningList,
  RunningWatch,
} from './reflector-state.ts';

/** What `ResourceVersionTooLarge` waits when it names no time. */
const VERSION_WAIT_MS = 1000;

/** Credentials that take longer could not be asked for. */
const REFRESH_TIMEOUT_MS = 30_000;

/** The part of a state that differs by its name. */
type Named = ReflectorState extends infer S
  ? S extends ReflectorState
    ? Omit<S, CommonKey> & Partial<Common>
    : never
  : never;
type CommonKey = 'serial' | 'position' | 'isSynced' | 'isFresh' | 'failures' | 'isRefreshed' | 'error';
type Common = Pick<ReflectorState, CommonKey>;

/** Another state with what is common to all. */
export function to(state: ReflectorState, named: Named): ReflectorState {
  const { serial, position, isSynced, isFresh, failures, isRefreshed, error } = state;
  return { serial, position, isSynced, isFresh, failures, isRefreshed, error, ...named };
}

export function stay(state: ReflectorState): ReflectorTransition {
  return { state, effects: [] };
}

export function prepend(effects: readonly ReflectorEffect[], move: ReflectorTransition): ReflectorTransition {
  return { state: move.state, effects: [...effects, ...move.effects] };
}

export function watchOf(state: ReflectorState): RunningWatch | undefined {
  return 'watch' in state ? state.watch : undefined;
}

export function listOf(state: ReflectorState): RunningList | undefined {
  return 'list' in state ? state.list : undefined;
}

export function withWatch(state: ReflectorState, watch: RunningWatch): ReflectorState {
  return { ...state, watch } as ReflectorState;
}

/** Begins with nothing in hand: a watch-list where there is one, else a list. */
export function sync(
  state: ReflectorState,
  config: ReflectorConfig,
  reason: ListReason,
  at: string,
): ReflectorTransition {
  if (!config.watch || !config.canWatch || !config.hasWatchList) return startList(state, { reason, at, whole: false });
  const serial = state.serial + 1;
  return {
    state: to(state, { name: 'streaming', serial, watch: newWatch(serial, undefined) }),
    effects: [{ type: 'watch', serial, resourceVersion: undefined, sendInitialEvents: true }],
  };
}

/** Begins a list; a watch that runs beside it goes on. */
export function startList(
  state: ReflectorState,
  plan: Pick<RunningList, 'reason' | 'at' | 'whole'>,
  watch?: RunningWatch,
): ReflectorTransition {
  const serial = state.serial + 1;
  const list: RunningList = { ...plan, serial, pages: 0, resourceVersion: undefined };
  const next = state.isSynced
    ? to(state, { name: 'relisting', serial, list, watch })
    : to(state, { name: 'listing', serial, list });
  return { state: next, effects: [{ type: 'list', list }] };
}

/** Watches from the position. */
export function rewatch(state: ReflectorState, after: 'list' | 'poll' | 'end' | 'failure'): ReflectorTransition {
  const serial = state.serial + 1;
  return {
    state: to(state, {
      name: 'rewatching',
      serial,
      watch: newWatch(serial, after === 'list' || after === 'poll' ? after : undefined),
      after,
    }),
    effects: [{ type: 'watch', serial, resourceVersion: state.position, sendInitialEvents: false }],
  };
}

function newWatch(serial: number, follows: RunningWatch['follows']): RunningWatch {
  return { serial, openedAt: undefined, heard: false, keptPosition: undefined, follows };
}

/** Lists again after the poll interval. */
export function poll(
  state: ReflectorState,
  error: KubeWatchError | undefined,
  config: ReflectorConfig,
): ReflectorTransition {
  return {
    state: to(state, { name: 'polling', error }),
    effects: [{ type: 'timer', ms: config.pollIntervalMs }],
  };
}

/** Does what a wait was for. */
export function attempt(
  state: ReflectorState,
  next: NextAttempt,
  config: ReflectorConfig,
  watch?: RunningWatch,
): ReflectorTransition {
  if (next.kind === 'watch' && state.position !== undefined) return rewatch(state, 'failure');
  const { reason, at } = next.kind === 'list' ? next : { reason: 'missed' as const, at: '' };
  if (watch !== undefined || reason === 'poll' || reason === 'refetch')
    return startList(state, { reason, at, whole: false }, watch);
  return sync(state, config, reason, at);
}

/** How a target begins: any state will do until something is shown, and then only the newest. */
export function firstAttempt(state: ReflectorState): NextAttempt {
  return { kind: 'list', ...firstList(state) };
}

function firstList({ isSynced }: ReflectorState): { readonly reason: ListReason; readonly at: string } {
  return isSynced ? { reason: 'missed', at: '' } : { reason: 'start', at: '0' };
}

/** Waits for as long as the back-off says. */
export function wait(
  state: ReflectorState,
  next: NextAttempt,
  scope: 'cluster' | 'target',
  watch?: RunningWatch,
): ReflectorTransition {
  return { state: to(state, { name: 'backoff', next, watch }), effects: [{ type: 'backoff', scope }] };
}

/** What ends all that runs. */
export function halt(state: ReflectorState): ReflectorEffect[] {
  const effects: ReflectorEffect[] = [{ type: 'clear-timer' }];
  if (listOf(state) !== undefined) effects.push({ type: 'abort-list' });
  if (watchOf(state) !== undefined) effects.push({ type: 'unwatch' });
  return effects;
}

/** What a failed attempt leads to; `next` is the attempt to repeat, after `retryAfterMs` where the API named a time. */
export function fail(
  state: ReflectorState,
  error: KubeWatchError,
  next: NextAttempt,
  config: ReflectorConfig,
  retryAfterMs: number | undefined = error.retryAfterMs,
): ReflectorTransition {
  const failed = { ...state, error, failures: state.failures + 1 };
  return prepend([{ type: 'report', error }], failTo(failed, error, next, config, retryAfterMs));
}

function failTo(
  state: ReflectorState,
  error: KubeWatchError,
  next: NextAttempt,
  config: ReflectorConfig,
  retryAfterMs: number | undefined,
): ReflectorTransition {
  const kind = classifyFailure(error);
  const watch = besideList(state);
  if (state.name === 'streaming' && (error.status === 400 || error.status === 422)) {
    const { reason, at } = firstList(state);
    const listed = startList({ ...state, failures: 0, error: undefined }, { reason, at, whole: false });
    return prepend([{ type: 'refuse-watch-list' }], listed);
  }
  switch (kind) {
    case 'unauthorized':
      return refresh(state, next, config, watch);
    case 'forbidden':
      if (next.kind === 'watch' || state.name === 'streaming') return watchRefused(state, error, config);
      return probe(state, config, watch);
    case 'missing':
      return prepend([{ type: 'clear' }], probe({ ...state, position: undefined }, config, watch));
    case 'refused':
      // 405: a resource type that can be listed and not watched.
      if (next.kind === 'watch' && error.status === 405) return watchRefused(state, error, config);
      return probe(state, config, watch);
    default:
  }
  if (state.failures > config.maxRetries) return { state: to(state, { name: 'stopped' }), effects: unwatchOf(watch) };
  if (kind === 'version-too-large') {
    const list = { kind: 'list', reason: 'missed', at: '' } as const;
    return waitMs(state, list, retryAfterMs ?? VERSION_WAIT_MS, watch);
  }
  if (retryAfterMs !== undefined) return waitMs(state, next, retryAfterMs, watch);
  return wait(state, next, kind === 'unreachable' ? 'cluster' : 'target', watch);
}

function waitMs(
  state: ReflectorState,
  next: NextAttempt,
  ms: number,
  watch: RunningWatch | undefined,
): ReflectorTransition {
  return { state: to(state, { name: 'backoff', next, watch }), effects: [{ type: 'timer', ms }] };
}

/** The watch that goes on beside a list; in the other states the watch is what failed. */
function besideList(state: ReflectorState): RunningWatch | undefined {
  return state.name === 'relisting' || state.name === 'backoff' ? state.watch : undefined;
}

function refresh(
  state: ReflectorState,
  next: NextAttempt,
  config: ReflectorConfig,
  watch: RunningWatch | undefined,
): ReflectorTransition {
  const effects = unwatchOf(watch);
  if (state.isRefreshed || !config.canRefresh) return { state: to(state, { name: 'stopped' }), effects };
  const serial = state.serial + 1;
  return {
    state: to({ ...state, isRefreshed: true }, { name: 'refreshing', serial, refresh: serial, next }),
    effects: [...effects, { type: 'timer', ms: REFRESH_TIMEOUT_MS }, { type: 'refresh-credentials', refresh: serial }],
  };
}

/** Refused as such, not for the moment: asked again at long intervals. */
function probe(state: ReflectorState, config: ReflectorConfig, watch: RunningWatch | undefined): ReflectorTransition {
  return {
    state: to(state, { name: 'probing' }),
    effects: [...unwatchOf(watch), { type: 'timer', ms: config.probeIntervalMs }],
  };
}

/** May list and not watch, or neither: only a list that was just read tells. */
function watchRefused(state: ReflectorState, error: KubeWatchError, config: ReflectorConfig): ReflectorTransition {
  if (!state.isSynced) return startList(state, { ...firstList(state), whole: false });
  if (watchOf(state)?.follows !== undefined) return poll(state, error, config);
  return startList(state, { reason: 'poll', at: state.position ?? '', whole: false });
}

function unwatchOf(watch: RunningWatch | undefined): ReflectorEffect[] {
  return watch === undefined ? [] : [{ type: 'unwatch' }];
}
