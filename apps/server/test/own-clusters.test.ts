import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { addOrganisation, fetchKubeconfig } from '../src/local-commands.ts';
import { newFolder } from '../src/testing/new-folder.ts';
import {
  add,
  addMember,
  ask,
  createPod,
  list,
  names,
  openSocket,
  own,
  podsPath,
  start,
  startCluster,
} from '../src/testing/own-clusters.ts';
import { callAs, signIn } from '../src/testing/running.ts';

// Clusters that users bring, from the kubeconfig that is sent to the API that is dialled, and all that must not see them.

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
    await vi.waitFor(() => expect(JSON.stringify(socket.frames)).toContain('"fresh"'));
    await vi.waitFor(() => expect(JSON.stringify(socket.frames)).toContain('"isOwn":true'));

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

  it('may not lead back to the server that has it, by HTTP or by a WebSocket', async () => {
    const { server, dataDir } = await start({ tlsPort: 0 });
    const { accessToken } = await signIn(server.url);
    const made = await callAs(accessToken, 'POST', `${server.url}/api/v1/tokens`, { name: 'loop' });
    const { token } = made.body as { readonly token: string };
    const ca = readFileSync(join(dataDir, 'tls', 'ca.crt')).toString('base64');
    const next = (name: string) => ({
      server: `${server.tlsUrl ?? ''}/clusters/${name}`,
      'certificate-authority-data': ca,
    });
    const kubeconfig = JSON.stringify({
      clusters: [
        { name: 'to-a', cluster: next('a') },
        { name: 'to-b', cluster: next('b') },
      ],
      users: [{ name: 'u', user: { token } }],
      contexts: [
        { name: 'a', context: { cluster: 'to-b', user: 'u' } },
        { name: 'b', context: { cluster: 'to-a', user: 'u' } },
      ],
    });
    await add(server, accessToken, kubeconfig);
    expect(await ask(server, accessToken, 'a')).toMatchObject({
      status: 400,
      body: { kind: 'Status', message: 'a cluster of a user must not lead back to this server' },
    });
    const headers = { authorization: `Bearer ${accessToken}` };
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/clusters/a${podsPath}?watch=1`, { headers });
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode);
        response.resume();
      });
      socket.on('error', () => undefined);
    });
    expect(status).toBe(400);
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

  it('is read again when the access of its owner changes, so that nothing outlives its row', async () => {
    const cluster = await startCluster();
    const { server, dataDir } = await start();
    const anna = await addMember(server, 'anna');
    await add(server, anna.token, cluster.kubeconfig('prod'));
    const database = new DatabaseSync(join(dataDir, 'fleetwire.db'));
    database.exec('delete from own_clusters');
    database.close();
    expect(await names(server, anna.token)).toEqual(['prod']);
    const admin = (await signIn(server.url)).accessToken;
    await callAs(admin, 'PATCH', `${server.url}/api/v1/users/${anna.id}`, { role: 'operator' });
    await vi.waitFor(async () => expect(await names(server, anna.token)).toEqual([]));
    expect((await ask(server, anna.token, 'prod')).status).toBe(404);
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

  it('may not lead back to the server that has it by way of another one', async () => {
    const sides = await Promise.all(
      ['a', 'b'].map(async (name) => {
        const { server, dataDir } = await start({ tlsPort: 0 });
        const { accessToken } = await signIn(server.url);
        const made = await callAs(accessToken, 'POST', `${server.url}/api/v1/tokens`, { name: 'loop' });
        const ca = readFileSync(join(dataDir, 'tls', 'ca.crt')).toString('base64');
        const { token } = made.body as { readonly token: string };
        return { name, server, accessToken, token, ca };
      }),
    );
    for (const [index, { server, accessToken, name }] of sides.entries()) {
      const other = sides[1 - index];
      const cluster = {
        server: `${other?.server.tlsUrl ?? ''}/clusters/${other?.name ?? ''}`,
        'certificate-authority-data': other?.ca,
      };
      const kubeconfig = JSON.stringify({
        clusters: [{ name: 'c', cluster }],
        users: [{ name: 'u', user: { token: other?.token } }],
        contexts: [{ name, context: { cluster: 'c', user: 'u' } }],
      });
      await add(server, accessToken, kubeconfig);
    }
    for (const { server, accessToken, name } of sides)
      expect(await ask(server, accessToken, name)).toMatchObject({
        status: 400,
        body: { message: 'a cluster of a user must not lead back to this server' },
      });
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
    expect(await callAs(accessToken, 'PATCH', own(server, item?.id), { name: 'East' })).toMatchObject({ status: 409 });
    expect((await callAs(accessToken, 'PATCH', own(server, item?.id), { name: 'west' })).status).toBe(200);
    expect((await ask(server, accessToken, 'west')).status).toBe(200);
  });

  it('differs from others by more than case, and the audit log tells what is done on it from the rest', async () => {
    const cluster = await startCluster();
    const { server } = await start({ demo: 'on' });
    const { accessToken } = await signIn(server.url);
    const refused = (name: string) => ({
      status: 409,
      body: { code: 'CONFLICT', detail: expect.stringContaining(name) as string },
    });
    const send = (...contexts: string[]) =>
      callAs(accessToken, 'POST', own(server), { kubeconfig: cluster.kubeconfig(...contexts) });
    expect(await send('Demo')).toMatchObject(refused('"Demo": the organisation has'));
    expect(await send('home', 'HOME')).toMatchObject(refused('"HOME": '));
    const [item] = await add(server, accessToken, cluster.kubeconfig('home'));
    expect(await send('Home')).toMatchObject(refused('"Home": you have'));
    expect((await callAs(accessToken, 'PATCH', own(server, item?.id), { name: 'Home' })).status).toBe(200);
    for (const name of ['Home', 'demo']) {
      const path = `${server.url}/clusters/${name}/api/v1/namespaces/default/pods/none`;
      expect((await callAs(accessToken, 'DELETE', path)).status).toBe(404);
    }
    const { body } = await callAs(accessToken, 'GET', `${server.url}/api/v1/audit`);
    const { items } = body as { readonly items: readonly { readonly action: string; readonly detail?: unknown }[] };
    const deleted = items.filter(({ action }) => action === 'cluster.delete');
    expect(deleted.map(({ detail }) => detail)).toEqual([undefined, { own: true }]);
  });
});
