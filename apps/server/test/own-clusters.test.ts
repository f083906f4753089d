import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Config } from '../src/config/schema.ts';
import { addOrganisation, fetchKubeconfig } from '../src/local-commands.ts';
import type { RunningServer } from '../src/start.ts';
import { hasPostgres, newPostgresDatabase } from '../src/testing/databases.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import { callAs, signIn, startTestServer } from '../src/testing/running.ts';
import { startSecureCluster, type SecureCluster } from '../src/testing/secure-cluster.ts';

// Clusters that users bring, from the kubeconfig that is sent to the API that is dialled, and all that must not see them.

const secret = 'hush-hush-hush';
const podsPath = '/api/v1/namespaces/default/pods';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Item {
  readonly id: string;
  readonly name: string;
  readonly server?: string;
  readonly problem?: string;
}

async function startCluster(): Promise<SecureCluster> {
  const cluster = await startSecureCluster(secret);
  undo.push(() => cluster.api.dispose());
  return cluster;
}

/** A server that lets users have clusters on loopback, and what it logs. */
async function start(config: Partial<Config> = {}): Promise<{ server: RunningServer; dataDir: string; log: string[] }> {
  const dataDir = config.dataDir ?? newFolder();
  const log: string[] = [];
  const write = (fields: object, message: string): void => {
    const err: unknown = 'err' in fields ? fields.err : undefined;
    log.push(JSON.stringify([message, fields, err instanceof Error ? [err.stack, err.cause] : undefined]));
  };
  const logger = { debug: write, info: write, warn: write, error: write };
  const server = await startTestServer({ ownClusterNetworks: ['loopback'], ...config, dataDir }, logger);
  undo.push(() => server.dispose());
  return { server, dataDir, log };
}

async function addMember(
  server: RunningServer,
  username: string,
  role = 'viewer',
): Promise<{ id: string; token: string }> {
  const admin = (await signIn(server.url)).accessToken;
  const password = 'another password';
  const { body } = await callAs(admin, 'POST', `${server.url}/api/v1/users`, { username, password, role });
  return {
    id: (body as { readonly id: string }).id,
    token: (await signIn(server.url, username, password)).accessToken,
  };
}

const own = (server: RunningServer, id = '') => `${server.url}/api/v1/me/clusters${id === '' ? '' : `/${id}`}`;

async function add(
  server: RunningServer,
  token: string,
  kubeconfig: string,
  contexts?: object[],
): Promise<readonly Item[]> {
  const { status, body } = await callAs(token, 'POST', own(server), { kubeconfig, contexts });
  expect([status, body]).toEqual([201, body]);
  return (body as { readonly items: readonly Item[] }).items;
}

async function list(server: RunningServer, token: string): Promise<readonly Item[]> {
  return ((await callAs(token, 'GET', own(server))).body as { readonly items: readonly Item[] }).items;
}

async function names(server: RunningServer, token: string): Promise<readonly string[]> {
  const { body } = await callAs(token, 'GET', `${server.url}/api/v1/clusters`);
  return (body as { readonly items: readonly { readonly key: string }[] }).items.map(({ key }) => key);
}

const ask = (server: RunningServer, token: string, cluster: string, path = podsPath) =>
  callAs(token, 'GET', `${server.url}/clusters/${encodeURIComponent(cluster)}${path}`);

function createPod(cluster: SecureCluster, name: string): void {
  const spec = { containers: [{ name: 'main', image: 'x' }] };
  cluster.api.store.create({ group: '', version: 'v1', resource: 'pods' }, 'default', { metadata: { name }, spec });
}

