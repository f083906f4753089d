import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFetcher } from '../../src/node/fetch/create-fetcher.ts';
import { archiveOf, createWorld, type World } from './manager-world.ts';

const pluginId = 'hub:acme/app';
const archive = archiveOf('app', '1.0.0');
let world: World;
const servers: Server[] = [];
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await world.dispose();
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function putAt(url: string): void {
  const annotations = { 'headlamp/plugin/archive-url': url };
  world.server.put({ repo: 'acme', name: 'app', versions: [{ version: '1.0.0', archive, annotations }] });
}

it('writes the query of an archive down nowhere, and installs again from the cache without it', async () => {
  putAt(`${world.server.url}/archives/acme/app/1.0.0.tar.gz?sig=SECRET`);
  const manager = world.open();
  const file = join(world.root, 'plugins.yaml');
  await writeFile(file, `plugins:\n  - id: ${pluginId}\n    version: "1.0.0"\n`);
  await manager.sync({ file });
  expect((await manager.get(pluginId)).receipt?.urlChain).toEqual([
    `${world.server.url}/archives/acme/app/1.0.0.tar.gz`,
  ]);
  for (const name of await readdir(world.root, { recursive: true })) {
    const path = join(world.root, name);
    if (!(await stat(path)).isFile() || name.endsWith('.tgz')) continue;
    expect([name, (await readFile(path, 'latin1')).includes('SECRET')]).toEqual([name, false]);
  }
  // Without its source: what was kept says nothing of the query, and needs none.
  await manager.uninstall(pluginId);
  world.server.fail('/api/v1/packages', { kind: 'status', status: 503 });
  expect(await manager.install(pluginId, { version: '1.0.0' })).toMatchObject({ isChanged: true });
});

it('tells no query of a redirect that loops', async () => {
  const host = await serve((_request, response) => response.writeHead(302, { location: '/x?sig=SECRET' }).end());
  const error: unknown = await createFetcher({ retries: 0 })
    .metadata({
      url: `http://${host}/x?sig=SECRET`,
      maxBytes: 10,
      policy: { hosts: [host], redirectHosts: [], isLocal: true },
      signal: new AbortController().signal,
    })
    .catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'E_REDIRECT', details: { urlChain: [`http://${host}/x`] } });
});

it('refuses a host that the policy does not allow also where the archive is in the cache', async () => {
  world.publish('app', { version: '1.0.0' });
  const manager = world.open();
  await manager.install(pluginId);
  await manager.uninstall(pluginId);
  putAt('https://evil.example/never-asked.tgz');
  await expect(manager.install(pluginId)).rejects.toMatchObject({ code: 'E_HOST_DENIED', phase: 'policy' });
});

it('says of a cached archive which way it came, not which way it would come now', async () => {
  const first = `${world.server.url}/archives/acme/app/1.0.0.tar.gz`;
  world.publish('app', { version: '1.0.0' });
  const manager = world.open();
  await manager.install(pluginId);
  await manager.uninstall(pluginId);
  putAt(`${world.server.url}/elsewhere.tgz`);
  expect((await manager.install(pluginId)).receipt.urlChain).toEqual([first]);
});

it('follows as many redirects as the policy lets it, with any transport', async () => {
  const host = await serve((request, response) => {
    if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
    else response.writeHead(200).end(archive);
  });
  putAt(`http://${host}/a`);
  const hosts = [new URL(world.server.url).host, host];
  const manager = world.open({}, { hosts, limits: { maxRedirects: 0 } });
  await expect(manager.install(pluginId)).rejects.toMatchObject({ code: 'E_REDIRECT' });
});
