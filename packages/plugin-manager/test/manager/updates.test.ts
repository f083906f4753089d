import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PluginManager, PluginManagerEvent } from '../../src/node/plugin-manager-interface.ts';
import { createWorld, type World } from './manager-world.ts';

let world: World;
let manager: PluginManager;
beforeEach(async () => {
  world = await createWorld();
  manager = world.open();
});
afterEach(() => world.dispose());

const id = (name: string) => `hub:acme/${name}`;

async function installAll(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    world.publish(name, { version: '1.0.0' });
    await manager.install(id(name));
  }
}

it('updates everything that is not pinned, each by an operation of its own; one that fails stops no other', async () => {
  await installAll('bad', 'current', 'gone', 'good', 'pinned', 'second', 'third');
  const changes = [{ kind: 'added', description: 'Colours' }];
  for (const name of ['good', 'second', 'third', 'pinned'])
    world.publish(name, { version: '1.1.0', changes }, { version: '1.0.0' });
  world.publish('bad', { version: '1.1.0', manifest: { version: '9.9.9' } }, { version: '1.0.0' });
  await manager.setPinned(id('pinned'), true);
  world.server.fail('/api/v1/packages/headlamp/acme/gone', { kind: 'status', status: 404 });
  const item = (name: string) => ({ pluginId: id(name), installedVersion: '1.0.0' });

  expect(await manager.checkForUpdates()).toMatchObject([
    { ...item('bad'), state: 'available', version: '1.1.0' },
    { ...item('current'), state: 'up-to-date' },
    { ...item('gone'), state: 'unknown', error: { code: 'E_NOT_FOUND' } },
    { ...item('good'), state: 'available', version: '1.1.0', changes },
    { ...item('pinned'), state: 'pinned' },
    { ...item('second'), state: 'available' },
    { ...item('third'), state: 'available' },
  ]);
  const started: PluginManagerEvent[] = [];
  manager.events.subscribe((event) => started.push(event));
  expect(await manager.updateAll({ actor: 'ada' })).toMatchObject([
    { ...item('bad'), outcome: 'failed', error: { code: 'E_MANIFEST_MISMATCH' } },
    { ...item('current'), outcome: 'up-to-date' },
    { ...item('gone'), outcome: 'failed', error: { code: 'E_NOT_FOUND' } },
    { ...item('good'), outcome: 'updated', version: '1.1.0' },
    { ...item('pinned'), outcome: 'pinned' },
    { ...item('second'), outcome: 'updated', version: '1.1.0' },
    { ...item('third'), outcome: 'updated', version: '1.1.0' },
  ]);
  const operations = started.flatMap((event) => (event.type === 'operation' ? [event.operation] : []));
  expect(operations.map(({ action, actor, pluginId }) => [action, actor, pluginId]).toSorted()).toEqual(
    ['bad', 'good', 'second', 'third'].map((name) => ['update', 'ada', id(name)]),
  );
  expect((await manager.get(id('bad'))).installed.active.version).toBe('1.0.0');
});

it('calls no update available that policy or publisher would refuse, and says why not', async () => {
  await installAll('elsewhere', 'good', 'taken', 'unfit');
  const archiveElsewhere = { 'headlamp/plugin/archive-url': 'https://elsewhere.example/a.tar.gz' };
  world.publish('elsewhere', { version: '1.1.0', annotations: archiveElsewhere });
  world.publish('good', { version: '1.1.0' });
  world.publish('unfit', { version: '1.1.0', annotations: { 'fleetwire/plugin/version-compat': '>=9' } });
  world.server.put({
    ...{ repo: 'acme', name: 'taken', repositoryId: 'taken-over' },
    versions: [{ version: '1.1.0', archive: Buffer.from('an archive') }],
  });
  expect(await manager.checkForUpdates()).toMatchObject([
    { pluginId: id('elsewhere'), state: 'unknown', error: { code: 'E_HOST_DENIED' } },
    { pluginId: id('good'), state: 'available' },
    { pluginId: id('taken'), state: 'unknown', error: { code: 'E_PUBLISHER_CHANGED' } },
    { pluginId: id('unfit'), state: 'unknown', error: { code: 'E_INCOMPATIBLE_HOST' } },
  ]);
  expect(await manager.updateAll()).toMatchObject([
    { outcome: 'failed', error: { code: 'E_HOST_DENIED' } },
    { outcome: 'updated' },
    { outcome: 'failed', error: { code: 'E_PUBLISHER_CHANGED' } },
    { outcome: 'failed', error: { code: 'E_INCOMPATIBLE_HOST' } },
  ]);
});

