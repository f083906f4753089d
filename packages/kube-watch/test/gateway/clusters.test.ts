import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { steadyPort } from '@fleetwire/config/steady-port';
import { WebSocket } from 'ws';
import { defaultTimings } from '../../src/server/timings.ts';
import {
  caller,
  cleanUp,
  cluster,
  connect,
  listen,
  podsPath,
  serve,
  startApi,
  startGateway,
  tokenOf,
} from './gateway-harness.ts';

/** A host that takes connections and says nothing, as one behind a broken path does. */
async function startBlackHole(): Promise<{ readonly url: string; readonly dials: () => number }> {
  let dials = 0;
  const server = createTcpServer((socket) => {
    dials += 1;
    socket.on('error', () => undefined);
    cleanUp(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp(() => server.close());
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, dials: () => dials };
}

describe('clusters that do not answer', () => {
  it('[G8] are not those where one service hangs, a way into a pod does, or a request cannot be made', async () => {
    const one = await startApi();
    one.api.faults.add({ kind: 'half-open' }, { path: podsPath });
    const silent = createHttpServer((_request, response) => void response.end('{"gitVersion":"v1"}'));
    silent.on('upgrade', (_request, socket: Socket) => void socket.on('error', () => undefined));
    const definitions = [
      cluster('one', one.url),
      cluster('silent', await listen(silent)),
      cluster('strict', one.url, { identity: 'impersonate' }),
    ];
    const gateway = startGateway(definitions, {
      timings: { dialTimeoutMs: 150, catchUpTimeoutMs: 150, answerTimeoutMs: 150 },
      impersonation: () => ({ user: 'no\nheader', groups: [] }),
    });
    const url = await serve(gateway.gateway);
    const hanging = ['a', 'b', 'c', 'd', 'e'].map((label) =>
      gateway.open('kube/one', { path: podsPath, labelSelector: label }, '5'),
    );
    const unmade = ['a', 'b', 'c', 'd', 'e'].map((label) =>
      gateway.open('kube/strict', { path: podsPath, labelSelector: label }, '5'),
    );
    const upgrades = Array.from({ length: 5 }, async () => {
      const path = '/clusters/silent/api/v1/namespaces/default/services/web/proxy/ws';
      const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, {
        headers: { authorization: `Bearer ${tokenOf(caller())}` },
      });
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.on('close', resolve));
    });
    const requests = Array.from({ length: 6 }, async () => {
      const headers = { authorization: `Bearer ${tokenOf(caller())}` };
      expect((await fetch(`${url}/clusters/one${podsPath}`, { headers })).status).toBe(504);
    });
    await Promise.all([...[...hanging, ...unmade].map((feed) => feed.until('error 503')), ...upgrades, ...requests]);
    expect(gateway.gateway.stats.openBreakers).toBe(0);
    const other = gateway.open('kube/one', { path: '/api/v1/nodes' }, one.api.store.resourceVersion);
    await other.until('live');
  });

  it('[P5] tell users a short reason, and the log the rest', async () => {
    const gateway = startGateway([cluster('one', 'http://127.0.0.1:1')]);
    const url = await serve(gateway.gateway);
    await vi.waitFor(() => expect(gateway.gateway.clustersOf({ orgId: 'acme' })[0]?.state).toBe('unreachable'));
    const shown = 'the cluster cannot be reached (ECONNREFUSED)';
    expect(gateway.gateway.clustersOf({ orgId: 'acme' })[0]?.message).toBe(shown);
    const answer = await fetch(`${url}/clusters/one${podsPath}`, {
      headers: { authorization: `Bearer ${tokenOf(caller())}` },
    });
    expect(((await answer.json()) as { message: string }).message).toBe(shown);
    const logged = gateway.logs.find(({ message }) => message === 'a cluster did not answer a probe');
    expect(String((logged?.fields as { err: Error }).err)).toContain('127.0.0.1:1');
  });

  it('[G8] ends a dial in time', async () => {
    const dead = await startBlackHole();
    const gateway = startGateway([cluster('dead', dead.url)], { timings: { dialTimeoutMs: 100 } });
    const startedAtMs = performance.now();
    const feed = gateway.open('kube/dead', { path: podsPath }, '1');
    await feed.until('error 503');
    // A tenth of a second, and what a busy machine adds; it would be ten seconds.
    expect(performance.now() - startedAtMs).toBeLessThan(defaultTimings.dialTimeoutMs / 2);
    expect(feed.publications[0]?.data).toMatchObject({ error: { code: 503, reason: 'Timeout', terminal: false } });
    expect(feed.markers).toEqual(['error 503', 'reconnecting']);
  });

  it('[G8] leaves a dead cluster to one prober after five failures, and comes back with it', async () => {
    const port = await steadyPort();
    const one = await startApi({}, port);
    const since = one.addPod('first');
    await one.api.close();
    const gateway = startGateway([cluster('one', one.url)], { random: () => 0 });
    const feeds = ['a', 'b', 'c', 'd', 'e', 'f'].map((label) =>
      gateway.open('kube/one', { path: podsPath, labelSelector: label }, since),
    );
    await vi.waitFor(() => expect(gateway.gateway.stats.openBreakers).toBe(1));
    await Promise.all(feeds.map((feed) => feed.until('error 503')));
    // The targets fail at once and dial no more; a newcomer's too.
    const late = gateway.open('kube/one', { path: podsPath, labelSelector: 'late' }, since);
    await late.until('error 503');
    const { dials } = gateway.gateway.stats;
    // Six targets that went on dialling would have dialled twelve times by now.
    const sinceMs = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    // A busy machine sleeps longer.
    const allowed = (3 * (performance.now() - sinceMs)) / 1_300;
    expect(gateway.gateway.stats.dials - dials).toBeLessThanOrEqual(allowed);

    await one.api.listen({ port });
    await Promise.all([...feeds, late].map((feed) => feed.until('live')));
    expect(gateway.gateway.stats.openBreakers).toBe(0);
  });

  it('[G8] are not dialled by all at once when they come back', async () => {
    const spread = async (): Promise<number> => {
      const port = await steadyPort();
      const one = await startApi({}, port);
      const since = one.addPod('first');
      await one.api.close();
      let turn = 0;
      // The waits of the prober are short; then each upstream draws a time of its own.
      const random = (): number => (isBack ? ((turn += 1) % 5) / 5 : 0);
      let isBack = false;
      const gateway = startGateway([cluster('one', one.url)], { random });
      const feeds = ['a', 'b', 'c', 'd', 'e'].map((label) =>
        gateway.open('kube/one', { path: podsPath, labelSelector: label }, since),
      );
      await vi.waitFor(() => expect(gateway.gateway.stats.openBreakers).toBe(1));
      await Promise.all(feeds.map((feed) => feed.until('error 503')));
      await vi.waitFor(() => expect(feeds.every(({ markers }) => markers.at(-1) === 'reconnecting')).toBe(true));
      isBack = true;
      await one.api.listen({ port });
      const liveAtMs = await Promise.all(
        feeds.map(async (feed) => {
          await feed.until('live');
          return performance.now();
        }),
      );
      return Math.max(...liveAtMs) - Math.min(...liveAtMs);
    };
    // A machine that stands still does at once what it was to do meanwhile.
    let widestMs = 0;
    for (let round = 0; round < 3 && widestMs <= 400; round += 1) widestMs = Math.max(widestMs, await spread());
    expect(widestMs).toBeGreaterThan(400);
  });

  it('[G8] delay no other cluster', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const dead = await startBlackHole();
    const timeToEvent = async (names: readonly string[]): Promise<number> => {
      const gateway = startGateway([cluster('one', one.url), cluster('dead', dead.url)]);
      const startedAtMs = performance.now();
      const feeds = names.map((name) => gateway.open(`kube/${name}`, { path: podsPath }, since));
      const live = feeds.at(-1);
      await vi.waitFor(() => expect(live?.markers).toContain('live'), { interval: 1 });
      const tookMs = performance.now() - startedAtMs;
      await gateway.gateway.dispose();
      return tookMs;
    };
    // A busy machine only ever adds to a time.
    let [alone, beside] = [Infinity, Infinity];
    for (let round = 0; round < 5; round += 1) {
      alone = Math.min(alone, await timeToEvent(['one']));
      beside = Math.min(beside, await timeToEvent(['dead', 'dead', 'dead', 'one']));
    }
    expect(beside - alone).toBeLessThan(50);
    expect(dead.dials()).toBeGreaterThan(0);
  });
});

