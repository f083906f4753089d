import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { newFolder } from '../src/testing/new-folder.ts';
import { pluginArchive } from '../src/testing/plugins.ts';
import { callAs, signIn, startTestServer } from '../src/testing/running.ts';
import { createAuthority, issueCertificate } from '../src/tls/authority.ts';

/** A catalog that is not of this machine, as far as the server can see: by the proxy of all programs, with TLS. */
async function startFarCatalog() {
  const asked: string[] = [];
  const archives = new Map([['1.0.0', pluginArchive('x', '1.0.0')]]);
  const authority = await createAuthority(Date.now());
  const catalog = createTlsServer(
    await issueCertificate(authority, ['hub.example'], Date.now()),
    (request, response) => {
      asked.push(request.url ?? '');
      const versions = [...archives].map(([version, archive]) => ({
        version,
        annotations: {
          'headlamp/plugin/archive-url': `https://hub.example/${version}.tgz`,
          'headlamp/plugin/archive-checksum': `SHA256:${createHash('sha256').update(archive).digest('hex')}`,
        },
      }));
      const plugins = [{ repo: 'tests', name: 'x', repositoryId: 'r-1', title: 'X', versions }];
      if (request.url === '/index.json') response.end(JSON.stringify({ schemaVersion: 1, plugins }));
      else response.end(archives.get(/^\/(.+)\.tgz$/.exec(request.url ?? '')?.[1] ?? ''));
    },
  );
  const proxy = createServer();
  const sockets = new Set<Socket>();
  proxy.on('connect', (_request, socket: Socket) => {
    const onward = connect((catalog.address() as AddressInfo).port, '127.0.0.1');
    for (const each of [socket, onward]) sockets.add(each.on('error', () => undefined));
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(onward).pipe(socket);
  });
  for (const each of [catalog, proxy]) {
    each.listen(0, '127.0.0.1');
    await once(each, 'listening');
  }
  const folder = newFolder();
  const [pluginPolicy, pluginCa] = [join(folder, 'policy.json'), join(folder, 'ca.pem')];
  const source = { name: 'far', kind: 'index', url: 'https://hub.example/index.json' };
  writeFileSync(pluginPolicy, JSON.stringify({ sources: [source], hosts: ['hub.example'] }));
  writeFileSync(pluginCa, authority.cert);
  const httpsProxy = `127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
  return {
    asked,
    publish: (version: string) => archives.set(version, pluginArchive('x', version)),
    config: { pluginPolicy, pluginCa, httpsProxy },
    dispose() {
      for (const socket of sockets) socket.destroy();
      catalog.close();
      proxy.close();
    },
  };
}

it('pages that show a catalog ask it once a minute; an install and an update of all ask it anew', async () => {
  const far = await startFarCatalog();
  const server = await startTestServer(far.config);
  try {
    const { accessToken } = await signIn(server.url);
    const call = (method: string, path: string, body?: object) =>
      callAs(accessToken, method, `${server.url}/api/v1/${path}`, body, { 'idempotency-key': randomUUID() });
    const paths = ['search', 'search?query=x', 'far/tests/x', 'far/tests/x/1.0.0', 'search'];
    for (const path of paths) expect((await call('GET', `plugin-catalog/${path}`)).status).toBe(200);
    expect(far.asked).toEqual(['/index.json']);
    expect((await call('POST', 'plugins', { id: 'far:tests/x' })).status).toBe(202);
    await vi.waitFor(() => expect(far.asked).toEqual(['/index.json', '/index.json', '/1.0.0.tgz']));
    const updates = async () => (await call('GET', 'plugin-updates')).body;
    await vi.waitFor(async () => expect(await updates()).toMatchObject({ items: [{ state: 'up-to-date' }] }));
    far.publish('1.1.0');
    expect(await updates()).toMatchObject({ items: [{ state: 'up-to-date' }] });
    const { body } = await call('POST', 'plugin-updates');
    expect((body as { readonly operationIds: readonly string[] }).operationIds).toHaveLength(1);
    await vi.waitFor(() => expect(far.asked).toContain('/1.1.0.tgz'));
  } finally {
    await server.dispose();
    far.dispose();
  }
});
