import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { archiveOf, createWorld, type World } from './manager-world.ts';

const pluginId = 'hub:acme/flux';
let world: World;
let manager: PluginManager;
beforeEach(async () => {
  world = await createWorld();
  manager = world.open();
});
afterEach(() => world.dispose());

const cache = () => join(world.root, 'cache');
const offline = () => world.server.fail('/', { kind: 'status', status: 503 });
const fetched = () => world.server.requests.filter((path) => path.startsWith('/archives/')).length;
async function filesFolder(): Promise<string> {
  const { build } = (await manager.get(pluginId)).installed.active;
  return join(world.root, 'store', 'hub~acme~flux', build, 'files');
}
/** Says its digest by another algorithm than the cache names its files by. */
function publishSha512(version: string): void {
  const hex = createHash('sha512').update(archiveOf('flux', version)).digest('hex');
  world.publish('flux', { version, annotations: { 'headlamp/plugin/archive-checksum': `sha512:${hex}` } });
}

it.each(['sha256', 'sha512'])(
  'a version whose archive with a %s is kept is installed without its source',
  async (algorithm) => {
    if (algorithm === 'sha512') publishSha512('1.0.0');
    else world.publish('flux', { version: '1.0.0' });
    await manager.install(pluginId);
    await manager.uninstall(pluginId);
    const online = offline();
    await expect(manager.install(pluginId)).rejects.toMatchObject({ code: 'E_HTTP_STATUS' });
    await expect(manager.install(pluginId, { version: '1.0.1' })).rejects.toMatchObject({ code: 'E_HTTP_STATUS' });
    const installing = manager.install(pluginId, { version: '1.0.0' });
    expect((await installing).installed).toMatchObject({ active: { version: '1.0.0' } });
    const warnings = expect.arrayContaining([expect.stringContaining('does not answer')]) as string[];
    expect(installing.latest).toMatchObject({ type: 'done', warnings });
    online();
    await expect(manager.update(pluginId)).rejects.toMatchObject({ code: 'E_UP_TO_DATE' });
    expect(fetched()).toBe(1);
  },
);

it('what was kept is checked as what comes: pin, policy, host and bytes', async () => {
  world.publish('flux', { version: '1.0.0', manifest: { engines: { fleetwire: '^2.0.0' } } });
  await manager.install(pluginId);
  await manager.uninstall(pluginId);
  world.server.put({
    repo: 'acme',
    name: 'flux',
    repositoryId: 'taken-over',
    versions: [{ version: '0.9.0', archive: archiveOf('flux', '0.9.0') }],
  });
  await manager.install(pluginId);
  offline();
  const install = (one: PluginManager) => one.install(pluginId, { version: '1.0.0' });
  await expect(install(manager)).rejects.toMatchObject({ code: 'E_PUBLISHER_CHANGED' });
  await manager.uninstall(pluginId);
  await expect(install(world.open({}, { deny: [pluginId] }))).rejects.toMatchObject({ code: 'E_PLUGIN_DENIED' });
  await expect(install(world.open({}, { signature: 'require' }))).rejects.toMatchObject({
    code: 'E_SIGNATURE_MISSING',
  });
  const newer = { product: 'fleetwire', version: '3.0.0', distro: 'web', sdkVersion: '1.0.0' };
  await expect(install(world.open({ host: newer }))).rejects.toMatchObject({ code: 'E_INCOMPATIBLE_HOST' });
  for (const name of await readdir(cache())) if (name.endsWith('.tgz')) await writeFile(join(cache(), name), 'changed');
  await expect(install(manager)).rejects.toMatchObject({ code: 'E_OFFLINE' });
});

it('a kept answer that somebody changed counts for nothing', async () => {
  world.publish('flux', { version: '1.0.0' });
  await manager.install(pluginId);
  await manager.uninstall(pluginId);
  const kept = (await readdir(cache())).filter((name) => name.endsWith('.json'));
  expect(kept).toHaveLength(1);
  const path = join(cache(), kept[0] ?? '');
  const text = await readFile(path, 'utf8');
  offline();
  for (const changed of [
    '',
    '{',
    '[]',
    'null',
    text.replace('"1.0.0"', '"6.6.6"'),
    text.replace('"flux"', '"other"'),
  ]) {
    await writeFile(path, changed);
    await expect(manager.install(pluginId, { version: '1.0.0' })).rejects.toMatchObject({ code: 'E_HTTP_STATUS' });
  }
  await writeFile(path, text);
  await manager.install(pluginId, { version: '1.0.0' });
});

