import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { createWorld, type World } from './manager-world.ts';

const pluginId = 'hub:acme/flux';
let world: World;
let manager: PluginManager;
beforeEach(async () => {
  world = await createWorld();
  manager = world.open();
  world.publish('flux', { version: '1.0.0' });
  await manager.install(pluginId);
});
afterEach(() => world.dispose());

it('turns a plugin off while its update downloads, and the update leaves it off', async () => {
  world.publish('flux', { version: '1.1.0' }, { version: '1.0.0' });
  const undo = world.server.fail('/archives/acme/flux', { kind: 'silent' });
  const update = manager.update(pluginId);
  const phases: string[] = [];
  void (async () => {
    for await (const event of update) if (event.type === 'phase') phases.push(event.phase);
  })();
  await vi.waitFor(() => {
    expect(phases).toContain('download');
  });
  expect(await manager.setPinned(pluginId, true)).toMatchObject({ isPinned: true });
  expect(await manager.setEnabled(pluginId, false)).toMatchObject({ isEnabled: false, active: { version: '1.0.0' } });
  expect((await manager.runtime()).plugins).toMatchObject([{ status: 'disabled' }]);
  update.cancel();
  await expect(update).rejects.toMatchObject({ code: 'E_CANCELLED' });
  undo();
  await manager.setPinned(pluginId, false);
  expect((await manager.update(pluginId)).installed).toMatchObject({
    active: { version: '1.1.0' },
    isEnabled: false,
  });
});