it('is cancelled by its signal, and says so of each', async () => {
  await installAll('one', 'two');
  for (const name of ['one', 'two']) world.publish(name, { version: '1.1.0' }, { version: '1.0.0' });
  world.server.fail('/archives/', { kind: 'silent' });
  const controller = new AbortController();
  const updating = manager.updateAll({ signal: controller.signal });
  manager.events.subscribe((event) => {
    if (event.type === 'operation') controller.abort();
  });
  expect(await updating).toMatchObject([{ outcome: 'cancelled' }, { outcome: 'cancelled' }]);
});

it('a plan says what an install would be refused for, and throws nothing of it', async () => {
  await installAll('flux');
  const compat = { 'fleetwire/plugin/version-compat': '>=9' };
  const changes = [{ description: 'All new' }];
  world.publish(
    'flux',
    { version: '3.0.0-rc.1' },
    { version: '2.0.0', annotations: compat, changes },
    { version: '1.1.0' },
    { version: '0.9.0' },
  );
  const plan = (version?: string) => manager.plan(id('flux'), { version });
  expect(await plan()).toMatchObject({
    pluginId: id('flux'),
    installedVersion: '1.0.0',
    release: { version: '1.1.0' },
    compatibility: { state: 'compatible' },
    denied: undefined,
    publisher: 'same',
    passedOver: [{ version: '3.0.0-rc.1' }, { version: '2.0.0' }],
  });
  expect(await plan('2.0.0')).toMatchObject({
    release: { changes },
    compatibility: { state: 'incompatible', reason: expect.stringContaining('>=9') as string },
    denied: undefined,
  });
  expect(await plan('3.0.0-rc.1')).toMatchObject({ denied: { code: 'E_PRERELEASE_DENIED' } });
  expect(await plan('0.9.0')).toMatchObject({ denied: { code: 'E_DOWNGRADE_DENIED' } });
  await manager.setPinned(id('flux'), true);
  expect(await plan('1.1.0')).toMatchObject({ denied: { code: 'E_PINNED' } });
  await expect(plan('7.0.0')).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
});

it('a plan of a plugin of which nothing fits is that of its newest version', async () => {
  const annotations = { 'headlamp/plugin/distro-compat': 'app' };
  world.publish('flux', { version: '2.0.0', annotations }, { version: '1.0.0', annotations });
  expect(await manager.plan(id('flux'))).toMatchObject({
    release: { version: '2.0.0' },
    compatibility: { state: 'incompatible' },
    publisher: 'first-install',
    passedOver: [{ version: '2.0.0' }, { version: '1.0.0' }],
  });
});

it.each([
  ['E_PLUGIN_DENIED', { deny: ['hub:acme/*'] }],
  ['E_HOST_DENIED', { hosts: ['elsewhere.example'] }],
  ['E_SIGNATURE_MISSING', { signature: 'require' }],
])('a plan tells %s by the policy', async (code, policy) => {
  world.publish('flux', { version: '1.0.0' });
  expect(await world.open({}, policy).plan(id('flux'))).toMatchObject({ denied: { code } });
});

it('a plan tells that the repository is another one than at the first install', async () => {
  await installAll('flux');
  world.server.put({
    repo: 'acme',
    name: 'flux',
    repositoryId: 'taken-over',
    versions: [{ version: '1.1.0', archive: Buffer.from('an archive') }],
  });
  expect(await manager.plan(id('flux'))).toMatchObject({ publisher: 'changed' });
});

it('another build of the version that is installed is no update, and no way to other bytes', async () => {
  world.publish('flux', { version: '1.0.0+2' });
  const manager = world.open();
  await manager.install('hub:acme/flux');
  for (const version of ['1.0.0+1', '1.0.0', '1.0.0+3']) {
    world.publish('flux', { version, files: { 'other.js': 'export {};' } });
    await expect(manager.update('hub:acme/flux')).rejects.toMatchObject({ code: 'E_UP_TO_DATE' });
    await expect(manager.install('hub:acme/flux')).rejects.toMatchObject({ code: 'E_INTEGRITY' });
  }
});
