import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parseInWorker, type ReadmeWorker } from './parse-in-worker.ts';
import type { ReadmeAnswer } from './readme-node.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function createWorker() {
  const target = new EventTarget();
  const postMessage = vi.fn();
  const terminate = vi.fn();
  const addEventListener = target.addEventListener.bind(target) as ReadmeWorker['addEventListener'];
  const worker: ReadmeWorker = { addEventListener, postMessage, terminate };
  const say = (data: ReadmeAnswer) => target.dispatchEvent(new MessageEvent('message', { data }));
  return { worker, postMessage, terminate, say, fail: () => target.dispatchEvent(new Event('error')) };
}

it('a worker that has come gets the text, and goes with its answer', () => {
  const { worker, postMessage, terminate, say } = createWorker();
  const onDone = vi.fn();
  parseInWorker('text', onDone, () => worker);
  expect(postMessage).not.toHaveBeenCalled();
  say({ type: 'ready' });
  expect(postMessage).toHaveBeenCalledExactlyOnceWith('text');
  say({ type: 'parsed', nodes: ['text'] });
  expect(onDone).toHaveBeenCalledExactlyOnceWith(['text']);
  expect(terminate).toHaveBeenCalledTimes(1);
});

it('a worker that does not come to an end is ended', () => {
  const { worker, terminate, say } = createWorker();
  const onDone = vi.fn();
  parseInWorker('text', onDone, () => worker);
  vi.advanceTimersByTime(10_000);
  say({ type: 'ready' });
  vi.advanceTimersByTime(3_999);
  expect(onDone).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onDone).toHaveBeenCalledExactlyOnceWith(undefined);
  expect(terminate).toHaveBeenCalledTimes(1);
  say({ type: 'parsed', nodes: ['late'] });
  expect(onDone).toHaveBeenCalledTimes(1);
});

it.each(['never comes', 'fails', 'cannot be begun'])('a worker that %s leaves the text as it is', (what) => {
  const { worker, fail } = createWorker();
  const onDone = vi.fn();
  parseInWorker('text', onDone, () => {
    if (what === 'cannot be begun') throw new Error('no');
    return worker;
  });
  if (what === 'fails') fail();
  else expect(onDone).not.toHaveBeenCalled();
  vi.advanceTimersByTime(15_000);
  expect(onDone).toHaveBeenCalledExactlyOnceWith(undefined);
});

it('after the undo nothing is told, and the worker is gone', () => {
  const { worker, terminate, say } = createWorker();
  const onDone = vi.fn();
  parseInWorker('text', onDone, () => worker)();
  say({ type: 'ready' });
  vi.advanceTimersByTime(60_000);
  expect(onDone).not.toHaveBeenCalled();
  expect(terminate).toHaveBeenCalledTimes(1);
});
