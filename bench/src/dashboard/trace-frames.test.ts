import { expect, it } from 'vitest';
import { frameCosts, type TraceEvent } from './trace-frames.ts';

/** Microseconds from `at`, all of them on the processor unless said otherwise. */
const event = (name: string, at: number, dur: number, tdur = dur, tid = 1): TraceEvent => ({
  name,
  ph: 'X',
  pid: 7,
  tid,
  ts: at,
  dur,
  tdur,
});
const first = event('Commit', 0, 1_000);

it('a frame is what ran from one commit to the next, by processor time, and the wall shows the rest', () => {
  const message = event('FunctionCall', 2_000, 4_000, 1_000);
  const rendering = [event('FireAnimationFrame', 10_000, 2_000), event('UpdateLayoutTree', 12_000, 500)];
  const painting = [event('Paint', 13_000, 3_000), event('Commit', 16_000, 1_000)];
  const late = event('TimerFire', 20_000, 9_000);
  expect(frameCosts([...painting, message, first, late, ...rendering])).toEqual([
    { scriptMs: 3, layoutMs: 0.5, taskMs: 0, wallMs: 16 },
  ]);
});

it('what lies in another event of its kind is counted once, and layout that script forced is layout', () => {
  const events = [
    first,
    event('RunTask', 2_000, 20_000),
    event('EventDispatch', 2_000, 10_000),
    event('FunctionCall', 3_000, 8_000),
    event('Layout', 4_000, 2_000),
    event('UpdateLayoutTree', 4_500, 500),
    event('MinorGC', 7_000, 1_000),
    event('PrePaint', 13_000, 1_000),
    event('Commit', 20_000, 1_000),
  ];
  expect(frameCosts(events)).toEqual([{ scriptMs: 8, layoutMs: 3, taskMs: 20, wallMs: 20 }]);
});

it('only the thread that draws counts, and a trace without frames has none', () => {
  const other = [event('Commit', 100, 10, 10, 2), event('FunctionCall', 3_000, 500, 500, 2)];
  const own = [event('FunctionCall', 3_000, 700), event('Commit', 5_000, 1_000)];
  expect(frameCosts([...other, first, ...own])).toEqual([{ scriptMs: 0.7, layoutMs: 0, taskMs: 0, wallMs: 5 }]);
  expect(frameCosts([event('FunctionCall', 0, 10)])).toEqual([]);
  expect(frameCosts([])).toEqual([]);
});
