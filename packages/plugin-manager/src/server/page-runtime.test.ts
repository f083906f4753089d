import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it } from 'vitest';
import type { PluginRuntime } from '../protocol/runtime.ts';
import { createPageRuntime, pageRuntimeMs } from './page-runtime.ts';

function world() {
  const clock = createManualClock();
  const store = { generation: 1, asked: 0, title: 'Clock' };
  const runtime = createPageRuntime(
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

it('judges the plugins once for all pages that are asked for at the same time, and soon after', async () => {
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
  clock.advance(pageRuntimeMs);
  // The same object, since nothing is another.
  expect(await runtime()).toBe(second);
  expect([store.asked, second === first]).toEqual([3, false]);
  store.title = 'Changed on the disk';
  clock.advance(pageRuntimeMs);
  expect(await runtime()).toMatchObject({ plugins: [{ title: 'Changed on the disk' }] });
});
