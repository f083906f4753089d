import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, renameSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import type { AuditEntry } from '../src/access/audit-log.ts';
import { startPluginWorld, type PluginWorld } from '../src/testing/plugin-world.ts';
import { callAs, signIn, startTestServer } from '../src/testing/running.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const library = fileURLToPath(import.meta.resolve('@fleetwire/plugin-manager/node'));
const program = join(library, '..', 'cli', 'main.js');

/** The command line on the store of a server. */
const runCli = (dataDir: string, ...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [program, ...args, '--root', join(dataDir, 'plugins')]);

type Entries = () => Promise<readonly AuditEntry[]>;

const entriesOf =
  (url: string, token: string): Entries =>
  async () => {
    const { body } = await callAs(token, 'GET', `${url}/api/v1/audit?limit=200`);
    return (body as { readonly items: readonly AuditEntry[] }).items.filter(({ action }) =>
      action.startsWith('plugin.'),
    );
  };

/** Oldest first. */
const actionsOf = async (entries: Entries) => (await entries()).map(({ action }) => action).toReversed();

async function startWithPlugin(): Promise<PluginWorld> {
  const world = await startPluginWorld();
  undo.push(() => world.dispose());
  world.publish('x', '1.0.0');
  await world.install('x');
  return world;
}

/** Another server on the same data folder, after the one before has ended. */
async function startAgain(world: PluginWorld): Promise<Entries> {
  const server = await startTestServer({ dataDir: world.dataDir, ...world.catalog.config });
  undo.push(() => server.dispose());
  return entriesOf(server.url, (await signIn(server.url)).accessToken);
}

const own = ['plugin.install', 'plugin.install.done'];
const waiting = { interval: 100 };

it('what the command line does beside the server is in its audit once, with the user of the machine', async () => {
  const world = await startWithPlugin();
  const entries = entriesOf(world.server.url, world.admin);
  await runCli(world.dataDir, 'disable', 'hub:tests/x');
  await world.call('POST', 'plugins/hub~tests~x/pin');
  await vi.waitFor(async () => expect(await entries()).toHaveLength(4), waiting);
  expect((await actionsOf(entries)).toSorted()).toEqual([...own, 'plugin.disable', 'plugin.pin'].toSorted());
  const entry = (await entries()).find(({ action }) => action === 'plugin.disable');
  expect(entry).toMatchObject({ userId: null, username: null, target: 'hub:tests/x' });
  expect(entry?.detail).toEqual({
    operationId: expect.any(String) as string,
    ...{ by: 'fleetwire-plugin', actor: userInfo().username, from: '1.0.0', to: '1.0.0' },
    ...{ build: expect.any(String) as string, sha256: expect.any(String) as string },
    doneAt: expect.any(Number) as number,
  });
});

it('what was done while there was no server comes with the next one, and not again with the one after', async () => {
  const world = await startWithPlugin();
  await world.server.dispose();
  const root = join(world.dataDir, 'plugins');
  await runCli(world.dataDir, 'remove', 'hub:tests/x');
  renameSync(join(root, 'audit.jsonl'), join(root, 'audit.1.jsonl'));
  // Of a library, and what no program wrote.
  const line = { at: 1, operationId: randomUUID(), action: 'repair', outcome: 'failed', code: 'E_STORE', detail: 'x' };
  appendFileSync(join(root, 'audit.jsonl'), `{"at":\n${JSON.stringify(line)}\n`);
  const expected = [...own, 'plugin.uninstall.done', 'plugin.repair-store.failed'];
  const entries = await startAgain(world);
  await vi.waitFor(async () => expect(await actionsOf(entries)).toEqual(expected), waiting);
  expect((await entries())[0]).toMatchObject({
    target: 'plugins',
    detail: { by: 'a program that does not say its name', code: 'E_STORE', doneAt: 1 },
  });
  await undo.pop()?.();

  // A change of its own tells that it has looked through the file.
  const later = await startAgain(world);
  const next = { ...line, operationId: randomUUID(), action: 'pin', pluginId: 'a:b/c' };
  appendFileSync(join(root, 'audit.jsonl'), `${JSON.stringify(next)}\n`);
  await vi.waitFor(async () => expect(await actionsOf(later)).toEqual([...expected, 'plugin.pin.failed']), waiting);
});
