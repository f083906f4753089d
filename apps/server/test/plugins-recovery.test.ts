import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PluginList } from '@fleetwire/plugin-manager';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database/open-database.ts';
import { startPluginWorld, type PluginWorld } from '../src/testing/plugin-world.ts';
import { callAs, signIn, startTestServer } from '../src/testing/running.ts';

// Plugins of servers and stores with which something has happened.

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function start(): Promise<PluginWorld> {
  const world = await startPluginWorld();
  undo.push(() => world.dispose());
  world.publish('x', '1.0.0');
  await world.install('x');
  return world;
}

/** Another server on the same data folder, after the first has ended. */
async function startAgain(world: PluginWorld) {
  await world.server.dispose();
  const server = await startTestServer({ dataDir: world.dataDir, ...world.catalog.config });
  undo.push(() => server.dispose());
  const { accessToken } = await signIn(server.url);
  return (method: string, path: string, body?: unknown, key: string = randomUUID()) =>
    callAs(accessToken, method, `${server.url}/api/v1/${path}`, body, { 'idempotency-key': key });
}

const actionsOf = async (call: (method: string, path: string) => Promise<{ readonly body: unknown }>) => {
  const { body } = await call('GET', 'audit?limit=200');
  return (body as { readonly items: readonly { readonly action: string; readonly target: string | null }[] }).items;
};

describe('a store whose state cannot be read', () => {
  it('is mended by REST, with everything disabled; the catalog is there meanwhile', async () => {
    const world = await start();
    writeFileSync(join(world.dataDir, 'plugins', 'state.json'), '{');
    expect(await world.call('GET', 'plugins')).toMatchObject({ status: 500, body: { code: 'E_STATE_CORRUPT' } });
    expect(await world.call('GET', 'plugin-catalog/search')).toMatchObject({ status: 200, body: { total: 1 } });
    expect(await world.call('GET', 'plugin-catalog/hub/tests/x')).toMatchObject({
      status: 200,
      body: { id: 'hub:tests/x', versions: [{ version: '1.0.0' }] },
    });
    expect((await world.call('POST', 'plugins/repair', undefined, { token: world.viewer })).status).toBe(403);
    expect(await world.call('POST', 'plugins/repair')).toMatchObject({
      status: 200,
      body: { isRebuilt: true, plugins: ['hub:tests/x'], broken: [], rolledBack: [] },
    });
    const list = (await world.call('GET', 'plugins')).body as PluginList;
    expect(list.items).toMatchObject([{ id: 'hub:tests/x', status: 'ok', isEnabled: false }]);
    expect(await actionsOf((method, path) => world.call(method, path))).toContainEqual(
      expect.objectContaining({ action: 'plugin.repair-store', username: 'admin' }),
    );
  });
});

describe('a request that comes again after the server was started anew', () => {
  it('begins anew, since the operation of before is known to nobody any more', async () => {
    const world = await start();
    const first = await world.call('POST', 'plugins', { id: 'hub:tests/x' }, { key: 'the-same' });
    const { operationId } = first.body as { readonly operationId: string };
    await world.ended(operationId);
    const call = await startAgain(world);
    const again = await call('POST', 'plugins', { id: 'hub:tests/x' }, 'the-same');
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, null]);
    const other = (again.body as { readonly operationId: string }).operationId;
    expect(other).not.toBe(operationId);
    expect((await call('GET', `plugin-operations/${other}`)).status).toBe(200);
    const third = await call('POST', 'plugins', { id: 'hub:tests/x' }, 'the-same');
    expect([third.body, third.headers.get('idempotency-replayed')]).toEqual([again.body, 'true']);
  });
});

describe('an operation that was cut off by the end of its process', () => {
  it('has its end in the audit log since the next start, and once', async () => {
    const world = await start();
    const database = await openDatabase({ sqlite: join(world.dataDir, 'fleetwire.db') }, (error) => {
      throw error;
    });
    const entry = await database
      .selectFrom('audit')
      .selectAll()
      .where('action', '=', 'plugin.install')
      .executeTakeFirst();
    if (entry === undefined) throw new Error('expected the entry of the install');
    for (const [operationId, target] of [
      ['cut-off', 'hub:tests/y'],
      ['ended', 'hub:tests/z'],
    ]) {
      const detail = JSON.stringify({ operationId });
      const id = entry.id.slice(0, -12) + randomBytes(6).toString('hex');
      await database
        .insertInto('audit')
        .values({ ...entry, id, target, detail })
        .execute();
    }
    await database.destroy();
    // The process was cut off between the line of the store and the entry.
    const line = { at: 7, program: 'fleetwire', operationId: 'ended', action: 'install', outcome: 'done' };
    const more = { pluginId: 'hub:tests/z', actor: 'admin', to: '1.0.0' };
    appendFileSync(join(world.dataDir, 'plugins', 'audit.jsonl'), `${JSON.stringify({ ...line, ...more })}\n`);
    const lost = (items: Awaited<ReturnType<typeof actionsOf>>) =>
      items.filter(({ action }) => action === 'plugin.install.lost');
    const items = await actionsOf(await startAgain(world));
    const entries = lost(items);
    expect(entries).toMatchObject([{ target: 'hub:tests/y', username: 'admin', detail: { operationId: 'cut-off' } }]);
    const end = { username: 'admin', detail: { operationId: 'ended', to: '1.0.0', doneAt: 7 } };
    const ends = items.filter(({ target }) => target === 'hub:tests/z');
    expect(ends).toMatchObject([{ action: 'plugin.install.done', ...end }, { action: 'plugin.install' }]);
    await undo.pop()?.();
    expect(lost(await actionsOf(await startAgain(world)))).toHaveLength(1);
  });
});

describe('to update all', () => {
  it('names the plugins whose sources could not be asked', async () => {
    const world = await start();
    world.publish('good', '1.0.0');
    await world.install('good');
    world.publish('good', '1.1.0', '1.0.0');
    undo.push(world.catalog.fail('/api/v1/packages/headlamp/tests/x', { kind: 'status', status: 404 }));
    expect(await world.call('POST', 'plugin-updates')).toMatchObject({
      status: 202,
      body: {
        operationIds: [expect.any(String)],
        failures: [{ id: 'hub:tests/x', failure: { code: 'E_NOT_FOUND' } }],
      },
    });
  });
});
