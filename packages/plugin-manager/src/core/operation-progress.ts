import { pluginPhases, type PluginError, type PluginPhase } from '../protocol/error.ts';

interface Position {
  /** Of the whole operation, 0 to 100; never falls. */
  readonly percentage: number;
}

interface Ending extends Position {
  /** All of the operation, those that no event told included. */
  readonly warnings: readonly string[];
}

/** What an operation says while it runs. The last event is one of `done`, `failed` and `cancelled`, and only the last. */
export type OperationProgress =
  | (Position & { readonly type: 'queued' })
  | (Position & { readonly type: 'phase'; readonly phase: PluginPhase })
  | (Position & {
      readonly type: 'bytes';
      /** Bytes that have come; never falls. */
      readonly done: number;
      /** Bytes that come in all, where the server says so. */
      readonly total?: number;
      /** `done` to `total`, 0 to 1; 0 while there is no total. */
      readonly fraction: number;
      /** Bytes per second since the first; 0 while none has come for {@link stalledAfterMs}. */
      readonly rate: number;
    })
  | (Position & { readonly type: 'warning'; readonly message: string })
  | (Ending & { readonly type: 'done' })
  | (Ending & { readonly type: 'failed'; readonly error: PluginError })
  | (Ending & { readonly type: 'cancelled'; readonly error: PluginError });

/** What happens to an operation. */
export type OperationEvent =
  | { readonly type: 'phase'; readonly phase: PluginPhase }
  | { readonly type: 'bytes'; readonly done: number; readonly total?: number | undefined }
  | { readonly type: 'warning'; readonly message: string }
  /** The time of an effect `wake` has come. */
  | { readonly type: 'woken' }
  | { readonly type: 'done' }
  | { readonly type: 'failed' | 'cancelled'; readonly error: PluginError };

/** What its owner does. */
export type OperationEffect =
  | { readonly type: 'emit'; readonly progress: OperationProgress }
  /** In place of the time that was asked for before. */
  | { readonly type: 'wake'; readonly atMs: number };

type Bytes = Extract<OperationProgress, { type: 'bytes' }>;
type Waiting = Extract<OperationProgress, { type: 'phase' }> | Bytes;

/** Where an operation is, and what was not told yet. */
export interface OperationState {
  readonly isEnded: boolean;
  /** Absent before the first. */
  readonly phase?: PluginPhase;
  readonly percentage: number;
  readonly lastEmitAtMs: number;
  /** The time of the newest effect `wake`; absent once it has come. */
  readonly wakeAtMs?: number | undefined;
  /** The newest of what came too soon after the event before; what it replaces is never told. */
  readonly waiting?: Waiting | undefined;
  readonly warnings: readonly string[];
  readonly toldWarnings: number;
  readonly firstBytesAtMs?: number;
  /** What has come, and when the last of it did; absent while nothing comes, and once that was told. */
  readonly receiving?: { readonly bytes: Bytes; readonly lastAtMs: number } | undefined;
  readonly doneBytes: number;
}

/**
 * At least between two events, the last excepted: with it there are at most 10 in any second.
 */
export const progressIntervalMs = 125;
/** A download of which nothing came for so long has no rate. */
export const stalledAfterMs = 3_000;
/** Warnings that are kept; later ones are dropped. */
export const maxOperationWarnings = 100;

// Where each phase begins, as a percentage of the whole: the download is what takes time, and unpacking after it.
const phaseStarts: Readonly<Record<PluginPhase, number>> = {
  resolve: 0,
  policy: 4,
  download: 5,
  integrity: 70,
  signature: 71,
  inspect: 72,
  extract: 76,
  manifest: 92,
  compat: 94,
  commit: 95,
  cleanup: 98,
};

/** An operation that waits for its turn, and the event that says so. */
export function queuedOperation(nowMs: number): {
  readonly state: OperationState;
  readonly progress: OperationProgress;
} {
  return {
    state: {
      isEnded: false,
      percentage: 0,
      lastEmitAtMs: nowMs,
      warnings: [],
      toldWarnings: 0,
      doneBytes: 0,
    },
    progress: { type: 'queued', percentage: 0 },
  };
}

interface Step {
  readonly state: OperationState;
  readonly effects: readonly OperationEffect[];
}

