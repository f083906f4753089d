import { chmod, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWorld, pluginId, type World } from '../corpus/world.ts';

/** Without it, the modes alone must keep this process out. */
const isRoot = process.getuid?.() === 0;
/** The user `nobody`. */
const nobody = 65_534;

let world: World;
beforeEach(async () => {
  world = await createWorld();
  // Whoever it is may look in from here on.
  for (let path = dirname(world.root); path.startsWith(world.folder); path = dirname(path)) await chmod(path, 0o755);
});
afterEach(() => world.dispose());

/** Does the work as somebody to whom the store does not belong. */
async function asSomebodyElse(mode: number, work: () => Promise<void>): Promise<void> {
  const folders = [world.root];
  for (const entry of await readdir(world.root, { withFileTypes: true }))
    if (entry.isDirectory()) folders.push(join(world.root, entry.name));
  for (const folder of folders) await chmod(folder, mode);
  if (isRoot) process.seteuid?.(nobody);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    for (const folder of folders) await chmod(folder, 0o755);
  }
}

it('a root that may only be read is served, and nothing in it is changed', async () => {
  const before = await world.snapshot();
  await asSomebodyElse(0o555, async () => {
    const manager = world.open();
    const refusal = { code: 'E_STORE_UNWRITABLE', retryable: false };
    await expect(manager.update(pluginId)).rejects.toMatchObject(refusal);
    await expect(manager.uninstall(pluginId)).rejects.toMatchObject(refusal);
    await expect(manager.setEnabled(pluginId, false)).rejects.toMatchObject(refusal);
    await expect(manager.setPinned(pluginId, true)).rejects.toMatchObject(refusal);
    await world.expectOldVersion(manager);
    expect(await manager.runtime()).toMatchObject({ plugins: [{ id: pluginId, status: 'ready' }] });
    await manager.dispose();
  });
  expect(await world.snapshot()).toEqual(before);
  const mine = world.open();
  expect((await mine.update(pluginId)).installed.active.version).toBe('1.1.0');
  await mine.dispose();
});

it('a root that may not even be read is an error, which tells nobody where it is', async () => {
  await asSomebodyElse(isRoot ? 0o700 : 0, async () => {
    const manager = world.open();
    const message = expect.not.stringContaining(world.root) as string;
    const refusal = { code: 'E_STORE_UNWRITABLE', message };
    await expect(manager.list()).rejects.toMatchObject(refusal);
    await expect(manager.update(pluginId)).rejects.toMatchObject(refusal);
    await manager.dispose();
  });
  const mine = world.open();
  await world.expectOldVersion(mine);
  await mine.dispose();
});
