import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWorld, type World } from './manager-world.ts';

const pluginId = 'hub:acme/app';
let world: World;
beforeEach(async () => {
  world = await createWorld();
  world.publish('app', { version: '1.0.0' });
});
afterEach(() => world.dispose());

it('a shutdown during a sync takes no pin away', async () => {
  const manager = world.open();
  await manager.install(pluginId);
  await manager.setPinned(pluginId, true);
  world.publish('app', { version: '2.0.0' }, { version: '1.0.0' });
  const file = join(world.root, 'plugins.yaml');
  await writeFile(file, `plugins:\n  - id: ${pluginId}\n    version: "2.0.0"\n    pinned: true\n`);
  const sync = manager.sync({
    file,
    onProgress: ({ type }) => {
      if (type === 'operation') void manager.dispose();
    },
  });
  await expect(sync).rejects.toMatchObject({ code: 'E_CANCELLED' });
  await manager.dispose();
  const again = world.open();
  expect((await again.get(pluginId)).installed).toMatchObject({ isPinned: true, active: { version: '1.0.0' } });
  // The same sync without a shutdown never takes the pin away either.
  const actions: string[] = [];
  const last = world.open({
    audit: ({ action }) => {
      actions.push(action);
    },
  });
  await last.sync({ file });
  expect((await last.get(pluginId)).installed).toMatchObject({ isPinned: true, active: { version: '2.0.0' } });
  expect(actions).toEqual(['install']);
});
