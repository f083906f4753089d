import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { signatureText } from '../../src/core/signature-text.ts';
import { archiveOf, createWorld, type World } from './manager-world.ts';

const id = 'hub:acme/app';
let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.dispose());

const keyPairs = { k1: generateKeyPairSync('ed25519'), k2: generateKeyPairSync('ed25519') };
type KeyId = keyof typeof keyPairs;

function key(keyId: KeyId, more: object = {}): object {
  const publicKey = keyPairs[keyId].publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  return { id: keyId, publicKey, ...more };
}

function signed(version: string, keyId: KeyId, claimed = keyId) {
  const archive = archiveOf('app', version);
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const text = signatureText({ id, version, sha256, size: archive.length });
  const annotations = {
    'fleetwire/plugin/signature': sign(null, Buffer.from(text), keyPairs[keyId].privateKey).toString('base64'),
    'fleetwire/plugin/signature-key': claimed,
  };
  return { version, archive, annotations };
}

const rotated = { signature: 'require', keys: [key('k1'), key('k2', { replaces: 'k1' })] };
const folder = () => join(world.root, 'store', 'hub~acme~app');

/** 1.0.0 of k1, back from 2.0.0 of k2, which replaces it. */
async function rollBack() {
  const manager = world.open({}, rotated);
  world.server.put({ repo: 'acme', name: 'app', versions: [signed('1.0.0', 'k1')] });
  await manager.install(id);
  world.server.put({ repo: 'acme', name: 'app', versions: [signed('2.0.0', 'k2'), signed('1.0.0', 'k1')] });
  await manager.update(id);
  const { active } = await manager.rollback(id);
  return { manager, active };
}

async function damage(build: string): Promise<void> {
  await rm(join(folder(), build, 'files', 'dist', 'main.js'));
}

it.each(['a file', 'the receipt'])(
  'a build that was rolled back to across a change of keys is mended where %s is damaged; the pin stays',
  async (what) => {
    const { manager, active } = await rollBack();
    if (what === 'a file') await damage(active.build);
    else await writeFile(join(folder(), active.build, 'receipt.json'), '{');
    const { isReinstalled, installed } = await manager.repair(id);
    expect(isReinstalled).toBe(true);
    expect(installed).toMatchObject({ active: { build: active.build }, publisher: { keyId: 'k2' } });
    expect((await manager.get(id)).status).toBe('ok');
  },
);

it('a lock file that is written after a rollback names the key of its build, and can be installed', async () => {
  const { manager } = await rollBack();
  const files = await mkdtemp(join(tmpdir(), 'plugin-sync-'));
  try {
    const file = join(files, 'plugins.yaml');
    await writeFile(file, `plugins:\n  - id: ${id}\n    version: 1.0.0\n`);
    await manager.sync({ file });
    const lock = await readFile(join(files, 'plugins.lock.json'), 'utf8');
    expect(lock).toContain('"k1"');
    expect(lock).not.toContain('"k2"');
    await manager.dispose();
    await rm(world.root, { recursive: true, force: true });
    await mkdir(world.root);
    const fresh = world.open({}, rotated);
    await fresh.sync({ file, isFrozen: true });
    expect(await fresh.get(id)).toMatchObject({ status: 'ok', installed: { active: { version: '1.0.0' } } });
  } finally {
    await rm(files, { recursive: true, force: true });
  }
});

it('a signature that nobody looked at is not trusted by a policy that looks', async () => {
  const careless = world.open({}, { signature: 'off', keys: [key('k1')] });
  world.server.put({ repo: 'acme', name: 'app', versions: [signed('1.0.0', 'k2', 'k1')] });
  await careless.install(id);
  await careless.dispose();
  const manager = world.open({}, { signature: 'verify-if-present', keys: [key('k1')] });
  expect(await manager.get(id)).toMatchObject({
    status: 'blocked',
    reason: expect.stringContaining('without a verified signature') as string,
  });
  await expect(manager.install(id)).rejects.toMatchObject({ code: 'E_SIGNATURE_INVALID' });
});

it('of two archives of a version, a repair takes the one that is active', async () => {
  const manager = world.open();
  world.publish('app', { version: '1.0.0' });
  await manager.install(id);
  world.publish('app', { version: '1.0.0', manifest: { description: 'other' } });
  await manager.install(id, { acceptChangedArchive: true });
  const { active } = await manager.rollback(id);
  await damage(active.build);
  expect(await manager.repair(id)).toMatchObject({
    isReinstalled: true,
    installed: { active: { build: active.build } },
  });
});

it('the same build once more changes nothing, whatever way its archive came', async () => {
  const manager = world.open();
  world.publish('app', { version: '1.0.0' });
  await manager.install(id);
  const cache = join(world.root, 'cache');
  for (const name of await readdir(cache)) if (name.endsWith('.json')) await rm(join(cache, name));
  await damage((await manager.get(id)).installed.active.build);
  await manager.install(id);
  const generation = await manager.generation();
  expect((await manager.install(id)).isChanged).toBe(false);
  expect(await manager.generation()).toBe(generation);
});

it('a plugin whose receipt was lost with the state is told of by the repair, and can be installed again', async () => {
  const manager = world.open();
  world.publish('app', { version: '1.0.0' });
  await manager.install(id);
  await manager.dispose();
  const [build = ''] = await readdir(folder());
  await writeFile(join(folder(), build, 'receipt.json'), '{');
  // An earlier build of other bytes, as damaged.
  await mkdir(join(folder(), '0.9.0-0123456789ab'));
  await writeFile(join(world.root, 'state.json'), '{');
  const again = world.open();
  expect(await again.repair()).toMatchObject({ isRebuilt: true, plugins: [], broken: [id] });
  expect(await again.install(id)).toMatchObject({ isChanged: true, installed: { active: { build } } });
  expect(await readdir(folder())).toEqual([build]);
});
