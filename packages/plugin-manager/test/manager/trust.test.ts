import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { signatureText } from '../../src/core/signature-text.ts';
import type { PluginManager } from '../../src/node/plugin-manager-interface.ts';
import { archiveOf, createWorld, host, type World } from './manager-world.ts';

const id = 'hub:acme/app';
const folder = 'hub~acme~app';
let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.dispose());

const withCode = (code: string): unknown => expect.objectContaining({ code });
const keyPairs = { k1: generateKeyPairSync('ed25519'), k2: generateKeyPairSync('ed25519') };
type KeyId = keyof typeof keyPairs;

function key(keyId: KeyId, more: object = {}): object {
  const publicKey = keyPairs[keyId].publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  return { id: keyId, publicKey, ...more };
}

function signed(version: string, keyId?: KeyId, archive = archiveOf('app', version)) {
  if (keyId === undefined) return { version, archive };
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const text = signatureText({ id, version, sha256, size: archive.length });
  const annotations = {
    'fleetwire/plugin/signature': sign(null, Buffer.from(text), keyPairs[keyId].privateKey).toString('base64'),
    'fleetwire/plugin/signature-key': keyId,
  };
  return { version, archive, annotations };
}

function put(...versions: readonly [ReturnType<typeof signed>, ...ReturnType<typeof signed>[]]): void {
  world.server.put({ repo: 'acme', name: 'app', versions: [...versions] });
}

async function statusOf(manager: PluginManager): Promise<string | undefined> {
  return (await manager.runtime()).plugins[0]?.status;
}

/** 1.0.0 signed by k1, then 2.0.0 by k2, which replaces it. */
async function installBoth(): Promise<void> {
  const manager = world.open({}, { signature: 'require', keys: [key('k1'), key('k2', { replaces: 'k1' })] });
  put(signed('1.0.0', 'k1'));
  await manager.install(id);
  put(signed('2.0.0', 'k2'), signed('1.0.0', 'k1'));
  await manager.update(id);
  await manager.dispose();
}

async function damageReceipt(version: string): Promise<void> {
  const builds = await readdir(join(world.root, 'store', folder));
  const build = builds.find((name) => name.startsWith(version)) ?? '';
  await writeFile(join(world.root, 'store', folder, build, 'receipt.json'), '{');
}

it('a build whose own key is revoked is not rolled back to, by hand or by a start, and is not served', async () => {
  await installBoth();
  const policy = { signature: 'require', keys: [key('k1', { isRevoked: true }), key('k2', { replaces: 'k1' })] };
  const manager = world.open({}, policy);
  const { installed } = await manager.get(id);
  await expect(manager.rollback(id)).rejects.toEqual(withCode('E_KEY_REVOKED'));
  const [old] = installed.previous;
  await expect(manager.openFile(id, old?.build ?? '', 'dist/main.js')).rejects.toEqual(withCode('E_KEY_REVOKED'));
  await manager.dispose();
  await damageReceipt('2.0.0');
  const again = await world.open({}, policy).get(id);
  expect(again).toMatchObject({ status: 'broken', installed: { active: { version: '2.0.0' } } });
});

it('a build is judged by the key that verified it: an unknown one blocks it, and so does none where one is required', async () => {
  await installBoth();
  const gone = world.open({}, { signature: 'verify-if-present', keys: [key('k1')] });
  expect(await gone.get(id)).toMatchObject({ status: 'blocked', reason: expect.stringContaining('k2') as string });
  await gone.uninstall(id);
  await gone.dispose();
  put(signed('1.0.0', 'k1'));
  // Nobody looks at the signature: what is in the receipt proves nothing.
  const careless = world.open({}, { signature: 'off', keys: [key('k1')] });
  await careless.install(id);
  expect(await statusOf(careless)).toBe('ready');
  await careless.dispose();
  const strict = world.open({}, { signature: 'require', keys: [key('k1')] });
  expect(await strict.get(id)).toMatchObject({
    status: 'blocked',
    reason: expect.stringContaining('without a verified signature') as string,
  });
  expect(await strict.install(id)).toMatchObject({ isChanged: true });
  expect(await statusOf(strict)).toBe('ready');
});

it('the same archive with something else said of it is a build of its own, and no version to go back to', async () => {
  const publish = (range: string): void => {
    world.publish('app', { version: '1.0.0', annotations: { 'fleetwire/plugin/version-compat': range } });
  };
  publish('<3.0.0');
  const old = world.open();
  const first = await old.install(id);
  await old.dispose();
  publish('<4.0.0');
  const manager = world.open({ host: { ...host, version: '3.1.0' } });
  expect(await statusOf(manager)).toBe('incompatible');
  const { isChanged, installed } = await manager.install(id);
  expect(isChanged).toBe(true);
  expect(installed.previous).toEqual([]);
  expect(installed.active.build).not.toBe(first.installed.active.build);
  expect(installed.active.sha256).toBe(first.installed.active.sha256);
  expect(await statusOf(manager)).toBe('ready');
  expect((await manager.get(id)).receipt?.compat?.hostVersions).toBe('<4.0.0');
  expect((await manager.install(id)).isChanged).toBe(false);
});

