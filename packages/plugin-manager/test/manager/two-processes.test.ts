import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import type { ProcessCommand } from './manager-process.ts';
import { archiveOf, createWorld, type World } from './manager-world.ts';

// What another process does while this one is between its download and its commit: the checks that were made before the
// download count for nothing then.

const script = fileURLToPath(new URL('manager-process.ts', import.meta.url));
const pluginId = 'hub:acme/flux';
let other: ChildProcess;
let world: World;
let manager: PluginManager;
/** Downloads of `manager` end when it is called. */
let release: () => void;
/** When the first of them has its bytes. */
let downloaded: Promise<void>;

beforeAll(() => {
  other = fork(script, { execArgv: [] });
});
afterAll(() => {
  other.kill();
});
beforeEach(async () => {
  world = await createWorld();
  const fetcher = createFetcher({ retries: 0 });
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  let tell: () => void;
  downloaded = new Promise((resolve) => {
    tell = resolve;
  });
  manager = world.open({
    transport: {
      async download(request) {
        const archive = await fetcher.download(request);
        tell();
        await gate;
        return archive;
      },
    },
  });
});
afterEach(async () => {
  release();
  await world.dispose();
});

async function elsewhere(action: ProcessCommand['action']): Promise<void> {
  const command: ProcessCommand = { root: world.root, url: world.server.url, action, pluginId };
  const answered = once(other, 'message');
  other.send(command);
  const [failure] = (await answered) as [string | null];
  expect(failure).toBeNull();
}

/** An operation of this process that has downloaded and waits. */
async function waiting<T>(start: () => PromiseLike<T>): Promise<PromiseLike<T>[]> {
  const operation = start();
  await downloaded;
  return [operation];
}

/** The repository's name is somebody else's from now on. */
function takeOver(version: string): void {
  const archive = archiveOf('flux', version);
  world.server.put({ repo: 'acme', name: 'flux', repositoryId: 'taken-over', versions: [{ version, archive }] });
}

const active = async () => (await manager.get(pluginId)).installed;

it('of two first installs of different publishers the one that commits first has the name', async () => {
  world.publish('flux', { version: '1.0.0' });
  const [installing] = await waiting(() => manager.install(pluginId));
  takeOver('1.1.0');
  await elsewhere('install');
  release();
  await expect(installing).rejects.toMatchObject({ code: 'E_PUBLISHER_CHANGED' });
  expect(await active()).toMatchObject({
    active: { version: '1.1.0' },
    previous: [],
    publisher: { repositoryId: 'taken-over' },
  });
});

it('an update does not bring back what was removed meanwhile, and an install does', async () => {
  world.publish('flux', { version: '1.0.0' });
  await elsewhere('install');
  world.publish('flux', { version: '1.1.0' });
  const [updating] = await waiting(() => manager.update(pluginId));
  await elsewhere('uninstall');
  release();
  await expect(updating).rejects.toMatchObject({ code: 'E_NOT_INSTALLED' });
  expect(await manager.list()).toEqual([]);
  await manager.install(pluginId);
  expect(await active()).toMatchObject({ active: { version: '1.1.0' }, previous: [] });
});

it('an update that somebody else has made meanwhile is not made twice, and nothing goes back', async () => {
  world.publish('flux', { version: '1.0.0' });
  await elsewhere('install');
  world.publish('flux', { version: '1.1.0' });
  const [updating] = await waiting(() => manager.update(pluginId));
  world.publish('flux', { version: '1.2.0' }, { version: '1.1.0' });
  await elsewhere('update');
  release();
  await expect(updating).rejects.toMatchObject({ code: 'E_UP_TO_DATE' });
  expect(await active()).toMatchObject({ active: { version: '1.2.0' }, previous: [{ version: '1.0.0' }] });
});

it('a plugin that was pinned meanwhile stays, and one that was disabled stays disabled', async () => {
  world.publish('flux', { version: '1.0.0' });
  await elsewhere('install');
  world.publish('flux', { version: '1.1.0' });
  const [updating] = await waiting(() => manager.update(pluginId));
  await elsewhere('pin');
  await elsewhere('disable');
  release();
  await expect(updating).rejects.toMatchObject({ code: 'E_PINNED' });
  await manager.setPinned(pluginId, false);
  await manager.update(pluginId);
  expect(await active()).toMatchObject({ active: { version: '1.1.0' }, isEnabled: false });
});
