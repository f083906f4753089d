import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it, vi } from 'vitest';
import type { PluginRuntime } from '../protocol/runtime.ts';
import { PluginError } from '../protocol/error.ts';
import { createPageRuntime, lateFailureMs, pageWaitMs } from './page-runtime.ts';
import { createSharedRuntime, sharedRuntimeMs } from './shared-runtime.ts';

function world() {
  const clock = createManualClock();
  const store = { generation: 1, asked: 0, title: 'Clock' };
  const runtime = createSharedRuntime(
    {
      generation: () => Promise.resolve(store.generation),
      runtime(): Promise<PluginRuntime> {
        store.asked += 1;
        const { generation, title } = store;
        return Promise.resolve({
          generation,
          plugins: [{ status: 'disabled', id: 'a:b/c', title, version: '1.0.0' }],
        });
      },
    },
    clock,
  );
  return { clock, store, runtime };
}

it('judges the plugins once for all who ask at the same time, and soon after', async () => {
  const { store, runtime } = world();
  const answers = await Promise.all(Array.from({ length: 100 }, runtime));
  expect(new Set(answers).size).toBe(1);
  expect(await runtime()).toBe(answers[0]);
  expect(store.asked).toBe(1);
});

it('judges them again at once when the store has changed, and after a while in any case', async () => {
  const { clock, store, runtime } = world();
  const first = await runtime();
  store.generation = 2;
  expect(await runtime()).toMatchObject({ generation: 2 });
  expect(store.asked).toBe(2);
  const second = await runtime();
  clock.advance(sharedRuntimeMs);
  // The same object, since nothing is another.
  expect(await runtime()).toBe(second);
  expect([store.asked, second === first]).toEqual([3, false]);
  store.title = 'Changed on the disk';
  clock.advance(sharedRuntimeMs);
  expect(await runtime()).toMatchObject({ plugins: [{ title: 'Changed on the disk' }] });
});

/** A store that another process holds: who asks for its generation waits for `end`. */
function lockedWorld() {
  const clock = createManualClock();
  const ends: { readonly resolve: (generation: number) => void; readonly reject: (error: Error) => void }[] = [];
  const generation = vi.fn(() => new Promise<number>((resolve, reject) => void ends.push({ resolve, reject })));
  const manager = { generation, runtime: () => Promise.resolve({ generation: 1, plugins: [] }) };
  const runtime = createPageRuntime(createSharedRuntime(manager, clock), clock);
  return { clock, ends, generation, runtime };
}
const locked = new PluginError('E_LOCKED', 'another process holds the store', { phase: 'commit' });

it('waits no longer than it may for a store that is held, once for all who come later, and has it when it is free', async () => {
  const { clock, ends, generation, runtime } = lockedWorld();
  const first = runtime();
  clock.advance(pageWaitMs);
  await expect(first).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  await expect(runtime()).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  expect(generation).toHaveBeenCalledOnce();
  ends[0]?.resolve(1);
  await vi.waitFor(async () => {
    const asked = runtime();
    ends[1]?.resolve(1);
    expect(await asked).toMatchObject({ generation: 1 });
  });
});

it('tells a failure that came too late for a while, then tries the store once more, and knows then what is wrong', async () => {
  const { clock, ends, generation, runtime } = lockedWorld();
  const first = runtime();
  clock.advance(pageWaitMs);
  await expect(first).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  ends[0]?.reject(locked);
  await vi.waitFor(() => expect(runtime()).rejects.toBe(locked));
  clock.advance(lateFailureMs - 1);
  await expect(runtime()).rejects.toBe(locked);
  expect(generation).toHaveBeenCalledOnce();
  clock.advance(1);
  const again = runtime();
  expect(generation).toHaveBeenCalledTimes(2);
  clock.advance(pageWaitMs);
  await expect(again).rejects.toBe(locked);
  await expect(runtime()).rejects.toBe(locked);
  expect(generation).toHaveBeenCalledTimes(2);
  ends[1]?.resolve(1);
  await expect(again).rejects.toBe(locked);
});