it('a start goes back by itself only to a build that is intact, never of a pinned plugin, and says so in the audit', async () => {
  const told: unknown[] = [];
  const open = () => world.open({ audit: (record) => void told.push(record) });
  const prepare = async (isPinned: boolean): Promise<void> => {
    const manager = world.open();
    put(signed('2.0.0'), signed('1.0.0'));
    await manager.install(id, { version: '1.0.0' });
    await manager.install(id, { version: '2.0.0' });
    await manager.setPinned(id, isPinned);
    await manager.dispose();
    await damageReceipt('2.0.0');
  };
  await prepare(true);
  const pinned = open();
  expect(await pinned.get(id)).toMatchObject({ status: 'broken', installed: { active: { version: '2.0.0' } } });
  await pinned.uninstall(id);
  await pinned.dispose();

  await prepare(false);
  const [build] = (await readdir(join(world.root, 'store', folder))).filter((name) => name.startsWith('1.'));
  const main = join(world.root, 'store', folder, build ?? '', 'files', 'dist', 'main.js');
  const content = await readFile(main);
  await writeFile(main, 'changed');
  const damaged = open();
  expect(await damaged.get(id)).toMatchObject({ status: 'broken', installed: { active: { version: '2.0.0' } } });
  await damaged.dispose();
  await writeFile(main, content);
  told.length = 0;
  const intact = open();
  expect(await intact.get(id)).toMatchObject({ status: 'ok', installed: { active: { version: '1.0.0' } } });
  const record = { action: 'recover', pluginId: id, outcome: 'done', from: '2.0.0', to: '1.0.0' };
  expect(told).toEqual([expect.objectContaining(record)]);
  expect(await readFile(join(world.root, 'audit.jsonl'), 'utf8')).toContain('"action":"recover"');
});

it('other bytes under a version that is installed are refused, in the plan too, unless somebody says that they may be', async () => {
  const manager = world.open();
  world.publish('app', { version: '1.0.0' });
  await manager.install(id);
  world.publish('app', { version: '1.0.0', files: { 'dist/main.js': 'other()' } });
  expect((await manager.plan(id)).denied).toMatchObject({ code: 'E_INTEGRITY', details: { version: '1.0.0' } });
  await expect(manager.install(id)).rejects.toEqual(withCode('E_INTEGRITY'));
  const { isChanged, installed } = await manager.install(id, { acceptChangedArchive: true });
  expect([isChanged, installed.previous.length]).toEqual([true, 1]);
});

it('a version that no folder could be called after is refused before its archive is fetched', async () => {
  const version = `1.0.0-${'a'.repeat(110)}`;
  world.publish('app', { version });
  const manager = world.open({}, { prerelease: 'allow' });
  for (const asked of [undefined, version])
    await expect(manager.install(id, { version: asked })).rejects.toMatchObject({ phase: 'resolve' });
});

it('an accepted publisher is the one that was named; a lost key is never accepted by the way, and the audit says what was', async () => {
  const told: object[] = [];
  const manager = world.open({ audit: (record) => void told.push(record) }, { keys: [key('k1')] });
  put(signed('1.0.0', 'k1'));
  await manager.install(id);
  const moved = { version: '1.1.0', archive: archiveOf('app', '1.1.0') };
  world.server.put({ repo: 'acme', name: 'app', repositoryId: 'moved', versions: [moved] });
  const plan = await manager.plan(id);
  const repository = { what: 'repositoryId', expected: expect.any(String) as string, found: 'moved' };
  const lostKey = { what: 'keyId', expected: 'k1', found: undefined };
  expect(plan).toMatchObject({ publisher: 'changed', publisherChanges: [repository, lostKey] });
  for (const acceptPublisher of [undefined, true, { repositoryId: 'moved' }, { repositoryId: 'other', keyId: null }])
    await expect(manager.update(id, { acceptPublisher })).rejects.toEqual(withCode('E_PUBLISHER_CHANGED'));
  const { installed } = await manager.update(id, { acceptPublisher: { repositoryId: 'moved', keyId: null } });
  expect(installed.publisher).toEqual({ repositoryId: 'moved', packageName: 'app' });
  expect(told.at(-1)).toMatchObject({ outcome: 'done', accepted: [repository, { what: 'keyId', expected: 'k1' }] });
});