describe('tenancy of clusters', () => {
  it('[G12] shows no difference between a cluster of others and one that is not there', () => {
    const gateway = startGateway([
      cluster('mine', 'http://127.0.0.1:1'),
      cluster('theirs', 'http://127.0.0.1:1', { orgs: ['other'] }),
      cluster('nobodys', 'http://127.0.0.1:1', { orgs: [] }),
    ]);
    const verdict = (name: string, params: Record<string, unknown>): unknown =>
      JSON.parse(JSON.stringify(gateway.authorize(`kube/${name}`, params)).replaceAll(name, '…'));
    for (const params of [{ path: podsPath }, { path: '/nonsense' }, {}]) {
      const absent = verdict('absent', params);
      expect(absent).toMatchObject({ denied: 'UNKNOWN_CHANNEL' });
      expect(verdict('theirs', params)).toEqual(absent);
      expect(verdict('nobodys', params)).toEqual(absent);
    }
    expect(gateway.authorize('kube/mine', { path: podsPath })).toHaveProperty('scopeKey');
    // Another spelling of the name would be another feed.
    expect(gateway.authorize('kube/%6dine', { path: podsPath })).toMatchObject({ denied: 'UNKNOWN_CHANNEL' });
    expect(gateway.authorize('kube/%zz', { path: podsPath })).toMatchObject({ denied: 'UNKNOWN_CHANNEL' });
    expect(gateway.gateway.clustersOf({ orgId: 'acme' }).map(({ name }) => name)).toEqual(['mine']);
    expect(gateway.gateway.clustersOf({ orgId: 'other' }).map(({ name }) => name)).toEqual(['theirs']);
    expect(gateway.gateway.clustersOf({ orgId: 'nobody' })).toEqual([]);
  });

  it('[G12] takes names with slashes', () => {
    const gateway = startGateway([cluster('arn:aws/prod', 'http://127.0.0.1:1')]);
    expect(gateway.authorize('kube/arn%3Aaws%2Fprod', { path: podsPath })).toHaveProperty('scopeKey');
  });

  it('[G12] ends the feeds of an organisation that a cluster is taken from, and nobody else’s', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const definition = cluster('one', one.url, { orgs: ['acme', 'other'] });
    const gateway = startGateway([definition]);
    const mine = gateway.open('kube/one', { path: podsPath }, since);
    const theirs = gateway.open('kube/one', { path: podsPath }, since, caller({ orgId: 'other' }));
    await Promise.all([mine.until('live'), theirs.until('live')]);
    gateway.clusters.replace([{ ...definition, orgs: ['acme'] }]);
    expect(theirs.error).toMatchObject({ code: 'UNKNOWN_CHANNEL', retryable: false });
    expect(mine.error).toBeUndefined();
    one.addPod('second');
    await vi.waitFor(() => expect(mine.names).toEqual(['second']));
    expect(theirs.names).toEqual([]);
    expect(one.api.stats.openWatches).toBe(1);
  });

  it('shows each organisation its clusters, with their state, over the socket', async () => {
    const one = await startApi();
    const dead = await startBlackHole();
    const definitions = [
      cluster('one', one.url, { isDemo: true }),
      cluster('dead', dead.url),
      cluster('defective', 'nonsense'),
      cluster('theirs', one.url, { orgs: ['other'] }),
    ];
    const gateway = startGateway(definitions, { timings: { dialTimeoutMs: 200 } });
    const url = await serve(gateway.gateway);
    const clusters = connect(url).subscribe('clusters');
    const stateOf = (name: string): unknown => clusters.items?.get(name)?.value;
    await vi.waitFor(() => {
      expect(stateOf('one')).toMatchObject({
        state: 'ready',
        version: expect.stringMatching(/^v1\./) as string,
        isDemo: true,
      });
      expect(stateOf('dead')).toMatchObject({
        state: 'unreachable',
        message: expect.stringContaining('no answer') as string,
      });
      expect(stateOf('defective')).toMatchObject({
        state: 'unreachable',
        message: 'the cluster cannot be reached: what is configured as its server is no http or https URL',
      });
    });
    expect([...(clusters.items?.keys() ?? [])].sort()).toEqual(['dead', 'defective', 'one']);
    const blind = connect(url, caller({ permissions: ['kube.write'] })).subscribe('clusters');
    await vi.waitFor(() => expect(blind.state).toMatchObject({ status: 'failed', error: { code: 'FORBIDDEN' } }));
  });

  it('tells when a cluster does not take the credentials', async () => {
    const one = await startApi({ authenticate: () => undefined });
    one.api.faults.add({ kind: 'status', code: 401 }, { path: '/version' });
    const gateway = startGateway([cluster('one', one.url)]);
    await vi.waitFor(() =>
      expect(gateway.gateway.clustersOf({ orgId: 'acme' })[0]).toMatchObject({ state: 'unauthorized' }),
    );
  });
});