it('a source that says that there is no such version any more is believed', async () => {
  world.publish('flux', { version: '1.0.0' });
  await manager.install(pluginId);
  await manager.uninstall(pluginId);
  world.publish('flux', { version: '1.1.0' });
  await expect(manager.install(pluginId, { version: '1.0.0' })).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
});

it('the version that is active and intact is not fetched again; one that is damaged is installed anew', async () => {
  world.publish('flux', { version: '1.0.0' });
  expect(await manager.install(pluginId)).toMatchObject({ isChanged: true });
  const generation = await manager.generation();
  const again = await manager.install(pluginId);
  expect(again).toMatchObject({ isChanged: false, installed: { active: { version: '1.0.0' } } });
  expect(await manager.generation()).toBe(generation);
  expect(await manager.install(pluginId, { isEnabled: false })).toMatchObject({
    isChanged: false,
    installed: { isEnabled: false },
  });
  await rm(join(await filesFolder(), 'dist/main.js'));
  expect(await manager.install(pluginId)).toMatchObject({ isChanged: true, installed: { isEnabled: false } });
  expect(await manager.verify(pluginId)).toMatchObject({ isIntact: true });
});

it('a repair says that nothing is damaged, or brings the active version back, without its source', async () => {
  world.publish('flux', { version: '1.0.0' });
  await manager.install(pluginId);
  expect(await manager.repair(pluginId)).toMatchObject({ isReinstalled: false, found: { isIntact: true } });
  const { active } = (await manager.get(pluginId)).installed;
  offline();
  await writeFile(join(await filesFolder(), 'dist/main.js'), 'changed');
  await rm(join(await filesFolder(), 'package.json'));
  expect(await manager.repair(pluginId)).toMatchObject({
    isReinstalled: true,
    found: { changed: ['dist/main.js'], missing: ['package.json'] },
    installed: { active: { build: active.build }, previous: [] },
  });
  await writeFile(join(await filesFolder(), '../receipt.json'), '{');
  expect(await manager.repair(pluginId)).toMatchObject({ isReinstalled: true });
  expect(await manager.verify(pluginId)).toMatchObject({ isIntact: true });
  await expect(manager.repair('hub:acme/other')).rejects.toMatchObject({ code: 'E_NOT_INSTALLED' });
});

it('a repair from the source takes the same bytes, and no others', async () => {
  world.publish('flux', { version: '1.0.0' });
  await manager.install(pluginId);
  await rm(cache(), { recursive: true });
  await rm(join(await filesFolder(), 'dist/main.js'));
  world.publish('flux', { version: '1.0.0', files: { 'more.txt': 'and more' } });
  await expect(manager.repair(pluginId)).rejects.toMatchObject({ code: 'E_INTEGRITY' });
  expect(await manager.verify(pluginId)).toMatchObject({ isIntact: false });
  world.publish('flux', { version: '1.0.0' });
  expect(await manager.repair(pluginId)).toMatchObject({ isReinstalled: true });
  expect(await manager.verify(pluginId)).toMatchObject({ isIntact: true });
});

it('a version that is locked and kept is planned and synchronised without its source', async () => {
  world.publish('flux', { version: '1.0.0' });
  // A store is begun in a folder that has nothing else.
  await manager.list();
  const file = join(world.root, 'plugins.yaml');
  await writeFile(file, `plugins: [{id: "${pluginId}"}]`);
  await manager.sync({ file });
  await manager.uninstall(pluginId);
  offline();
  const plan = await manager.plan(pluginId, { version: '1.0.0' });
  expect(plan).toMatchObject({ denied: undefined, compatibility: { state: 'compatible' } });
  expect(plan.compatibility.notChecked.join()).toContain('the source does not answer (E_HTTP_STATUS)');
  await expect(manager.plan(pluginId)).rejects.toMatchObject({ code: 'E_HTTP_STATUS' });
  await manager.sync({ file, isFrozen: true });
  expect(await manager.installedVersions()).toEqual(new Map([[pluginId, '1.0.0']]));
});
