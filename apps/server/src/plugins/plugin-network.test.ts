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
const networkOf = (given: Partial<Parameters<typeof readPluginNetwork>[0]>) => readPluginNetwork({ ...none, ...given });

it('goes by the proxy of all programs where plugins have none of their own, but for its exceptions', () => {
  const ofAll = { httpsProxy: 'proxy:3128', noProxy: '.example' };
  expect(networkOf({})).toEqual({});
  expect(networkOf(ofAll)).toEqual({
    ...{ proxy: 'http://proxy:3128/', proxyName: 'HTTPS_PROXY', noProxy: '.example' },
  });
  const own = { proxy: 'http://own:1', proxyName: 'pluginProxy' };
  expect(networkOf({ ...ofAll, pluginProxy: 'http://own:1' })).toEqual(own);
});

it('refuses a proxy of all programs that is none, by its name and without its password, unless it is not used', () => {
  const httpsProxy = 'socks5://user:hush@proxy:1080';
  expect(() => networkOf({ httpsProxy })).toThrow(/^HTTPS_PROXY \(or https_proxy\): expected an http URL(?!.*hush)/);
  expect(networkOf({ httpsProxy, noProxy: '*' })).toEqual({});
  expect(networkOf({ httpsProxy, pluginProxy: 'http://own:1' })).toMatchObject({ proxyName: 'pluginProxy' });
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
