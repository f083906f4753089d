import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installFixture } from '../../../test/store/store-fixture.ts';
import { openPluginStore } from '../store/open-plugin-store.ts';
import { runCli } from './run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-commands-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function repair(isTTY: boolean): Promise<string> {
  const written: string[] = [];
  const code = await runCli(['repair', '--root', 'root'], {
    stdout: { isTTY, write: (text) => written.push(text) },
    stderr: { write: () => undefined },
    environment: { XDG_DATA_HOME: join(folder, 'data') },
    workingFolder: folder,
    version: '0.0.0',
    signal: new AbortController().signal,
  });
  expect(code).toBe(0);
  return written.join('');
}

/** A store of two plugins with an earlier version each, of which the active one is gone, and one that is pinned. */
async function leaveDamaged(): Promise<void> {
  const root = join(folder, 'root');
  const ignore = () => undefined;
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const store = await openPluginStore({ root, now: () => 0, logger });
  for (const name of ['clock', 'pinned']) {
    const pluginId = `hub:repo/${name}`;
    await installFixture(store, { pluginId, version: '1.0.0' });
    const { active } = await installFixture(store, { pluginId, version: '2.0.0' });
    await rm(join(root, 'store', `hub~repo~${name}`, active.build), { recursive: true });
  }
  await store.setPinned('hub:repo/pinned', true);
  await store.dispose();
}

it('a repair of the store says what went back to an earlier version, and what has to be installed again', async () => {
  await leaveDamaged();
  expect(await repair(true)).toBe(
    [
      'the state was in order: 2 plugins',
      'hub:repo/clock 2.0.0 is gone: 1.0.0 took its place',
      'the active version of hub:repo/pinned is gone: install it again\n',
    ].join('\n'),
  );
});

it('a repair of the store tells programs what went back to an earlier version', async () => {
  await leaveDamaged();
  expect(JSON.parse(await repair(false))).toEqual({
    type: 'done',
    result: {
      ...{ isRebuilt: false, plugins: ['hub:repo/clock', 'hub:repo/pinned'], broken: ['hub:repo/pinned'] },
      rolledBack: [{ pluginId: 'hub:repo/clock', from: '2.0.0', to: '1.0.0' }],
    },
  });
});
