/** Crashes within {@link crashWindowMs} that end a plugin for the session. */
export const maxCrashes = 3;
/** How far back crashes count. */
export const crashWindowMs = 60_000;
/**
 * What one contribution throws this soon after a crash of it that counted belongs to that crash: a cell stands in many
 * rows, which are rendered at once.
 */
export const crashBurstMs = 1_000;

/** A crash that counted. */
interface Crash {
  readonly atMs: number;
  /** What it was in: the key of a contribution. */
  readonly of: string;
}

/** Where a plugin stands in the page. */
export type PluginStatus = 'pending' | 'loading' | 'active' | 'failed' | 'disabled' | 'incompatible' | 'blocked';

/** What the server says of a plugin, as far as loading goes by it. */
export type PluginListing =
  | { readonly status: 'ready'; readonly build: string; readonly isLazy: boolean }
  | { readonly status: 'disabled' | 'incompatible' | 'blocked'; readonly reason: string };

/**
 * State of one plugin. `run` numbers its starts: what belongs to an earlier run no longer counts. `P` is what a failure
 * is described by.
 */
export type PluginLoadState<P> = { readonly run: number } & (
  | { readonly status: 'pending'; readonly build: string }
  // What it registers is shown at once, and may crash before `activate` has returned.
  | { readonly status: 'loading' | 'active'; readonly build: string; readonly crashes: readonly Crash[] }
  // `isRetryable`: the next list starts it again.
  | { readonly status: 'failed'; readonly build: string; readonly problem: P; readonly isRetryable: boolean }
  | {
      readonly status: 'disabled';
      readonly build?: string;
      readonly by: 'server' | 'safe-mode' | 'crashes';
      readonly reason: string;
      readonly problem?: P;
    }
  | { readonly status: 'incompatible' | 'blocked'; readonly reason: string }
);

/** What happens to a plugin. Times are of a clock that never goes back. */
export type PluginLoadEvent<P> =
  | { readonly type: 'listed'; readonly listing: PluginListing; readonly isSafeMode: boolean }
  | { readonly type: 'unlisted' }
  | { readonly type: 'used' }
  | { readonly type: 'activated'; readonly run: number }
  | { readonly type: 'failed'; readonly run: number; readonly problem: P; readonly isRetryable: boolean }
  | { readonly type: 'crashed'; readonly run: number; readonly of: string; readonly atMs: number; readonly problem: P }
  | { readonly type: 'retried' };

/** What is to be done, in this order. */
export type PluginLoadEffect = { readonly type: 'stop' | 'start'; readonly run: number };

/** Outcome of {@link pluginLoadTransition}. */
export interface PluginLoadTransition<P> {
  readonly state: PluginLoadState<P>;
  readonly effects: readonly PluginLoadEffect[];
}

/** Before the server has said anything of the plugin. */
export const pluginLoadStart: PluginLoadState<never> = {
  status: 'disabled',
  by: 'server',
  reason: 'not listed',
  run: 0,
};

const inSafeMode = 'safe mode: no plugin is loaded';

type Running<P> = PluginLoadState<P> & { readonly status: 'loading' | 'active' };

function isRunning<P>(state: PluginLoadState<P>): state is Running<P> {
  return state.status === 'loading' || state.status === 'active';
}

function stopOf<P>(state: PluginLoadState<P>): readonly PluginLoadEffect[] {
  return isRunning(state) ? [{ type: 'stop', run: state.run }] : [];
}

function starting<P>(state: PluginLoadState<P>, build: string): PluginLoadTransition<P> {
  const run = state.run + 1;
  return {
    state: { status: 'loading', build, run, crashes: [] },
    effects: [...stopOf(state), { type: 'start', run }],
  };
}

function listed<P>(state: PluginLoadState<P>, listing: PluginListing, isSafeMode: boolean): PluginLoadTransition<P> {
  const { run } = state;
  if (listing.status === 'disabled') {
    return { state: { status: 'disabled', by: 'server', reason: listing.reason, run }, effects: stopOf(state) };
  }
  if (listing.status !== 'ready') {
    return { state: { status: listing.status, reason: listing.reason, run }, effects: stopOf(state) };
  }
  const { build, isLazy } = listing;
  if (isSafeMode) {
    return { state: { status: 'disabled', by: 'safe-mode', build, reason: inSafeMode, run }, effects: stopOf(state) };
  }
  const isSameBuild = 'build' in state && state.build === build;
  const isHeldBack = state.status === 'disabled' && state.by === 'safe-mode';
  const mayRetry = state.status === 'failed' && state.isRetryable;
  if (isSameBuild && mayRetry) return starting(state, build);
  if (isSameBuild && !isHeldBack) return { state, effects: [] };
  // A plugin that runs is in use, so that its next build starts at once.
  if (isLazy && !isRunning(state)) return { state: { status: 'pending', build, run }, effects: [] };
  return starting(state, build);
}

function crashed<P>(state: Running<P>, { of, atMs }: Crash, problem: P): PluginLoadTransition<P> {
  if (state.crashes.some((earlier) => earlier.of === of && atMs - earlier.atMs < crashBurstMs))
    return { state, effects: [] };
  const crashes = [...state.crashes.filter((earlier) => atMs - earlier.atMs < crashWindowMs), { of, atMs }];
  if (crashes.length < maxCrashes) return { state: { ...state, crashes }, effects: [] };
  const reason = `crashed ${String(maxCrashes)} times within ${String(crashWindowMs / 1_000)} s`;
  const { build, run } = state;
  return { state: { status: 'disabled', by: 'crashes', build, reason, problem, run }, effects: stopOf(state) };
}

/** Decides what a plugin does next; pure. A plugin that crashed too often stays off until its build changes or a person
 * starts it again. */
export function pluginLoadTransition<P>(state: PluginLoadState<P>, event: PluginLoadEvent<P>): PluginLoadTransition<P> {
  const unchanged = { state, effects: [] };
  switch (event.type) {
    case 'listed':
      return listed(state, event.listing, event.isSafeMode);
    case 'unlisted':
      return { state: { ...pluginLoadStart, run: state.run }, effects: stopOf(state) };
    case 'used':
      return state.status === 'pending' ? starting(state, state.build) : unchanged;
    case 'activated':
    case 'failed': {
      if (state.status !== 'loading' || state.run !== event.run) return unchanged;
      if (event.type === 'activated') return { state: { ...state, status: 'active' }, effects: [] };
      const { build, run } = state;
      const { problem, isRetryable } = event;
      return { state: { status: 'failed', build, run, problem, isRetryable }, effects: stopOf(state) };
    }
    case 'crashed':
      if (!isRunning(state) || state.run !== event.run) return unchanged;
      return crashed(state, event, event.problem);
    case 'retried':
      if (state.status === 'failed') return starting(state, state.build);
      if (state.status === 'disabled' && state.by === 'crashes' && state.build !== undefined) {
        return starting(state, state.build);
      }
      return unchanged;
  }
}
