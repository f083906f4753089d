import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startPluginWorld, type PluginWorld } from '../src/testing/plugin-world.ts';
import { pluginArchive, watchChannel } from '../src/testing/plugins.ts';

// Who is told and who may do what, beyond the permission itself.

let world: PluginWorld;
beforeAll(async () => {
  world = await startPluginWorld();
  world.publish('x', '1.0.0');
  await world.install('x');
});
afterAll(() => world.dispose());

it('tells of a plugin where its bytes came from to those alone who manage plugins', async () => {
  const provenanceOf = async (token: string) =>
    (await world.call('GET', 'plugins/hub~tests~x', undefined, { token })).body as { readonly provenance: object };
  expect((await provenanceOf(world.admin)).provenance).toHaveProperty('urlChain');
  const { provenance } = await provenanceOf(world.viewer);
  expect([provenance, JSON.stringify(provenance).includes(world.catalog.url)]).toEqual([
    expect.objectContaining({ sha256: expect.any(String) as string }),
    false,
  ]);
});

it('tells nobody else the address of a mirror, wherever it might stand', async () => {
  const answersOf = async (token: string) => {
    const paths = [
      'plugins',
      'plugins/hub~tests~x',
      'plugins/runtime',
      'plugin-catalog/sources',
      'plugins/hub~tests~no',
    ];
    const answers = paths.map(async (path) => (await world.call('GET', path, undefined, { token })).body);
    return JSON.stringify(await Promise.all(answers));
  };
  const { host } = new URL(world.catalog.url);
  expect(await answersOf(world.admin)).toContain(`"artifacthubURL":"http://${host}/packages/headlamp/tests/x"`);
  expect(await answersOf(world.viewer)).not.toContain(host);
});

it('lets no client take the places of another where files are sent, as a trusted proxy names them', async () => {
  const behind = await startPluginWorld({ trustedProxies: ['127.0.0.0/8'] });
  const archive = pluginArchive('big', '1.0.0', `// ${randomBytes(4_000_000).toString('hex')}\n`);
  behind.catalog.put({ repo: 'tests', name: 'big', versions: [{ version: '1.0.0', archive }] });
  await behind.install('big');
  const { body } = await behind.call('GET', 'plugins/runtime');
  const { plugins } = body as { readonly plugins: readonly { readonly entry: { readonly url: string } }[] };
  const path = plugins[0]?.entry.url ?? '';
  const { host, port } = new URL(behind.server.url);
  const sockets = Array.from({ length: 16 }, () => {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n`);
    return socket;
  });
  // They read the beginning, and no more.
  await Promise.all(sockets.map((socket) => once(socket, 'readable')));
  const ask = async (client: string) => {
    const { status } = await fetch(behind.server.url + path, {
      method: 'HEAD',
      headers: { 'x-forwarded-for': client },
    });
    return [client, status];
  };
  const greedy = ask('203.0.113.1');
  expect(await Promise.race([greedy, ask('203.0.113.2')])).toEqual(['203.0.113.2', 200]);
  for (const socket of sockets) socket.destroy();
  expect(await greedy).toEqual(['203.0.113.1', 200]);
  await behind.dispose();
});

it('tells of operations to those alone who manage plugins', async () => {
  const [manager, viewer] = [world.admin, world.viewer].map((token) =>
    watchChannel(world.server.url, token, 'plugins'),
  );
  await vi.waitFor(() => {
    expect(Object.keys(manager?.values() ?? {}).filter((key) => key.startsWith('operation/'))).not.toEqual([]);
  });
  await vi.waitFor(() => expect(viewer?.values()).toHaveProperty('store'));
  expect(Object.keys(viewer?.values() ?? {})).toEqual(['store']);
  for (const each of [manager, viewer]) each?.dispose();
});

it('leaves an entry of a change that failed, with its code', async () => {
  expect((await world.call('POST', 'plugins/hub~tests~none/disable')).status).toBe(404);
  const { body } = await world.call('GET', 'audit');
  expect((body as { readonly items: readonly object[] }).items[0]).toMatchObject({
    action: 'plugin.disable.failed',
    username: 'admin',
    target: 'hub:tests/none',
    detail: { code: 'E_NOT_INSTALLED' },
  });
});

describe('a personal token', () => {
  const path = 'plugins/hub~tests~x';
  let token: string;
  beforeAll(async () => {
    const { body } = await world.call('POST', 'tokens', { name: 'of a script' });
    ({ token } = body as { readonly token: string });
  });

  it.each<['POST', string, object?]>([
    ['POST', 'plugins', { id: 'hub:tests/x' }],
    ['POST', `${path}/update`, {}],
    ['POST', `${path}/rollback`],
    ['POST', `${path}/repair`],
    ['POST', `${path}/enable`],
    ['POST', 'plugin-updates'],
  ])('cannot make other code run: %s %s', async (method, route, body) => {
    expect(await world.call(method, route, body, { token })).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('sign in') as string },
    });
  });

  it('may read, verify, pin, disable and remove', async () => {
    expect((await world.call('GET', 'plugins', undefined, { token })).status).toBe(200);
    expect((await world.call('GET', 'plugin-catalog/search', undefined, { token })).status).toBe(200);
    for (const action of ['verify', 'pin', 'disable'])
      expect([action, (await world.call('POST', `${path}/${action}`, undefined, { token })).status]).toEqual([
        action,
        200,
      ]);
    const removal = await world.call('DELETE', path, undefined, { token });
    expect(removal.status).toBe(202);
    await world.ended((removal.body as { readonly operationId: string }).operationId);
    await world.install('x');
  });
});