/** The next state; `nowMs` of a clock that never goes back. After the end nothing changes and nothing is told. */
export function transition(state: OperationState, event: OperationEvent, nowMs: number): Step {
  if (state.isEnded) return { state, effects: [] };
  switch (event.type) {
    case 'phase':
      return tell(entered(state, event.phase), nowMs);
    case 'bytes':
      return tell(received(state, event.done, event.total, nowMs), nowMs);
    case 'warning':
      if (state.warnings.length >= maxOperationWarnings) return { state, effects: [] };
      return tell({ ...state, warnings: [...state.warnings, event.message] }, nowMs);
    case 'woken':
      return tell(withoutStalled({ ...state, wakeAtMs: undefined }, nowMs), nowMs);
    default:
      return ended(state, event);
  }
}

function ended(state: OperationState, event: Extract<OperationEvent, { type: 'done' | 'failed' | 'cancelled' }>): Step {
  const { warnings } = state;
  const percentage = event.type === 'done' ? 100 : state.percentage;
  return {
    state: { ...state, isEnded: true, percentage },
    effects: [{ type: 'emit', progress: { ...event, percentage, warnings } }],
  };
}

function entered(state: OperationState, phase: PluginPhase): OperationState {
  const isForward = state.phase === undefined || pluginPhases.indexOf(phase) > pluginPhases.indexOf(state.phase);
  // An operation goes on, or stays: what resolves again while it downloads is still downloading for whoever watches.
  if (!isForward) return state;
  const percentage = Math.max(state.percentage, phaseStarts[phase]);
  return { ...state, phase, percentage, receiving: undefined, waiting: { type: 'phase', phase, percentage } };
}

function received(state: OperationState, done: number, total: number | undefined, nowMs: number): OperationState {
  // A download that is tried again begins at 0; it is told from where it is further than before.
  if (done <= state.doneBytes) {
    const { receiving } = state;
    return receiving === undefined ? state : { ...state, receiving: { ...receiving, lastAtMs: nowMs } };
  }
  const firstBytesAtMs = state.firstBytesAtMs ?? nowMs;
  const elapsedMs = nowMs - firstBytesAtMs;
  const fraction = total === undefined || total <= 0 ? 0 : Math.min(1, done / total);
  const span = phaseStarts.integrity - phaseStarts.download;
  const percentage = Math.max(state.percentage, phaseStarts.download + fraction * span);
  const bytes: Bytes = {
    type: 'bytes',
    done,
    ...(total !== undefined && { total }),
    fraction,
    rate: elapsedMs > 0 ? (done / elapsedMs) * 1_000 : 0,
    percentage,
  };
  const receiving = { bytes, lastAtMs: nowMs };
  return { ...state, firstBytesAtMs, doneBytes: done, percentage, waiting: bytes, receiving };
}

function withoutStalled(state: OperationState, nowMs: number): OperationState {
  const { receiving } = state;
  if (receiving === undefined || nowMs < receiving.lastAtMs + stalledAfterMs) return state;
  return { ...state, receiving: undefined, waiting: { ...receiving.bytes, rate: 0 } };
}

function tell(state: OperationState, nowMs: number): Step {
  const { toldWarnings, warnings, waiting, percentage, lastEmitAtMs, receiving } = state;
  const message = warnings[toldWarnings];
  // A warning does not say what is done, so it keeps no phase back; bytes, which come without end, keep no warning back.
  const isWarning = message !== undefined && waiting?.type !== 'phase';
  const progress: OperationProgress | undefined = isWarning ? { type: 'warning', message, percentage } : waiting;
  if (progress === undefined) {
    return receiving === undefined ? { state, effects: [] } : wakeAt(state, receiving.lastAtMs + stalledAfterMs);
  }
  const dueAtMs = lastEmitAtMs + progressIntervalMs;
  if (nowMs < dueAtMs) return wakeAt(state, dueAtMs);
  const told = isWarning ? { ...state, toldWarnings: toldWarnings + 1 } : { ...state, waiting: undefined };
  const next = tell({ ...told, lastEmitAtMs: nowMs }, nowMs);
  return { state: next.state, effects: [{ type: 'emit', progress }, ...next.effects] };
}

/** Nothing where an earlier time is asked for already: what is left then asks anew. */
function wakeAt(state: OperationState, atMs: number): Step {
  if (state.wakeAtMs !== undefined && state.wakeAtMs <= atMs) return { state, effects: [] };
  return { state: { ...state, wakeAtMs: atMs }, effects: [{ type: 'wake', atMs }] };
}