/** A connection to the socket that collects what comes. */
async function openSocket(server: RunningServer, token: string) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`, 'fleetwire.v1');
  undo.push(() => {
    socket.terminate();
  });
  const frames: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Record<string, unknown>));
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send(JSON.stringify({ type: 'hello', protocol: 1, token, peer: { name: 'test', version: '1' } }));
  await vi.waitFor(() => expect(frames[0]?.['type']).toBe('welcome'));
  let id = 0;
  return {
    frames,
    async subscribe(item: object): Promise<string | undefined> {
      id += 1;
      const asked = id;
      socket.send(JSON.stringify({ type: 'request', id: asked, method: 'subscribe', params: { items: [item] } }));
      const response = await vi.waitFor(
        () =>
          frames.find((frame) => frame['type'] === 'response' && frame['id'] === asked) ??
          Promise.reject(new Error(JSON.stringify(frames))),
        10_000,
      );
      const { items } = response['result'] as {
        readonly items: readonly { readonly error?: { readonly code: string } }[];
      };
      return items[0]?.error?.code;
    },
  };
}

describe('a cluster of a user', () => {
  it('is listed, asked and watched by its owner, and is not there for anybody else', async () => {
    const cluster = await startCluster();
    const { server, dataDir } = await start();
    const anna = await addMember(server, 'anna', 'operator');
    const bert = await addMember(server, 'bert', 'operator');
    const admin = { token: (await signIn(server.url)).accessToken };
    const password = await addOrganisation(dataDir, 'crew', { username: 'carl', isExistingUser: false });
    const carl = { token: (await signIn(server.url, 'carl', password)).accessToken };
    const [item] = await add(server, anna.token, cluster.kubeconfig('prod'));
    expect(item).toEqual({
      id: expect.any(String) as string,
      name: 'prod',
      server: cluster.url,
      namespace: 'default',
      createdAt: expect.any(Number) as number,
    });
    const { id = '' } = item ?? {};

    expect(await names(server, anna.token)).toEqual(['prod']);
    expect((await callAs(anna.token, 'GET', own(server))).body).toEqual({ isEnabled: true, items: [item] });
    const pods = await ask(server, anna.token, 'prod');
    expect(pods).toMatchObject({ status: 200, body: { kind: 'PodList' } });
    const since = (pods.body as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion;
    const socket = await openSocket(server, anna.token);
    const watch = { channel: 'kube/prod', params: { path: podsPath }, since };
    expect(await socket.subscribe(watch)).toBeUndefined();
    expect(await socket.subscribe({ channel: 'clusters' })).toBeUndefined();
    createPod(cluster, 'fresh');
    await vi.waitFor(() => expect(JSON.stringify(socket.frames)).toContain('"fresh"'), 10_000);
    await vi.waitFor(() => expect(JSON.stringify(socket.frames)).toContain('"isOwn":true'), 10_000);

    const seen = cluster.api.stats.requests.length;
    for (const { token } of [bert, admin, carl]) {
      expect(await names(server, token)).toEqual([]);
      expect(await list(server, token)).toEqual([]);
      expect((await ask(server, token, 'prod')).status).toBe(404);
      expect((await ask(server, token, 'prod', '/version')).status).toBe(404);
      const other = await openSocket(server, token);
      expect(await other.subscribe(watch)).toBe('UNKNOWN_CHANNEL');
      expect(await other.subscribe({ channel: 'clusters' })).toBeUndefined();
      await other.subscribe({ channel: 'server/health' });
      expect(JSON.stringify(other.frames)).not.toMatch(/"(?:key|name)":"prod"|isOwn/);
      expect((await callAs(token, 'PATCH', own(server, id), { name: 'mine' })).status).toBe(404);
      expect((await callAs(token, 'DELETE', own(server, id))).status).toBe(404);
    }
    expect(cluster.api.stats.requests.length).toBe(seen);
    expect(await list(server, anna.token)).toEqual([item]);
  });

  it('may have a name that another user gave, and each reaches its own', async () => {
    const [first, second] = [await startCluster(), await startCluster()];
    const { server } = await start();
    const [anna, bert] = [await addMember(server, 'anna'), await addMember(server, 'bert')];
    await add(server, anna.token, first.kubeconfig('prod'));
    await add(server, bert.token, second.kubeconfig('prod'));
    createPod(first, 'of-anna');
    expect(JSON.stringify((await ask(server, anna.token, 'prod')).body)).toContain('of-anna');
    expect(JSON.stringify((await ask(server, bert.token, 'prod')).body)).not.toContain('of-anna');
  });

  it('allows what the role of its owner allows, and no more', async () => {
    const cluster = await startCluster();
    const { server } = await start();
    const anna = await addMember(server, 'anna', 'viewer');
    await add(server, anna.token, cluster.kubeconfig('prod'));
    expect((await ask(server, anna.token, 'prod', '/api/v1/namespaces/default/secrets')).status).toBe(403);
    const removal = await callAs(anna.token, 'DELETE', `${server.url}/clusters/prod${podsPath}/none`);
    expect(removal.status).toBe(403);
  });

  it('ends for good when its owner leaves, with what runs on it', async () => {
    const cluster = await startCluster();
    const { server } = await start();
    const anna = await addMember(server, 'anna');
    await add(server, anna.token, cluster.kubeconfig('prod'));
    const headers = { authorization: `Bearer ${anna.token}` };
    const response = await fetch(`${server.url}/clusters/prod${podsPath}?watch=1`, { headers });
    const ended = response.text().catch((error: unknown) => error);
    await vi.waitFor(() => expect(cluster.api.stats.openWatches).toBe(1));
    const admin = (await signIn(server.url)).accessToken;
    expect((await callAs(admin, 'DELETE', `${server.url}/api/v1/users/${anna.id}`)).status).toBe(204);
    await ended;
    await vi.waitFor(() => expect(cluster.api.stats.openWatches).toBe(0));
    expect((await ask(server, anna.token, 'prod')).status).toBe(401);
    // Whoever comes under the same name is somebody else.
    const again = await addMember(server, 'anna');
    expect(await list(server, again.token)).toEqual([]);
    expect((await ask(server, again.token, 'prod')).status).toBe(404);
  });

  it('is renamed and removed at once, with its watches, and told in the audit log', async () => {
    const cluster = await startCluster();
    const { server } = await start();
    const anna = await addMember(server, 'anna');
    const [item] = await add(server, anna.token, cluster.kubeconfig('ctx'), [{ context: 'ctx', name: 'prod' }]);
    const { id = '' } = item ?? {};
    expect(item?.name).toBe('prod');
    const socket = await openSocket(server, anna.token);
    const { body } = await ask(server, anna.token, 'prod');
    const since = (body as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion;
    await socket.subscribe({ channel: 'kube/prod', params: { path: podsPath }, since });
    await vi.waitFor(() => expect(cluster.api.stats.openWatches).toBe(1));
    for (const name of ['', 'a/b', 'a,b', '.', '..', ' a', 'a\u0000', 'x'.repeat(254), 'ü'.repeat(200), 7, undefined])
      expect(await callAs(anna.token, 'PATCH', own(server, id), { name })).toMatchObject({
        status: 400,
        body: { code: 'BAD_REQUEST', detail: expect.stringMatching(/^name: /) as string },
      });
    expect(await callAs(anna.token, 'PATCH', own(server, id), { name: 'stage' })).toMatchObject({
      status: 200,
      body: { id, name: 'stage', server: cluster.url },
    });
    await vi.waitFor(() => expect(cluster.api.stats.openWatches).toBe(0));
    expect((await ask(server, anna.token, 'prod')).status).toBe(404);
    expect((await ask(server, anna.token, 'stage')).status).toBe(200);
    expect((await callAs(anna.token, 'DELETE', own(server, id))).status).toBe(204);
    expect((await ask(server, anna.token, 'stage')).status).toBe(404);
    expect((await callAs(anna.token, 'DELETE', own(server, id))).status).toBe(404);
    const audit = await callAs((await signIn(server.url)).accessToken, 'GET', `${server.url}/api/v1/audit`);
    const { items } = audit.body as { readonly items: readonly { readonly action: string }[] };
    expect(items.filter(({ action }) => action.startsWith('cluster.'))).toMatchObject([
      { username: 'anna', action: 'cluster.remove', target: 'stage', detail: { id } },
      { username: 'anna', action: 'cluster.rename', target: 'prod', detail: { id, to: 'stage' } },
      { username: 'anna', action: 'cluster.add', target: 'prod', detail: { id, server: cluster.url } },
    ]);
  });

  it('is neither added, renamed nor removed when the audit entry of it cannot be written', async () => {
    const cluster = await startCluster();
    const { server, dataDir } = await start();
    const { accessToken } = await signIn(server.url);
    const items = await add(server, accessToken, cluster.kubeconfig('prod'));
    const database = new DatabaseSync(join(dataDir, 'fleetwire.db'));
    database.exec("create trigger full before insert on audit begin select raise(abort, 'the disk is full'); end");
    const id = items[0]?.id;
    for (const answer of [
      await callAs(accessToken, 'POST', own(server), { kubeconfig: cluster.kubeconfig('more') }),
      await callAs(accessToken, 'PATCH', own(server, id), { name: 'other' }),
      await callAs(accessToken, 'DELETE', own(server, id)),
    ])
      expect(answer.status).toBe(500);
    database.exec('drop trigger full');
    database.close();
    expect(await list(server, accessToken)).toEqual(items);
    expect(await names(server, accessToken)).toEqual(['prod']);
  });

  it('is in the kubeconfig of its owner alone', async () => {
    const cluster = await startCluster();
    const { server, dataDir } = await start();
    await addMember(server, 'bert');
    await add(server, (await addMember(server, 'anna')).token, cluster.kubeconfig('prod'));
    const of = (user: string) => fetchKubeconfig(dataDir, { cluster: undefined, user, url: 'https://x.example' });
    expect(await of('anna')).toContain('/clusters/prod');
    await expect(of('bert')).rejects.toThrow(/does not have any cluster/);
  });

  it('waits, hidden, while the organisation has one of its name', async () => {
    const cluster = await startCluster();
    const dataDir = newFolder();
    const first = await start({ dataDir });
    const [item] = await add(first.server, (await addMember(first.server, 'anna')).token, cluster.kubeconfig('east'));
    await first.server.dispose();
    const path = join(newFolder(), 'config');
    const east = {
      clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:1' } }],
      users: [{ name: 'u', user: {} }],
    };
    writeFileSync(
      path,
      JSON.stringify({ ...east, contexts: [{ name: 'east', context: { cluster: 'c', user: 'u' } }] }),
    );
    const { server } = await start({ dataDir, kubeconfig: [path] });
    const { accessToken } = await signIn(server.url, 'anna', 'another password');
    expect(await names(server, accessToken)).toEqual(['east']);
    const { body } = await callAs(accessToken, 'GET', `${server.url}/api/v1/clusters`);
    expect(JSON.stringify(body)).not.toContain('isOwn');
    expect(await list(server, accessToken)).toMatchObject([{ name: 'east', problem: /organisation has a cluster/ }]);
    expect((await ask(server, accessToken, 'east')).status).not.toBe(200);
    const taken = {
      status: 409,
      body: { code: 'CONFLICT', detail: '"east": the organisation has a cluster of this name' },
    };
    expect(await callAs(accessToken, 'POST', own(server), { kubeconfig: cluster.kubeconfig('east') })).toMatchObject(
      taken,
    );
    expect(await callAs(accessToken, 'PATCH', own(server, item?.id), { name: 'east' })).toMatchObject(taken);
    expect((await callAs(accessToken, 'PATCH', own(server, item?.id), { name: 'west' })).status).toBe(200);
    expect((await ask(server, accessToken, 'west')).status).toBe(200);
  });
});

describe('the credentials of a cluster', () => {
  it('are nowhere but under the key: not in the database, the logs, the audit and the answers', async () => {
    const cluster = await startCluster();
    const { server, dataDir, log } = await start();
    const anna = await addMember(server, 'anna');
    const answers = [await callAs(anna.token, 'POST', own(server), { kubeconfig: cluster.kubeconfig('prod') })];
    for (const path of ['me/clusters', 'clusters', 'server/events'])
      answers.push(await callAs(anna.token, 'GET', `${server.url}/api/v1/${path}`));
    // What goes wrong is told without them, too.
    for (const kubeconfig of [
      `a: [${secret}`,
      `a: ${secret}\n---\nb: 1`,
      cluster.kubeconfig('prod'),
      cluster.kubeconfig('x').replace(cluster.url, `https://${secret}@127.0.0.1`),
      cluster.kubeconfig('x').replace('"token":', '"tokenFile":'),
      cluster.kubeconfig('x').replace(`"${secret}"`, `"${secret} ${secret}"`),
      cluster.kubeconfig('x').replace('"token":', '"client-key-data":'),
    ]) {
      const answer = await callAs(anna.token, 'POST', own(server), { kubeconfig });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      answers.push(answer);
    }
    await ask(server, anna.token, 'prod');
    cluster.api.faults.add({ kind: 'status', code: 401 }, {});
    answers.push(await ask(server, anna.token, 'prod'));
    await cluster.api.close();
    answers.push(await ask(server, anna.token, 'prod'));
    answers.push(await callAs((await signIn(server.url)).accessToken, 'GET', `${server.url}/api/v1/audit`));
    expect(JSON.stringify(answers)).not.toContain(secret);
    expect(log.join('\n')).not.toContain(secret);
    const encoded = [secret, Buffer.from(secret).toString('base64'), Buffer.from(`"${secret}"`).toString('base64url')];
    const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(dataDir, name)).isFile(),
    );
    expect(files).toContain('fleetwire.db-wal');
    for (const name of files)
      for (const text of encoded)
        expect([name, readFileSync(join(dataDir, name)).includes(text)]).toEqual([name, false]);
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
  });

  describe.each([
    { kind: 'SQLite', isPresent: true, url: () => Promise.resolve(undefined) },
    { kind: 'PostgreSQL', isPresent: hasPostgres, url: newPostgresDatabase },
  ])('on $kind', ({ isPresent, url }) => {
    it.skipIf(!isPresent)('outlive a restart, are unusable without the key, and usable again with it', async () => {
      const cluster = await startCluster();
      const databaseUrl = await url();
      const dataDir = newFolder();
      const restart = async (config: Partial<Config>) => {
        const { server, log } = await start({ databaseUrl, dataDir, ...config });
        const { accessToken } = await signIn(server.url);
        return { server, log, accessToken };
      };
      const first = await restart({});
      const [item] = await add(first.server, first.accessToken, cluster.kubeconfig('prod'));
      expect(first.log.some((line) => line.includes('FLEETWIRE_SECRET_KEY is not set'))).toBe(
        databaseUrl !== undefined,
      );
      await first.server.dispose();

      const second = await restart({});
      expect(await list(second.server, second.accessToken)).toEqual([item]);
      expect((await ask(second.server, second.accessToken, 'prod')).status).toBe(200);
      await second.server.dispose();

      const third = await restart({ secretKey: new Uint8Array(32).fill(1) });
      expect(third.log.some((line) => line.includes('FLEETWIRE_SECRET_KEY is not set'))).toBe(false);
      const [closed] = await list(third.server, third.accessToken);
      expect(closed).toEqual({
        id: item?.id,
        name: 'prod',
        createdAt: expect.any(Number) as number,
        problem: expect.stringMatching(/another key .* \(secretKey, or secret\.key/) as string,
      });
      expect((await ask(third.server, third.accessToken, 'prod')).status).toBeGreaterThanOrEqual(400);
      expect(await names(third.server, third.accessToken)).toEqual(['prod']);
      await third.server.dispose();

      const fourth = await restart({ secretKey: readKey(dataDir) });
      expect((await ask(fourth.server, fourth.accessToken, 'prod')).status).toBe(200);
      await fourth.server.dispose();

      writeFileSync(join(dataDir, 'secret.key'), 'damaged');
      await expect(start({ databaseUrl, dataDir })).rejects.toThrow(/secret\.key is damaged/);
      rmSync(join(dataDir, 'secret.key'));
      const fifth = await restart({});
      expect(await list(fifth.server, fifth.accessToken)).toMatchObject([{ problem: /another key/ }]);
      expect((await callAs(fifth.accessToken, 'DELETE', own(fifth.server, item?.id))).status).toBe(204);
    });
  });
});

