import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { PluginError, pluginPhases } from '../protocol/error.ts';
import {
  maxOperationWarnings,
  progressIntervalMs,
  queuedOperation,
  stalledAfterMs,
  transition,
  type OperationEvent,
  type OperationProgress,
} from './operation-progress.ts';

type Timed = readonly [atMs: number, event: OperationEvent];

/** Plays events, and wakes the machine when it asked for that. */
function play(events: readonly Timed[]): { atMs: number; progress: OperationProgress }[] {
  let { state, progress } = queuedOperation(0);
  const told = [{ atMs: 0, progress }];
  let wakeAtMs = Infinity;
  const step = (event: OperationEvent, atMs: number) => {
    const { state: next, effects } = transition(state, event, atMs);
    state = next;
    for (const effect of effects) {
      if (effect.type === 'wake') wakeAtMs = effect.atMs;
      else {
        progress = effect.progress;
        told.push({ atMs, progress });
      }
    }
  };
  const wakeUntil = (atMs: number) => {
    while (wakeAtMs <= atMs) {
      const dueAtMs = wakeAtMs;
      wakeAtMs = Infinity;
      step({ type: 'woken' }, dueAtMs);
    }
  };
  for (const [atMs, event] of events) {
    wakeUntil(atMs);
    step(event, atMs);
  }
  return told;
}

const error = new PluginError('E_INTEGRITY', 'no', { phase: 'integrity' });

const event: fc.Arbitrary<OperationEvent> = fc.oneof(
  fc.constantFrom(...pluginPhases).map((phase) => ({ type: 'phase' as const, phase })),
  fc.record({
    type: fc.constant('bytes' as const),
    done: fc.nat(1_000),
    total: fc.option(fc.nat(1_000), { nil: undefined }),
  }),
  fc.record({ type: fc.constant('warning' as const), message: fc.string() }),
  fc.constant({ type: 'done' as const }),
  fc.constant({ type: 'failed' as const, error }),
);

it('tells at most ten events in any second, never goes back, and ends once with the last', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(60), event), { maxLength: 200 }), (steps) => {
      let atMs = 0;
      const told = play([...steps.map(([pause, of]): Timed => [(atMs += pause), of]), [atMs + 1, { type: 'done' }]]);
      const ends = told.filter(({ progress }) => ['done', 'failed', 'cancelled'].includes(progress.type));
      expect(ends).toHaveLength(1);
      expect(told.at(-1)).toBe(ends[0]);
      told.forEach(({ progress }, index) => {
        expect(progress.percentage).toBeGreaterThanOrEqual(told[index - 1]?.progress.percentage ?? 0);
      });
      const bytes = told.flatMap(({ progress }) => (progress.type === 'bytes' ? [progress.done] : []));
      expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
      const phases = told.flatMap(({ progress }) =>
        progress.type === 'phase' ? [pluginPhases.indexOf(progress.phase)] : [],
      );
      expect(phases).toEqual([...new Set(phases)].toSorted((a, b) => a - b));
      for (const { atMs: from } of told) {
        expect(told.filter((one) => one.atMs >= from && one.atMs < from + 1_000).length).toBeLessThanOrEqual(10);
      }
    }),
  );
});

it('tells the newest of what came too soon, once it may', () => {
  const told = play([
    [0, { type: 'phase', phase: 'resolve' }],
    [10, { type: 'phase', phase: 'policy' }],
    [20, { type: 'phase', phase: 'download' }],
    [progressIntervalMs + 1, { type: 'bytes', done: 10, total: 40 }],
    [1_000, { type: 'done' }],
  ]);
  expect(told.map(({ atMs, progress: { type, percentage } }) => [atMs, type, percentage])).toEqual([
    [0, 'queued', 0],
    [progressIntervalMs, 'phase', 5],
    [2 * progressIntervalMs, 'bytes', 21.25],
    [1_000, 'done', 100],
  ]);
});

it('tells the rate in bytes per second, and a fraction where there is a total', () => {
  const told = play([
    [200, { type: 'bytes', done: 1 }],
    [1_200, { type: 'bytes', done: 500, total: 2_000 }],
  ]);
  expect(told.map(({ progress }) => progress)).toMatchObject([
    { type: 'queued' },
    { type: 'bytes', done: 1, fraction: 0, rate: 0 },
    { type: 'bytes', done: 500, total: 2_000, fraction: 0.25, rate: 500 },
  ]);
});

it('says a rate of 0 once nothing has come for a while, once, and the rate again with the next byte', () => {
  const total = 4_000;
  const bytesOf = (events: readonly Timed[]) =>
    play(events).flatMap(({ atMs, progress }) =>
      progress.type === 'bytes' ? [[atMs, progress.done, progress.rate]] : [],
    );
  const begun: readonly Timed[] = [
    [200, { type: 'bytes', done: 1, total }],
    [1_200, { type: 'bytes', done: 500, total }],
  ];
  expect(bytesOf([...begun, [9_200, { type: 'bytes', done: 900, total }], [20_000, { type: 'done' }]])).toEqual([
    [200, 1, 0],
    [1_200, 500, 500],
    [1_200 + stalledAfterMs, 500, 0],
    [9_200, 900, 100],
    [9_200 + stalledAfterMs, 900, 0],
  ]);
  // What comes again comes, and what has come whole is not awaited.
  const again = [3_000, { type: 'bytes', done: 100, total }] as const;
  const next = [5_000, { type: 'phase', phase: 'integrity' }] as const;
  expect(bytesOf([...begun, again, next, [20_000, { type: 'done' }]])).toHaveLength(2);
});

it('a warning keeps back no phase, and bytes without end keep back no warning', () => {
  const told = play([
    [10, { type: 'phase', phase: 'compat' }],
    [20, { type: 'warning', message: 'a' }],
    ...Array.from({ length: 100 }, (_, index): Timed => [30 + 10 * index, { type: 'bytes', done: index + 1 }]),
    [2_000, { type: 'done' }],
  ]);
  expect(told.slice(0, 4).map(({ progress: { type } }) => type)).toEqual(['queued', 'warning', 'bytes', 'bytes']);
  const phases = play([
    [10, { type: 'phase', phase: 'compat' }],
    [20, { type: 'warning', message: 'a' }],
    [30, { type: 'warning', message: 'b' }],
    [40, { type: 'phase', phase: 'commit' }],
    [2_000, { type: 'done' }],
  ]);
  expect(phases.map(({ progress: { type } }) => type)).toEqual(['queued', 'phase', 'warning', 'warning', 'done']);
});

it('holds what a second attempt loads again until it is further than the first', () => {
  const told = play([
    [200, { type: 'bytes', done: 60, total: 100 }],
    [400, { type: 'bytes', done: 10, total: 100 }],
    [600, { type: 'bytes', done: 61, total: 100 }],
  ]);
  expect(told.flatMap(({ progress }) => (progress.type === 'bytes' ? [progress.done] : []))).toEqual([60, 61]);
});

it('gives every warning with the last event, those included that came too soon before it, up to a bound', () => {
  const warnings = Array.from({ length: maxOperationWarnings + 5 }, (_, index) => `warning ${String(index)}`);
  const told = play([
    ...warnings.map((message): Timed => [500, { type: 'warning', message }]),
    [501, { type: 'failed', error }],
  ]);
  expect(told.map(({ progress: { type } }) => type)).toEqual(['queued', 'warning', 'failed']);
  expect(told.at(-1)?.progress).toEqual({
    type: 'failed',
    error,
    percentage: 0,
    warnings: warnings.slice(0, maxOperationWarnings),
  });
});
