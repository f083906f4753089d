import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it, vi } from 'vitest';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import { createClusterGates } from './cluster-gates.ts';

const badGateway = createKubeWatchError({ status: 502, message: 'one cannot be reached', cluster: 'one' });

function start() {
  const clock = createManualClock();
  const onReached = vi.fn();
  const gates = createClusterGates(clock, onReached);
  let answer: () => Promise<string> = () => Promise.reject(badGateway);
  const asked = vi.fn(() => answer());
  return {
    clock,
    gates,
    asked,
    onReached,
    set: (next: () => Promise<string>) => {
      answer = next;
    },
    /** As many as ask at once; what each gets. */
    ask: (count = 1, cluster = 'one') =>
      Promise.all(Array.from({ length: count }, () => gates.run(cluster, asked).catch((error: unknown) => error))),
  };
}

it('[W11] a dead cluster is asked by one at a time, more and more rarely, however many want to know', async () => {
  const { ask, asked, clock } = start();
  await ask(20);
  expect(asked).toHaveBeenCalledTimes(20);
  asked.mockClear();
  expect(await ask(20)).toEqual(Array.from({ length: 20 }, () => badGateway));
  expect(asked).not.toHaveBeenCalled();
  for (let second = 0; second < 300; second += 1) {
    await clock.advanceAsync(1_000);
    await ask(20);
  }
  expect(asked.mock.calls.length).toBeGreaterThan(15);
  expect(asked.mock.calls.length).toBeLessThan(30);
});

it('[W17] one that answers again lets everybody through, and says so; another cluster was never kept', async () => {
  const { ask, asked, clock, onReached, set } = start();
  await ask(5);
  asked.mockClear();
  await ask(1, 'two');
  expect(asked).toHaveBeenCalledTimes(1);
  await clock.advanceAsync(400);
  set(() => Promise.resolve('answer'));
  expect(await ask(2)).toEqual(['answer', badGateway]);
  expect(onReached.mock.calls).toEqual([['one']]);
  expect(await ask(3)).toEqual(['answer', 'answer', 'answer']);
});

it('what a cluster refuses is an answer, and what the caller aborts is none', async () => {
  const { ask, asked, set } = start();
  await ask(4);
  set(() => Promise.reject(createKubeWatchError({ status: 403, message: 'forbidden', cluster: 'one' })));
  await ask();
  set(() => Promise.reject(badGateway));
  await ask(4);
  set(() => Promise.reject(createKubeWatchError({ code: 'ABORTED', retryable: false, message: '', cluster: 'one' })));
  asked.mockClear();
  await ask(5);
  expect(asked).toHaveBeenCalledTimes(5);
});

it('a reset lets the next ones through', async () => {
  const { ask, asked, gates } = start();
  await ask(5);
  gates.reset('two');
  asked.mockClear();
  await ask();
  expect(asked).not.toHaveBeenCalled();
  gates.reset();
  await ask();
  expect(asked).toHaveBeenCalledTimes(1);
});
