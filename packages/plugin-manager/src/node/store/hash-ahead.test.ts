import { mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { installFixture } from '../../../test/store/store-fixture.ts';
import { nodeFileSystem } from './file-system.ts';
import { hashAhead, verifyHashed } from './hash-ahead.ts';
import { openPluginStore } from './open-plugin-store.ts';
import { filesFolder, folderOf, storeLayout } from './store-layout.ts';

const pluginId = 'hub:repo/clock';
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hash-ahead-'));
});
afterEach(() => rm(root, { recursive: true }));

it('what was hashed ahead counts for as long as no file was touched, and not a moment longer', async () => {
  const store = await openPluginStore({ root, now: () => 0, logger });
  const { build } = (await installFixture(store, { pluginId, version: '1.0.0' })).active;
  await store.dispose();
  const layout = storeLayout(root);
  const main = join(filesFolder(folderOf(layout, pluginId, build)), 'dist/main.js');
  const ahead = await hashAhead(nodeFileSystem, layout, pluginId, build);
  const verify = () => verifyHashed(nodeFileSystem, layout, pluginId, build, ahead);
  expect(await verify()).toBe(ahead?.report);
  await utimes(main, 1, 1);
  expect(await verify()).toEqual(ahead?.report);
  await writeFile(main, 'export const version = "6.6.6";\n');
  expect(await verify()).toMatchObject({ isIntact: false, changed: ['dist/main.js'] });
  await rm(main);
  expect(await verify()).toMatchObject({ isIntact: false, missing: ['dist/main.js'] });
  expect(await hashAhead(nodeFileSystem, layout, pluginId, '../x')).toMatchObject({ report: { isIntact: false } });
});

it('what was hashed ahead does not count for a build that is behind a link by now', async () => {
  const store = await openPluginStore({ root, now: () => 0, logger });
  const { build } = (await installFixture(store, { pluginId, version: '1.0.0' })).active;
  await store.dispose();
  const layout = storeLayout(root);
  const folder = folderOf(layout, pluginId, build);
  const ahead = await hashAhead(nodeFileSystem, layout, pluginId, build);
  await rename(folder, join(root, 'elsewhere'));
  await symlink(join(root, 'elsewhere'), folder);
  expect(await verifyHashed(nodeFileSystem, layout, pluginId, build, ahead)).toMatchObject({ isIntact: false });
});