function readKey(dataDir: string): Uint8Array {
  return Buffer.from(readFileSync(join(dataDir, 'secret.key'), 'utf8').trim(), 'base64url');
}

describe('the networks that the operator allows', () => {
  it.each([
    [['public'], '127.0.0.1'],
    [['public', 'private'], '127.0.0.1'],
    [['public', 'private'], 'localhost'],
    [['127.0.0.2/32', '::2/128'], 'localhost'],
  ])('being %j, nothing at %s is added, or dialled', async (ownClusterNetworks, host) => {
    const cluster = await startCluster();
    const { server } = await start({ ownClusterNetworks });
    const { accessToken } = await signIn(server.url);
    const kubeconfig = cluster.kubeconfig('prod').replace('127.0.0.1', host);
    expect(await callAs(accessToken, 'POST', own(server), { kubeconfig })).toMatchObject({
      status: 403,
      body: {
        code: 'ADDRESS_NOT_ALLOWED',
        detail: expect.stringMatching(/^"prod": .*\(ownClusterNetworks\)$/) as string,
      },
    });
    expect(cluster.api.stats.requests).toEqual([]);
  });

  it('may change: what was added before is not dialled any more', async () => {
    const cluster = await startCluster();
    const dataDir = newFolder();
    const first = await start({ dataDir });
    const { accessToken } = await signIn(first.server.url);
    await add(first.server, accessToken, cluster.kubeconfig('address'));
    await add(first.server, accessToken, cluster.kubeconfig('name').replace('127.0.0.1', 'localhost'));
    for (const name of ['address', 'name']) expect((await ask(first.server, accessToken, name)).status).toBe(200);
    await first.server.dispose();

    cluster.api.stats.reset();
    const second = await start({ dataDir, ownClusterNetworks: ['public'] });
    const token = (await signIn(second.server.url)).accessToken;
    expect(await list(second.server, token)).toMatchObject([
      { name: 'address', server: cluster.url, problem: /no network that is allowed.*\(ownClusterNetworks\)/ },
      { name: 'name' },
    ]);
    for (const name of ['address', 'name']) {
      const answer = await ask(second.server, token, name);
      expect([name, answer.status >= 500, JSON.stringify(answer.body)]).toEqual([
        name,
        true,
        expect.stringContaining('network') as string,
      ]);
    }
    await second.server.dispose();

    const third = await start({ dataDir, ownClusterNetworks: [] });
    const last = (await signIn(third.server.url)).accessToken;
    const { body } = await callAs(last, 'GET', own(third.server));
    expect(body).toMatchObject({ isEnabled: false, items: [{ problem: /no clusters of their own/ }, {}] });
    expect((await ask(third.server, last, 'address')).status).toBeGreaterThanOrEqual(500);
    expect(await callAs(last, 'POST', own(third.server), { kubeconfig: cluster.kubeconfig('x') })).toMatchObject({
      status: 403,
      body: { code: 'OWN_CLUSTERS_OFF', detail: expect.stringContaining('ownClusterNetworks') as string },
    });
    expect(cluster.api.stats.requests).toEqual([]);
  });
});

