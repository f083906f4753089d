import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { parseRuntime } from '../../src/protocol/runtime.ts';
import { createWorld, host, mainOf, type World } from './manager-world.ts';

let world: World;
let manager: PluginManager;
beforeEach(async () => {
  world = await createWorld();
  manager = world.open();
});
afterEach(() => world.dispose());

const id = (name: string) => `hub:acme/${name}`;

async function installed(name: string): Promise<string> {
  await manager.install(id(name));
  const { installed: state } = await manager.get(id(name));
  return join(world.root, 'store', `hub~acme~${name}`, state.active.build);
}

it('lists what is enabled, compatible and whole with the address and the digest of its entry', async () => {
  const contributes = { navigation: [{ id: 'home', title: 'Flux', to: '/p/flux' }] };
  world.publish('flux', { version: '1.0.0', contributes });
  await manager.install(id('flux'));
  const { generation, plugins } = await manager.runtime();
  const { installed: state, receipt } = await manager.get(id('flux'));
  const { build } = state.active;
  const entry = receipt?.files.find(({ path }) => path === 'dist/main.js');
  expect(plugins).toEqual([
    {
      status: 'ready',
      id: id('flux'),
      title: 'flux',
      version: '1.0.0',
      build,
      entry: {
        url: `/plugins/hub~acme~flux/${build}/dist/main.js`,
        integrity: entry?.integrity,
        size: mainOf('1.0.0').length,
      },
      contributes,
    },
  ]);
  expect(generation).toBe(await manager.generation());
  expect(parseRuntime(JSON.parse(JSON.stringify({ generation, plugins })))).toMatchObject({ plugins, problems: [] });
});

it('names the digests of all scripts, and does not load a plugin of which one was changed or that has too many', async () => {
  const files = { 'dist/chunk.js': 'export {};\n', 'dist/lazy.mjs': 'export {};\n', 'dist/style.css': 'a {}\n' };
  world.publish('parts', { version: '1.0.0', files });
  const folder = await installed('parts');
  const { receipt } = await manager.get(id('parts'));
  const [plugin] = (await manager.runtime()).plugins;
  expect(plugin).toMatchObject({
    status: 'ready',
    modules: ['chunk.js', 'lazy.mjs'].map((name) => ({
      url: expect.stringMatching(new RegExp(`/dist/${name}$`)) as string,
      integrity: receipt?.files.find(({ path }) => path === `dist/${name}`)?.integrity,
    })),
  });
  expect(parseRuntime({ generation: 1, plugins: [plugin] })).toMatchObject({ plugins: [plugin], problems: [] });
  await writeFile(join(folder, 'files/dist/chunk.js'), 'export[];\n');
  expect((await manager.runtime()).plugins).toMatchObject([{ status: 'blocked' }]);
  await manager.uninstall(id('parts'));
  const many = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`dist/${String(index)}.js`, '']));
  world.publish('many', { version: '1.0.0', files: many });
  const installing = manager.install(id('many'));
  await installing;
  const warnings = expect.arrayContaining([expect.stringContaining('will not be loaded: it has 201')]) as string[];
  expect(installing.latest).toMatchObject({ type: 'done', warnings });
  expect((await manager.runtime()).plugins).toMatchObject([
    { status: 'blocked', reason: expect.stringContaining('201 scripts') as string },
  ]);
});

