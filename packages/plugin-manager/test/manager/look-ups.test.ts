import { createManualClock } from '@fleetwire/websocket-core/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PluginSource } from '../../src/node/sources/plugin-source.ts';
import { createWorld, type World } from './manager-world.ts';

const pluginId = 'hub:acme/flux';
let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.dispose());

/** Begins an answer, and never ends it. */
function silentSource(): { readonly source: PluginSource; readonly asked: () => number } {
  let asked = 0;
  const silence = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      asked += 1;
      signal.addEventListener('abort', () => {
        reject(new DOMException('stopped', 'AbortError'));
      });
    });
  const source: PluginSource = {
    name: 'hub',
    search: ({ signal }) => silence(signal),
    describe: (_ref, signal) => silence(signal),
    release: (_ref, _version, signal) => silence(signal),
  };
  return { source, asked: () => asked };
}

it('no look-up takes longer than an operation may', async () => {
  world.publish('flux', { version: '1.0.0' });
  const first = world.open();
  await first.install(pluginId);
  const clock = createManualClock();
  const { source, asked } = silentSource();
  const manager = world.open({ clock, sources: [source] }, { limits: { operationTimeoutMs: 1_000 } });
  const lookUps = [manager.plan(pluginId), manager.describe(pluginId), manager.plan(pluginId, { version: '1.0.1' })];
  const [search, updates] = [manager.search(), manager.checkForUpdates()];
  const settled = Promise.allSettled(lookUps);
  await vi.waitFor(() => {
    expect(asked()).toBe(5);
  });
  clock.advance(1_000);
  const timeout = { code: 'E_TIMEOUT' };
  expect(await settled).toMatchObject(lookUps.map(() => ({ status: 'rejected', reason: timeout })));
  expect((await search).failures).toMatchObject([{ source: 'hub', error: timeout }]);
  expect(await updates).toMatchObject([{ pluginId, state: 'unknown', error: timeout }]);
});

it('nobody waits for a source that does not follow its signal, and all that the others found is shown', async () => {
  world.publish('flux', { version: '1.0.0' });
  let asked = 0;
  const never = (): Promise<never> => {
    asked += 1;
    return new Promise(() => undefined);
  };
  const deaf: PluginSource = { name: 'hub', search: never, describe: never, release: never };
  const item = {
    ref: { source: 'own', repo: 'acme', name: 'other' },
    title: 'Other',
    description: '',
    version: '1.0.0',
  };
  const other: PluginSource = { ...deaf, name: 'own', search: () => Promise.resolve({ items: [item], total: 1 }) };
  const clock = createManualClock();
  const wrapped: PluginSource = { ...deaf, snapshot: () => deaf };
  const own = { name: 'own', kind: 'index', url: 'https://own.test/index.json' } as const;
  const hub = { name: 'hub', kind: 'artifact-hub', url: world.server.url, isLocal: true } as const;
  const policy = { sources: [hub, own], limits: { operationTimeoutMs: 1_000 } };
  const manager = world.open({ clock, sources: [wrapped, other] }, policy);
  const lookUps = [manager.describe(pluginId), manager.plan(pluginId, { version: '1.0.0' }), manager.install(pluginId)];
  const [settled, search] = [Promise.allSettled(lookUps), manager.search()];
  await vi.waitFor(() => {
    expect(asked).toBe(4);
  });
  clock.advance(1_000);
  const timeout = { code: 'E_TIMEOUT', phase: 'resolve' };
  expect(await settled).toMatchObject(lookUps.map(() => ({ status: 'rejected', reason: timeout })));
  expect(await search).toMatchObject({ items: [item], total: 1, failures: [{ source: 'hub', error: timeout }] });
  const last = [manager.describe(pluginId), manager.install(pluginId)];
  const ended = Promise.allSettled(last);
  await vi.waitFor(() => {
    expect(asked).toBe(6);
  });
  await manager.dispose();
  expect(await ended).toMatchObject(last.map(() => ({ status: 'rejected', reason: { code: 'E_CANCELLED' } })));
});

it('operations that were cancelled while they waited keep no place in the line', async () => {
  world.publish('flux', { version: '1.0.0' });
  const { source, asked } = silentSource();
  const manager = world.open({ sources: [source] });
  const first = manager.install(pluginId);
  await vi.waitFor(() => {
    expect(asked()).toBe(1);
  });
  for (let index = 0; index < 110; index += 1) {
    const waiting = manager.install(pluginId);
    // It is in the line by then.
    await manager.installedVersions();
    waiting.cancel();
    await expect(waiting).rejects.toMatchObject({ code: 'E_CANCELLED' });
  }
  const removing = manager.uninstall(pluginId);
  await manager.installedVersions();
  first.cancel();
  await expect(removing).rejects.toMatchObject({ code: 'E_NOT_INSTALLED' });
});
