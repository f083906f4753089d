import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it, vi } from 'vitest';
import { createFlushScheduler, type FrameHost } from './flush-scheduler.ts';

function createHost() {
  const frames = new Map<number, () => void>();
  const listeners = new Set<() => void>();
  let next = 0;
  const document = {
    hidden: false,
    addEventListener: (_type: string, listener: () => void) => void listeners.add(listener),
    removeEventListener: (_type: string, listener: () => void) => void listeners.delete(listener),
  };
  const host: FrameHost = {
    document,
    requestAnimationFrame: (callback) => {
      next += 1;
      frames.set(next, callback);
      return next;
    },
    cancelAnimationFrame: (handle) => void frames.delete(handle),
  };
  return {
    host,
    frames,
    listeners,
    frame: () => {
      const due = [...frames.values()];
      frames.clear();
      for (const callback of due) callback();
    },
    hide: (hidden: boolean) => {
      document.hidden = hidden;
      for (const listener of listeners) listener();
    },
  };
}

const fail = (cause: unknown): void => {
  throw cause;
};

it('[W18] a callback that throws is reported, and the others of the flush are called', () => {
  const { host, frame } = createHost();
  const onThrown = vi.fn();
  const scheduler = createFlushScheduler('frame', createManualClock(), onThrown, undefined, host);
  const cause = new Error('a listener');
  const other = vi.fn();
  scheduler.schedule(() => {
    throw cause;
  });
  scheduler.schedule(other);
  frame();
  expect([onThrown.mock.calls, other.mock.calls.length]).toEqual([[[cause]], 1]);
  const ungrouped = createFlushScheduler('sync', createManualClock(), onThrown, () => {
    throw cause;
  });
  ungrouped.schedule(other);
  expect(onThrown).toHaveBeenCalledTimes(2);
});

it('[U1] calls what is due once for each frame, in one group', () => {
  const { host, frame, frames } = createHost();
  const groups: number[] = [];
  const group = (run: () => void): void => {
    groups.push(0);
    run();
    groups.push(1);
  };
  const scheduler = createFlushScheduler('frame', createManualClock(), fail, group, host);
  const [first, second] = [vi.fn(), vi.fn()];
  for (const callback of [first, second, first]) scheduler.schedule(callback);
  expect([frames.size, first.mock.calls.length]).toEqual([1, 0]);
  frame();
  expect([first.mock.calls.length, second.mock.calls.length, groups]).toEqual([1, 1, [0, 1]]);
  frame();
  expect(first).toHaveBeenCalledTimes(1);
});

it('[U1] flushes by a timer while the page is hidden, also what was due before', async () => {
  const { host, frames, hide } = createHost();
  const clock = createManualClock();
  const scheduler = createFlushScheduler('frame', clock, fail, undefined, host);
  const callback = vi.fn();
  scheduler.schedule(callback);
  hide(true);
  expect(frames.size).toBe(0);
  await clock.advanceAsync(250);
  expect(callback).toHaveBeenCalledTimes(1);
  scheduler.schedule(callback);
  expect(frames.size).toBe(0);
  hide(false);
  expect([frames.size, clock.pending]).toEqual([1, 0]);
});

it('flushes at once when it is synchronous, and nothing any more once it is disposed', () => {
  const { host, frames, listeners } = createHost();
  const callback = vi.fn();
  createFlushScheduler('sync', createManualClock(), fail, undefined, host).schedule(callback);
  expect(callback).toHaveBeenCalledTimes(1);
  const scheduler = createFlushScheduler('frame', createManualClock(), fail, undefined, host);
  scheduler.schedule(callback);
  scheduler.dispose();
  expect([frames.size, listeners.size]).toEqual([0, 0]);
});

it('flushes by a short timer where there are no frames', async () => {
  const clock = createManualClock();
  const callback = vi.fn();
  createFlushScheduler('frame', clock, fail, undefined, {}).schedule(callback);
  await clock.advanceAsync(16);
  expect(callback).toHaveBeenCalledTimes(1);
});
