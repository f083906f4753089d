import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { PluginError } from '../../protocol/error.ts';
import { nodeFileSystem } from './file-system.ts';
import { listStore, reasonOf } from './list-store.ts';
import { storeError } from './store-error.ts';
import { storeLayout } from './store-layout.ts';

it('what is wrong with a plugin is said, and what is wrong with the disk is not said to be of the plugin', () => {
  const system = Object.assign(new Error("EIO: i/o error, open '/srv/plugins/x'"), { code: 'EIO' });
  for (const error of [system, storeError(system), 'EIO'])
    expect(reasonOf(error)).toBe('its files cannot be read at the moment');
  expect(storeError(system).message).toBe('the plugin store cannot be used: EIO');
  expect(reasonOf(new PluginError('E_FILES_CHANGED', 'main.js was changed', { phase: 'integrity' }))).toBe(
    'main.js was changed',
  );
});

it('a folder that another process empties while it is looked at is nobody else’s; one that stays is listed', async () => {
  const root = await mkdtemp(join(tmpdir(), 'plugin-list-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const layout = storeLayout(root);
  const going = join(layout.store, 'hub~acme~going');
  const staying = join(layout.store, 'hub~acme~staying');
  await mkdir(join(going, '1.0.0-aaaaaaaaaaaa'), { recursive: true });
  await mkdir(join(staying, '1.0.0-aaaaaaaaaaaa'), { recursive: true });
  const fileSystem: typeof nodeFileSystem = {
    ...nodeFileSystem,
    async entries(path) {
      const found = await nodeFileSystem.entries(path);
      // The uninstall of another process, which has changed the state before.
      if (path === going) await rm(going, { recursive: true, force: true });
      return found;
    },
  };
  const files = { receipt: () => Promise.reject(new Error('none is installed')) };
  const state = { schemaVersion: 1, generation: 2, plugins: {} } as const;
  const { unmanaged } = await listStore(fileSystem, layout, files, () => Promise.resolve(state));
  expect(unmanaged.map(({ folderName }) => folderName)).toEqual(['hub~acme~staying']);
});
