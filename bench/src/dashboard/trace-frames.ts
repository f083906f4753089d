/** An event of a trace as Chromium writes it (Trace Event Format): a duration has phase `X`; times are in microseconds. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Processor time that the thread had meanwhile. */
  readonly tdur?: number;
}

/** What the main thread did for one picture, in milliseconds of its processor time. */
export interface FrameCost {
  readonly scriptMs: number;
  /** Style, layout and pre-paint, also where script forced them. */
  readonly layoutMs: number;
  /** Every task, with painting, hit tests and the browser's own work. */
  readonly taskMs: number;
  /** From the picture before to this one, on the wall. */
  readonly wallMs: number;
}

/** What has to be traced for {@link frameCosts}. */
export const traceCategories: string[] = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];

/** Each runs the page's code, or collects what it left behind. */
const scripts = new Set([
  'EvaluateScript',
  'EventDispatch',
  'FireAnimationFrame',
  'FireIdleCallback',
  'FunctionCall',
  'MajorGC',
  'MinorGC',
  'RunMicrotasks',
  'TimerFire',
  'v8.compile',
]);
const layouts = new Set(['Layout', 'PrePaint', 'UpdateLayoutTree']);
/** Hands the picture over to the compositor: with it a frame of the main thread is done. */
const frameEnd = 'Commit';
const task = 'RunTask';

/**
 * The frames of the page that drew most, in their order. A frame is all that its main thread does from the end of one
 * commit to the end of the next: what ran before the animation frame, such as a message, delays the picture as well.
 * Time in an event that lies in another of the same kind is counted once; layout that script forced is layout.
 */
export function frameCosts(events: readonly TraceEvent[]): readonly FrameCost[] {
  const thread = busiestThread(events);
  const durations = events
    .filter((event) => event.ph === 'X' && threadOf(event) === thread)
    .sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const ends = durations.filter(({ name }) => name === frameEnd).map(endOf);
  const frames = ends.map(() => ({ scriptMs: 0, layoutMs: 0, taskMs: 0 }));
  let at = 0;
  let [scriptEnd, layoutEnd] = [-Infinity, -Infinity];
  for (const event of durations) {
    while (event.ts >= (ends[at] ?? Infinity)) at += 1;
    const frame = frames[at];
    if (frame === undefined) break;
    const ms = (event.tdur ?? 0) / 1_000;
    const isInScript = event.ts < scriptEnd;
    const isInLayout = event.ts < layoutEnd;
    if (event.name === task) frame.taskMs += ms;
    else if (layouts.has(event.name) && !isInLayout) {
      layoutEnd = endOf(event);
      frame.layoutMs += ms;
      if (isInScript) frame.scriptMs -= ms;
    } else if (scripts.has(event.name) && !isInScript && !isInLayout) {
      scriptEnd = endOf(event);
      frame.scriptMs += ms;
    }
  }
  // What was before the first picture belongs to no whole frame.
  return frames.slice(1).map((frame, index) => ({
    ...frame,
    wallMs: ((ends[index + 1] ?? NaN) - (ends[index] ?? NaN)) / 1_000,
  }));
}

function endOf({ ts, dur = 0 }: TraceEvent): number {
  return ts + dur;
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${String(pid)}/${String(tid)}`;
}

function busiestThread(events: readonly TraceEvent[]): string | undefined {
  const calls = new Map<string, number>();
  for (const event of events) {
    if (event.name !== frameEnd || event.ph !== 'X') continue;
    calls.set(threadOf(event), (calls.get(threadOf(event)) ?? 0) + 1);
  }
  return [...calls].sort(([, a], [, b]) => b - a)[0]?.[0];
}
