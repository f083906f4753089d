import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it, vi } from 'vitest';
import { startOperation } from '../node/operation.ts';
import type { PluginManager, PluginManagerEvent } from '../node/plugin-manager-interface.ts';
import { PluginError } from '../protocol/error.ts';
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

it('says of an operation what its plugin is called, as an answer or what is installed has it', async () => {
  const clock = createManualClock();
  const listeners = new Set<(event: PluginManagerEvent) => void>();
  const ref = { source: 'a', repo: 'b', name: 'new' };
  const manager = {
    search: () =>
      Promise.resolve({ items: [{ ref, title: 'New', description: '', version: '1.0.0' }], total: 1, failures: [] }),
    installedVersions: () => Promise.resolve(new Map()),
    get: (pluginId: string) =>
      pluginId === 'a:b/old'
        ? Promise.resolve({ pluginId, installed: { active: {}, previous: [] }, receipt: { title: 'Old' } })
        : Promise.reject(new Error('not installed')),
    events: {
      subscribe: (listener: (event: PluginManagerEvent) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  } as unknown as PluginManager;
  const none = () => undefined;
  const service = createPluginService({ manager, logger: { debug: none, info: none, warn: none, error: none }, clock });
  await service.search({ query: '' });
  const work = () => new Promise<never>(none);
  for (const name of ['new', 'old', 'unknown']) {
    const operation = startOperation({
      id: name,
      action: 'repair',
      pluginId: `a:b/${name}`,
      timeoutMs: 1_000,
      clock,
      work,
    });
    for (const listener of listeners) listener({ type: 'operation', operation });
  }
  expect(service.operations.get('new')?.title).toBe('New');
  await vi.waitFor(() => expect(service.operations.get('old')?.title).toBe('Old'));
  expect(service.operations.get('unknown')).not.toHaveProperty('title');
  service.dispose();
});

it.each([
  ['the newest', ['2.0.0', '1.0.0'], ['2.0.0'], '2.0.0'],
  [
    'one behind prereleases',
    ['3.0.0-5', '3.0.0-4', '3.0.0-3', '3.0.0-2', '3.0.0-1', '2.0.0', '1.0.0'],
    ['2.0.0'],
    '2.0.0',
  ],
  ['one behind a prerelease that has none either', ['3.0.0-1', '2.0.0', '1.0.0'], ['3.0.0-1', '2.0.0'], '2.0.0'],
  ['a prerelease', ['3.0.0-1', '2.5.0', '2.4.0', '2.3.0', '2.2.0', '2.1.0', '2.0.0'], ['3.0.0-1'], '3.0.0-1'],
  ['one that is not looked at', ['6.0.0', '5.0.0', '4.0.0', '3.0.0', '2.0.0', '1.0.0'], ['1.0.0'], '6.0.0'],
])('shows a plugin of which %s has no checksum, and says so of a version', async (_, all, without, blamed) => {
  const ref = { source: 'a', repo: 'b', name: 'c' };
  const missing = new PluginError('E_CHECKSUM_MISSING', 'expected a checksum, got none', { phase: 'integrity' });
  const versions = all.map((version) => ({ version, isPrerelease: version.includes('-') }));
  const entry = { ref, title: 'C', description: '', version: all[0], repositoryId: 'r', versions };
  const manager = {
    describe: () => Promise.resolve(entry),
    plan: (_id: string, { version }: { readonly version?: string }) =>
      version === undefined || without.includes(version) ? Promise.reject(missing) : Promise.resolve({}),
    installedVersions: () => Promise.resolve(new Map()),
    events: { subscribe: () => () => undefined },
  } as unknown as PluginManager;
  const none = () => undefined;
  const logger = { debug: none, info: none, warn: none, error: none };
  const service = createPluginService({ manager, logger, clock: createManualClock() });
  const details = await service.catalogDetails('a:b/c');
  expect(details.versions).toHaveLength(all.length);
  expect(details.newestCompatible).toBeUndefined();
  expect(details.passedOver).toEqual([{ version: blamed, reason: 'expected a checksum, got none' }]);
  service.dispose();
});
