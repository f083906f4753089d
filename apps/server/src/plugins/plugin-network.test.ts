import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { expect, it, vi } from 'vitest';
import { newFolder } from '../testing/new-folder.ts';
import { callAs, signIn, startTestServer } from '../testing/running.ts';
import { readPluginNetwork } from './plugin-network.ts';

function file(content: string): string {
  const path = join(newFolder(), 'ca.pem');
  writeFileSync(path, content);
  return path;
}

const none = { pluginProxy: undefined, httpsProxy: undefined, noProxy: undefined, pluginCa: undefined };
const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const networkOf = (given: Partial<Parameters<typeof readPluginNetwork>[0]>) =>
  readPluginNetwork({ ...none, ...given }, logger);

it('goes by the proxy of all programs where plugins have none of their own, but for its exceptions', () => {
  const ofAll = { httpsProxy: 'proxy:3128', noProxy: '.example' };
  expect(networkOf({})).toEqual({});
  expect(networkOf(ofAll)).toEqual({
    ...{ proxy: 'proxy:3128', proxyName: 'HTTPS_PROXY', noProxy: '.example' },
  });
  const own = { proxy: 'http://own:1/', proxyName: 'pluginProxy' };
  expect(networkOf({ ...ofAll, pluginProxy: 'http://own:1' })).toEqual(own);
});

it('warns of a proxy of all programs that is none, by its name and without its password, unless it is not used', () => {
  const httpsProxy = 'socks5://user:hush@proxy:1080';
  expect(networkOf({ httpsProxy, noProxy: '*' })).toMatchObject({ noProxy: '*' });
  expect(networkOf({ httpsProxy, pluginProxy: 'http://own:1' })).toMatchObject({ proxyName: 'pluginProxy' });
  expect(logger.warn).not.toHaveBeenCalled();
  networkOf({ httpsProxy });
  expect(logger.warn).toHaveBeenCalledOnce();
  expect(JSON.stringify(logger.warn.mock.calls)).toMatch(/HTTPS_PROXY(?!.*hush)/);
});

it('refuses a proxy of plugins that is none', () => {
  expect(() => networkOf({ pluginProxy: 'http://user:hush@proxy/path' })).toThrow(/pluginProxy: expected(?!.*hush)/);
});

it('starts with a proxy of all programs that is none, and says so where a catalog is asked for by it', async () => {
  const server = await startTestServer({ httpsProxy: 'https://user:hush@proxy:3128', noProxy: 'exempt.example' });
  const { accessToken } = await signIn(server.url);
  const { body } = await callAs(accessToken, 'GET', `${server.url}/api/v1/plugin-catalog/search`);
  expect(JSON.stringify(body)).toContain('HTTPS_PROXY: expected an http URL');
  expect(JSON.stringify(body)).not.toContain('hush');
  await server.dispose();
});

it('reads the authorities of a PEM file', () => {
  const [ca = ''] = rootCertificates;
  expect(networkOf({ pluginCa: file(ca) })).toEqual({ ca });
});

it.each([
  ['a file that is not there', () => join(newFolder(), 'none.pem')],
  ['an empty file', () => file('')],
  ['what is no certificate', () => file('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')],
])('refuses %s, by file and key', (_name, pathOf) => {
  const pluginCa = pathOf();
  expect(() => networkOf({ pluginCa })).toThrow(`pluginCa: ${pluginCa}: expected a PEM`);
});

it('asks catalogs by the proxy of the configuration, and tells nobody its password', async () => {
  const asked: (string | undefined)[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url, request.headers['proxy-authorization']);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const logged: unknown[] = [];
  const log = (...entry: unknown[]): void => {
    logged.push(entry.map((each) => (each as { readonly err?: Error }).err ?? each).map(String));
  };
  const pluginPolicy = join(newFolder(), 'policy.json');
  writeFileSync(
    pluginPolicy,
    JSON.stringify({ sources: [{ name: 'hub', kind: 'artifact-hub', url: 'https://hub.example' }] }),
  );
  const server = await startTestServer(
    { pluginPolicy, pluginProxy: `http://user:hush@127.0.0.1:${String((proxy.address() as AddressInfo).port)}` },
    { debug: log, info: log, warn: log, error: log },
  );
  const { accessToken } = await signIn(server.url);
  const { body } = await callAs(accessToken, 'GET', `${server.url}/api/v1/plugin-catalog/search`);
  await vi.waitFor(() => expect(asked).toContain('hub.example:443'));
  expect(asked).toContain(`Basic ${Buffer.from('user:hush').toString('base64')}`);
  expect((body as { readonly failures: readonly object[] }).failures).toHaveLength(1);
  expect(JSON.stringify([body, logged])).not.toContain('hush');
  await server.dispose();
  proxy.close();
});