describe('a kubeconfig that is sent', () => {
  it('becomes clusters for all of its contexts, or for those that are named, all or none', async () => {
    const cluster = await startCluster();
    const { server } = await start();
    const { accessToken } = await signIn(server.url);
    const both = await add(server, accessToken, cluster.kubeconfig('a', 'b'));
    expect(both.map(({ name }) => name)).toEqual(['a', 'b']);
    await add(server, accessToken, cluster.kubeconfig('x', 'team/y', 'z'), [{ context: 'team/y', name: 'c' }]);
    const half = { kubeconfig: cluster.kubeconfig('d', 'a') };
    expect(await callAs(accessToken, 'POST', own(server), half)).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', detail: '"a": you have a cluster of this name' },
    });
    const broken = JSON.parse(cluster.kubeconfig('d', 'e')) as { contexts: { context: { user: string } }[] };
    if (broken.contexts[1] !== undefined) broken.contexts[1].context.user = 'nobody';
    expect((await callAs(accessToken, 'POST', own(server), { kubeconfig: JSON.stringify(broken) })).status).toBe(400);
    expect((await list(server, accessToken)).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(await callAs(accessToken, 'PATCH', own(server, both[0]?.id), { name: 'b' })).toMatchObject({ status: 409 });
    const many = Array.from({ length: 18 }, (_, index) => `m${String(index)}`);
    expect(await callAs(accessToken, 'POST', own(server), { kubeconfig: cluster.kubeconfig(...many) })).toMatchObject({
      status: 409,
      body: { detail: 'expected at most 20 clusters: remove one first' },
    });
    await add(server, accessToken, cluster.kubeconfig(...many.slice(1)));
    expect(await list(server, accessToken)).toHaveLength(20);
  });

  it('is refused by name and field when anything is wrong with it', async () => {
    const cluster = await startCluster();
    const { server } = await start();
    const tokens = [
      (await signIn(server.url)).accessToken,
      (await addMember(server, 'anna')).token,
      (await addMember(server, 'bert')).token,
    ];
    const good = cluster.kubeconfig('prod');
    const withUser = (user: object) => good.replace(`{"token":"${secret}"}`, JSON.stringify(user));
    const withCluster = (fields: object) =>
      good.replace('"server":', `${JSON.stringify(fields).slice(1, -1)},"server":`);
    const rows: readonly (readonly [body: unknown, detail: RegExp])[] = [
      [undefined, /the body/],
      [{}, /^kubeconfig: /],
      [{ kubeconfig: '' }, /^kubeconfig: expected 1 to 262144 bytes/],
      [{ kubeconfig: { length: { valueOf: 1 } } }, /^kubeconfig: /],
      [{ kubeconfig: 'x'.repeat(262_145) }, /^kubeconfig: expected 1 to 262144 bytes/],
      [{ kubeconfig: 'ü'.repeat(131_073) }, /^kubeconfig: expected 1 to 262144 bytes/],
      [{ kubeconfig: 'a: [' }, /^kubeconfig: line 1: expected YAML or JSON/],
      [{ kubeconfig: `${good}\n---\n${good}` }, /^kubeconfig: line 2: expected one document/],
      [{ kubeconfig: 'a: &a [1]\nb: [*a, *a]' }, /^kubeconfig: line 2: expected no alias/],
      [{ kubeconfig: 'contexts: []\ncontexts: []' }, /^kubeconfig: line 2: expected each key once/],
      [{ kubeconfig: 'hello' }, /expected a kubeconfig/],
      [{ kubeconfig: 'contexts: []' }, /^contexts: expected at least one/],
      [{ kubeconfig: good, contexts: [] }, /^contexts: expected 1 to 20 contexts/],
      [{ kubeconfig: good, contexts: [{}] }, /^contexts\.0\.context: /],
      [{ kubeconfig: good, contexts: [{ context: 'none' }, { context: 'no' }] }, /got "none"; contexts: .* got "no"$/],
      [{ kubeconfig: good, contexts: [{ context: 'prod' }, { context: 'prod' }] }, /twice/],
      [{ kubeconfig: good, contexts: [{ context: 'prod', name: 'a/b' }] }, /^"a\/b": expected a name without slashes/],
      [{ kubeconfig: good, contexts: [{ context: 'prod', name: '..' }] }, /\.\./],
      [{ kubeconfig: good, contexts: [{ context: 'prod', name: 'a\u0007' }] }, /control characters/],
      [
        { kubeconfig: good, contexts: [{ context: 'prod', name: 'x'.repeat(254) }] },
        /^contexts\.0\.name: expected 1 to 253/,
      ],
      [{ kubeconfig: good.replace('https:', 'http:') }, /"prod".*server: expected an https URL/],
      [{ kubeconfig: withCluster({ 'proxy-url': 'http://p' }) }, /"prod".*proxy-url is not allowed/],
      [{ kubeconfig: withCluster({ 'certificate-authority': '/etc/passwd' }) }, /"prod".*certificate-authority is not/],
      [{ kubeconfig: withUser({ tokenFile: '/etc/passwd' }) }, /"prod".*"u".*tokenFile is not allowed/],
      [{ kubeconfig: withUser({ exec: { command: 'sh' } }) }, /exec is not allowed/],
      [{ kubeconfig: withUser({ 'auth-provider': { name: 'gcp' } }) }, /auth-provider is not allowed/],
      [
        { kubeconfig: withUser({ 'client-key': 'k', 'client-certificate': 'c' }) },
        /client-key.*client-certificate|client-certificate.*client-key/,
      ],
      [{ kubeconfig: withUser({ token: 'x', as: 'admin', 'as-groups': ['g'] }) }, /as is not.*as-groups is not/],
      [{ kubeconfig: withUser({ username: 'x' }) }, /username|password/],
    ];
    for (const [index, [body, detail]] of rows.entries()) {
      const answer = await callAs(tokens[index % tokens.length], 'POST', own(server), body);
      const shown = JSON.stringify(body)?.slice(0, 200);
      expect([shown, answer.status, answer.body]).toEqual([
        shown,
        400,
        expect.objectContaining({ detail: expect.stringMatching(detail) as string }),
      ]);
    }
    for (const token of tokens) expect(await list(server, token)).toEqual([]);
    expect(cluster.api.stats.requests).toEqual([]);
  });

  it('is not taken from a personal token, which may use what is there', async () => {
    const cluster = await startCluster();
    const { server } = await start();
    const anna = await addMember(server, 'anna');
    const [item] = await add(server, anna.token, cluster.kubeconfig('prod'));
    const made = await callAs(anna.token, 'POST', `${server.url}/api/v1/tokens`, { name: 'script' });
    const { token } = made.body as { readonly token: string };
    expect((await callAs(token, 'POST', own(server), { kubeconfig: cluster.kubeconfig('x') })).status).toBe(403);
    expect((await callAs(token, 'PATCH', own(server, item?.id), { name: 'x' })).status).toBe(403);
    expect((await callAs(token, 'DELETE', own(server, item?.id))).status).toBe(403);
    expect(await list(server, token)).toEqual([item]);
    expect((await ask(server, token, 'prod')).status).toBe(200);
  });

  it('is not read again and again', async () => {
    const { server } = await start();
    const { accessToken } = await signIn(server.url);
    const send = () => callAs(accessToken, 'POST', own(server), { kubeconfig: 'hello' });
    for (let count = 0; count < 20; count += 1) expect((await send()).status).toBe(400);
    expect(await send()).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    const other = await addMember(server, 'anna');
    expect((await callAs(other.token, 'POST', own(server), { kubeconfig: 'hello' })).status).toBe(400);
  });
});
