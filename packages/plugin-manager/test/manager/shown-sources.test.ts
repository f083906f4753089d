import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { createSources } from '../../src/node/sources/create-sources.ts';
import { catalogPolicy, createWorld, type World } from './manager-world.ts';

const pluginId = 'hub:acme/flux';
let world: World;
let manager: PluginManager;
/** An answer for each URL: the first one, for ever. */
const old = new Map<string, Promise<Awaited<ReturnType<ReturnType<typeof createFetcher>['metadata']>>>>();
beforeEach(async () => {
  world = await createWorld();
  old.clear();
  const fetcher = createFetcher({ retries: 0 });
  const shownSources = createSources(catalogPolicy(world.server.url), {
    metadata(request) {
      const answer = old.get(request.url) ?? fetcher.metadata(request);
      old.set(request.url, answer);
      return answer;
    },
  });
  manager = world.open({ shownSources });
  world.publish('flux', { version: '1.0.0' });
});
afterEach(() => world.dispose());

it('what is shown may be old; an install and an update of all go by what the source says now', async () => {
  await manager.install(pluginId);
  const seen = async () => ({
    found: (await manager.search()).items[0]?.version,
    described: (await manager.describe(pluginId)).versions[0]?.version,
    planned: (await manager.plan(pluginId)).release.version,
    updates: (await manager.checkForUpdates()).map(({ state }) => state),
  });
  const before = await seen();
  expect(before).toEqual({ found: '1.0.0', described: '1.0.0', planned: '1.0.0', updates: ['up-to-date'] });
  world.publish('flux', { version: '1.1.0' }, { version: '1.0.0' });
  expect(await seen()).toEqual(before);
  expect(await manager.checkForUpdates(undefined, { isLive: true })).toMatchObject([{ version: '1.1.0' }]);
  expect(await manager.updateAll()).toMatchObject([{ outcome: 'updated', version: '1.1.0' }]);
  world.publish('flux', { version: '1.2.0' }, { version: '1.1.0' });
  expect((await manager.install(pluginId)).receipt.version).toBe('1.2.0');
});
