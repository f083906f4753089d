import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it, vi } from 'vitest';
import type { PluginManager } from '../node/plugin-manager-interface.ts';
import { createPluginService } from './plugin-service.ts';

it('judges the plugins once for all who ask what is loaded, and again for those who ask after a change', async () => {
  const store = { generation: 1 };
  const runtime = vi.fn(() => Promise.resolve({ generation: store.generation, plugins: [] }));
  const manager = {
    generation: () => Promise.resolve(store.generation),
    runtime,
    events: { subscribe: () => () => undefined },
  } as unknown as PluginManager;
  const none = () => undefined;
  const logger = { debug: none, info: none, warn: none, error: none };
  const service = createPluginService({ manager, logger, clock: createManualClock() });
  await Promise.all(Array.from({ length: 100 }, () => service.runtime()));
  await service.pageRuntime();
  expect(runtime).toHaveBeenCalledOnce();
  store.generation = 2;
  expect(await service.runtime()).toMatchObject({ generation: 2 });
  expect(runtime).toHaveBeenCalledTimes(2);
  service.dispose();
});
