import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installFixture } from '../../../test/store/store-fixture.ts';
import { nodeFileSystem } from './file-system.ts';
import { storeLayout } from './store-layout.ts';
import { openPluginStore } from './open-plugin-store.ts';
import { verifyBuild } from './verify-build.ts';

const pluginId = 'hub:repo/clock';
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'verify-build-'));
});
afterEach(() => rm(root, { recursive: true }));

it('stops between two files once its signal is aborted', async () => {
  const store = await openPluginStore({ root, now: () => 0, logger });
  const { active } = await installFixture(store, { pluginId, version: '1.0.0' });
  await store.dispose();
  const controller = new AbortController();
  const reason = new RangeError('enough');
  const fileSystem = {
    ...nodeFileSystem,
    entries: (path: string) => {
      controller.abort(reason);
      return nodeFileSystem.entries(path);
    },
  };
  const verifying = verifyBuild(fileSystem, storeLayout(root), pluginId, active.build, controller.signal);
  await expect(verifying).rejects.toBe(reason);
});