describe('clusters that change', () => {
  it('[G13] appear and go without a restart', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const gateway = startGateway([]);
    expect(gateway.authorize('kube/one', { path: podsPath })).toMatchObject({ denied: 'UNKNOWN_CHANNEL' });
    gateway.clusters.replace([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    gateway.clusters.replace([]);
    expect(feed.error).toMatchObject({ code: 'UNKNOWN_CHANNEL' });
    await vi.waitFor(() => expect(one.api.stats.openWatches).toBe(0));
    expect(gateway.gateway.stats.upstreams).toBe(0);
  });

  it('[G13] dial anew with other credentials, and end feeds that ran as another identity', async () => {
    const one = await startApi({ authenticate: (token) => (token === undefined ? undefined : { user: token }) });
    const since = one.addPod('first');
    const connection = (token: string, identityKey: string) => ({
      server: one.url,
      identityKey,
      requestOptions: async () => ({ headers: { authorization: `Bearer ${token}` } }),
      refreshCredentials: async () => false,
    });
    const definition = cluster('one', connection('a', 'robot'));
    const gateway = startGateway([definition]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    // The same identity with another token: nobody is told.
    gateway.clusters.replace([{ ...definition, connection: connection('b', 'robot') }]);
    await vi.waitFor(() =>
      expect(one.api.stats.requests.filter(({ isWatch }) => isWatch).map(({ user }) => user)).toEqual(['a', 'b']),
    );
    await vi.waitFor(() => expect(one.api.stats.openWatches).toBe(1));
    one.addPod('second');
    await vi.waitFor(() => expect(feed.names).toEqual(['second']));
    expect(feed.error).toBeUndefined();
    // Another identity: what it may see may differ.
    gateway.clusters.replace([{ ...definition, connection: connection('c', 'other') }]);
    expect(feed.error).toMatchObject({ code: 'SCOPE_CHANGED', retryable: true });
    const again = gateway.open('kube/one', { path: podsPath }, since);
    await again.until('live');
    gateway.clusters.replace([{ ...definition, identity: 'impersonate', connection: connection('c', 'other') }]);
    expect(again.error).toMatchObject({ code: 'SCOPE_CHANGED' });
  });

  it('[G13] cut proxied watches and shells of those who lose them, and of nobody else', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const definition = cluster('one', one.url, { orgs: ['acme', 'other'] });
    const { gateway, clusters } = startGateway([definition]);
    const url = await serve(gateway);
    const watch = async (orgId: string) => {
      const headers = { authorization: `Bearer ${tokenOf(caller({ orgId }))}` };
      const response = await fetch(`${url}/clusters/one${podsPath}?watch=1&resourceVersion=${since}`, { headers });
      return response.body?.getReader();
    };
    const shell = new WebSocket(
      `${url.replace('http', 'ws')}/clusters/one${podsPath}?watch=1&resourceVersion=${since}`,
      [
        `fleetwire.bearer.${Buffer.from(tokenOf(caller({ orgId: 'other' }))).toString('base64url')}`,
        'base64.binary.k8s.io',
      ],
    );
    await once(shell, 'open');
    const [mine, theirs] = [await watch('acme'), await watch('other')];
    const closed = once(shell, 'close');
    clusters.replace([{ ...definition, orgs: ['acme'] }]);
    await expect(theirs?.read()).rejects.toThrow();
    await closed;
    one.addPod('second');
    expect(Buffer.from((await mine?.read())?.value ?? []).toString()).toContain('second');
    clusters.replace([]);
    await expect(mine?.read()).rejects.toThrow();
    await vi.waitFor(() => expect(one.api.stats.openWatches).toBe(0));
  });

  it('refuses two clusters of one name', () => {
    const twice = [cluster('one', 'http://127.0.0.1:1'), cluster('one', 'http://127.0.0.1:2')];
    expect(() => startGateway(twice)).toThrow(/"one" twice/);
  });
});