it('says of each that is not loaded why, and the others go on', async () => {
  const [edited, unreadable, fits] = ['edited', 'unreadable', 'fits'];
  for (const name of [edited, unreadable, fits, 'off', 'denied', 'old', 'engines', 'sdk', 'mute']) {
    world.publish(name, {
      version: '1.0.0',
      hasEntry: name !== 'mute',
      annotations: name === 'old' ? { 'fleetwire/plugin/version-compat': '>=2 <3' } : {},
      manifest: { engines: { engines: { fleetwire: '^2.0.0' }, sdk: { 'fleetwire-sdk': '^1.0.0' } }[name] },
    });
  }
  const main = join(await installed(edited), 'files/dist/main.js');
  const receipt = join(await installed(unreadable), 'receipt.json');
  for (const name of [fits, 'off', 'denied', 'old', 'engines', 'sdk', 'mute']) await installed(name);
  await manager.setEnabled(id('off'), false);
  await writeFile(main, (await readFile(main, 'utf8')).replace('1.0.0', '6.6.6'));
  await writeFile(receipt, '{');
  await manager.dispose();
  manager = world.open({ host: { ...host, version: '3.0.0', sdkVersion: '2.0.0' } }, { deny: ['hub:acme/denied'] });

  const containing = (part: string): unknown => expect.stringContaining(part);
  expect((await manager.runtime()).plugins).toMatchObject([
    { id: id('denied'), status: 'blocked', reason: containing('denies') },
    { id: id(edited), status: 'blocked', reason: containing('was changed after it was installed') },
    { id: id('engines'), status: 'incompatible', reason: containing('^2.0.0') },
    { id: id(fits), status: 'ready' },
    { id: id('off'), status: 'disabled' },
    { id: id('old'), status: 'incompatible', reason: containing('>=2 <3') },
    { id: id('sdk'), status: 'incompatible', reason: containing('the plugin SDK ^1.0.0, and the host has 2.0.0') },
    { id: id(unreadable), status: 'blocked', reason: containing('receipt') },
  ]);
  const listed = await manager.list();
  expect(listed.map((plugin) => (plugin.managed ? [plugin.pluginId, plugin.status] : []))).toEqual([
    [id('denied'), 'blocked'],
    [id(edited), 'broken'],
    [id('engines'), 'incompatible'],
    [id(fits), 'ok'],
    [id('mute'), 'ok'],
    [id('off'), 'ok'],
    [id('old'), 'incompatible'],
    [id('sdk'), 'incompatible'],
    [id(unreadable), 'broken'],
  ]);
});

it('leaves out what of `contributes` is wrong, says so, and loads the rest', async () => {
  const good = { id: 'home', title: 'Flux', to: '/p/flux' };
  const contributes = { navigation: [{ ...good, to: 'javascript:alert(1)' }, good], command: 'all', other: [] };
  world.publish('flux', { version: '1.0.0', contributes });
  const problems = [
    expect.stringContaining('contributes.navigation[0].to') as string,
    expect.stringContaining('contributes.command') as string,
    expect.stringContaining('"other"') as string,
  ];
  const operation = manager.install(id('flux'));
  await operation;
  expect(operation.latest).toMatchObject({ type: 'done', warnings: expect.arrayContaining(problems) as string[] });
  expect((await manager.runtime()).plugins).toMatchObject([
    { status: 'ready', contributes: { navigation: [good] }, warnings: problems },
  ]);
});

it('names entries below another path, encoded', async () => {
  await manager.dispose();
  manager = world.open({ publicPath: '/x/y/' });
  const entry = 'dist/a b#ü.js';
  world.publish('flux', {
    version: '1.0.0+b.1',
    manifest: { fleetwire: { entry } },
    files: { [entry]: '' },
  });
  await manager.install(id('flux'));
  const runtime = await manager.runtime();
  const url = expect.stringMatching(
    /^\/x\/y\/hub~acme~flux\/1\.0\.0\+b\.1-[0-9a-f]{12}\/dist\/a%20b%23%C3%BC\.js$/,
  ) as string;
  expect(runtime.plugins).toMatchObject([{ entry: { url, size: 0 } }]);
  expect(parseRuntime(runtime)).toMatchObject({ problems: [] });
});

it('serves no file that was edited, also where its size is the same, and one that was put back', async () => {
  world.publish('flux', { version: '1.0.0', files: { 'a.txt': 'first' } });
  const path = join(await installed('flux'), 'files/a.txt');
  const { build } = (await manager.get(id('flux'))).installed.active;
  const read = async () => text((await manager.openFile(id('flux'), build, 'a.txt')).content);
  expect(await read()).toBe('first');
  await writeFile(path, 'other');
  await expect(read()).rejects.toMatchObject({ code: 'E_FILES_CHANGED', phase: 'integrity' });
  await writeFile(path, 'first');
  expect(await read()).toBe('first');
  await rm(path);
  await expect(read()).rejects.toMatchObject({ code: 'E_FILES_CHANGED' });
});
