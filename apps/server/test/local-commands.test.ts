import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findProgram } from '@fleetwire/config/services';
import { addOrganisation, fetchKubeconfig, resetPassword } from '../src/local-commands.ts';
import type { RunningServer } from '../src/start.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import { callAs, post, signIn, startTestServer, testPassword } from '../src/testing/running.ts';

const none = { cluster: undefined, user: undefined, url: undefined };
const dataDir = newFolder();
let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer({ dataDir, tlsPort: 0, demo: 'on' });
});
afterAll(() => server.dispose());

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: Record<string, string> }[];
  readonly users: readonly { readonly name: string; readonly user: { readonly token: string } }[];
  readonly contexts: readonly { readonly name: string }[];
  readonly 'current-context': string;
}

describe('fleetwire kubeconfig', () => {
  it('gives the clusters of the organisation, the TLS address, its authority and a token', async () => {
    const config = parse(await fetchKubeconfig(dataDir, none)) as Kubeconfig;
    expect(config.clusters).toEqual([
      {
        name: 'demo',
        cluster: {
          server: `${server.tlsUrl ?? ''}/clusters/demo`,
          'certificate-authority-data': readFileSync(join(dataDir, 'tls', 'ca.crt')).toString('base64'),
        },
      },
    ]);
    expect(config['current-context']).toBe('demo');
    const [user] = config.users;
    expect(user?.name).toBe('fleetwire-admin');
    const { token } = user?.user ?? { token: '' };
    expect((await callAs(token, 'GET', `${server.url}/api/v1/me`)).body).toMatchObject({ user: { username: 'admin' } });
    const audit = await callAs((await signIn(server.url)).accessToken, 'GET', `${server.url}/api/v1/audit`);
    expect(JSON.stringify(audit.body)).toContain('fleetwire kubeconfig');
    expect(JSON.stringify(audit.body)).not.toContain(token);
  });

  it.skipIf(findProgram('kubectl') === undefined)('is one that kubectl reads and verifies', async () => {
    const path = join(newFolder(), 'config');
    writeFileSync(path, await fetchKubeconfig(dataDir, { ...none, cluster: 'demo' }));
    const { stdout } = await promisify(execFile)('kubectl', ['--kubeconfig', path, 'get', 'namespaces', '-o', 'name'], {
      env: { PATH: process.env['PATH'], HOME: newFolder() },
    });
    expect(stdout).toContain('namespace/default');
  });

  it('takes another address, whose authority the machine knows', async () => {
    const config = parse(await fetchKubeconfig(dataDir, { ...none, url: 'https://fleet.example/' })) as Kubeconfig;
    expect(config.clusters[0]?.cluster).toEqual({ server: 'https://fleet.example/clusters/demo' });
  });

  it('says what it does not find, and that kubectl needs TLS', async () => {
    await expect(fetchKubeconfig(dataDir, { ...none, cluster: 'none' })).rejects.toThrow(
      'the organisation of admin does not have a cluster "none"',
    );
    await expect(fetchKubeconfig(dataDir, { ...none, user: 'nobody' })).rejects.toThrow('there is no user "nobody"');
    await expect(fetchKubeconfig(dataDir, { ...none, url: 'http://fleet.example' })).rejects.toThrow(/^url: /);
    const folder = newFolder();
    const plain = await startTestServer({ dataDir: folder, demo: 'on' });
    await expect(fetchKubeconfig(folder, none)).rejects.toThrow(/kubectl needs TLS/);
    await plain.dispose();
    await expect(fetchKubeconfig(folder, none)).rejects.toThrow(/no server runs with the data folder/);
  });

  it('is for those alone who read the data folder', async () => {
    const path = join(dataDir, 'local-admin.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { secret } = JSON.parse(readFileSync(path, 'utf8')) as { readonly secret: string };
    const call = (headers: Record<string, string>) => post(`${server.url}/api/v1/local/kubeconfig`, {}, headers);
    expect((await call({})).status).toBe(401);
    expect((await call({ authorization: `Bearer ${secret}x` })).status).toBe(401);
    expect((await call({ authorization: `Bearer ${(await signIn(server.url)).accessToken}` })).status).toBe(401);
    expect((await call({ authorization: `Bearer ${secret}`, origin: server.url })).status).toBe(401);
    expect((await call({ authorization: `Bearer ${secret}` })).status).toBe(200);
  });
});

describe('fleetwire org add', () => {
  it('adds an organisation with its administrator, who sees nothing of the others', async () => {
    const password = await addOrganisation(dataDir, 'team', { username: 'tina', isExistingUser: false });
    const { accessToken } = await signIn(server.url, 'tina', password);
    const users = await callAs(accessToken, 'GET', `${server.url}/api/v1/users`);
    expect(users.body).toMatchObject({ items: [{ username: 'tina', role: 'admin' }] });
    const clusters = async (token: string) => (await callAs(token, 'GET', `${server.url}/api/v1/clusters`)).body;
    expect(await clusters(accessToken)).toEqual({ items: [] });
    expect(await clusters((await signIn(server.url)).accessToken)).toMatchObject({
      items: [{ key: 'demo', version: expect.any(Number) as number, value: { name: 'demo', isDemo: true } }],
    });
    await expect(fetchKubeconfig(dataDir, { ...none, user: 'tina' })).rejects.toThrow(/does not have any cluster/);
  });

  it('makes a user of another organisation its administrator, who signs in to either by name', async () => {
    expect(await addOrganisation(dataDir, 'crew', { username: 'admin', isExistingUser: true })).toBeUndefined();
    const body = { username: 'admin', password: testPassword, organisation: 'crew' };
    const login = await callAs(undefined, 'POST', `${server.url}/api/v1/auth/login`, body);
    const { accessToken } = login.body as { readonly accessToken: string };
    expect((await callAs(accessToken, 'GET', `${server.url}/api/v1/me`)).body).toMatchObject({
      organisation: { name: 'crew' },
      role: 'admin',
    });
    expect((await callAs(accessToken, 'GET', `${server.url}/api/v1/organisations`)).body).toMatchObject({
      items: [{ name: 'default' }, { name: 'crew' }],
    });
    const wrong = { ...body, organisation: 'team' };
    expect((await callAs(undefined, 'POST', `${server.url}/api/v1/auth/login`, wrong)).status).toBe(401);
    // Nor may an administrator of the one set the password that opens the other.
    const me = await callAs(accessToken, 'GET', `${server.url}/api/v1/me`);
    const { id } = (me.body as { readonly user: { readonly id: string } }).user;
    const set = await callAs(accessToken, 'PUT', `${server.url}/api/v1/users/${id}/password`, {
      password: 'taken over by me',
    });
    expect(set.status).toBe(403);
  });

  it('refuses names that are taken, and takes no user for a new one', async () => {
    const add = (name: string, username: string, isExistingUser: boolean) =>
      addOrganisation(dataDir, name, { username, isExistingUser });
    await expect(add('default', 'tom', false)).rejects.toThrow('the name default is taken');
    await expect(add('club', 'admin', false)).rejects.toThrow('the name admin is taken');
    await expect(add('club', 'tom', true)).rejects.toThrow('there is no user "tom"');
  });
});

describe('fleetwire user password', () => {
  it('lets somebody in again whose password is lost, and nobody who had it', async () => {
    const first = await addOrganisation(dataDir, 'lost', { username: 'lena', isExistingUser: false });
    const { accessToken } = await signIn(server.url, 'lena', first);
    const made = await callAs(accessToken, 'POST', `${server.url}/api/v1/tokens`, { name: 'ci' });
    const { token } = made.body as { readonly token: string };
    const second = await resetPassword(dataDir, 'lena');
    for (const each of [accessToken, token])
      expect((await callAs(each, 'GET', `${server.url}/api/v1/me`)).status).toBe(401);
    await expect(signIn(server.url, 'lena', first)).rejects.toThrow(/wrong/);
    expect((await signIn(server.url, 'lena', second)).accessToken).toBeDefined();
    await expect(resetPassword(dataDir, 'nobody')).rejects.toThrow('there is no user "nobody"');
  });
});
