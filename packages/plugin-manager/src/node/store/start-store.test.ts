import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installFixture } from '../../../test/store/store-fixture.ts';
import { openPluginStore } from './open-plugin-store.ts';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'start-store-'));
});
afterEach(() => rm(root, { recursive: true }));

it('a state that is made anew has a generation that nobody can take for an old one', async () => {
  const store = await openPluginStore({ root, now: () => 1_700_000_000_000, logger });
  for (const version of ['1.0.0', '1.1.0', '1.2.0'])
    await installFixture(store, { pluginId: 'hub:repo/clock', version });
  const { generation } = await store.state();
  await writeFile(join(root, 'state.json'), '{');
  expect(await store.repair()).toMatchObject({ isRebuilt: true });
  expect((await store.state()).generation).toBeGreaterThan(generation);
  await store.dispose();
});
