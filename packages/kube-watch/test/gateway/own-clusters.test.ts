import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ChannelSource } from '@fleetwire/websocket-core/server';
import { describe, expect, it, vi } from 'vitest';
import { steadyPort } from '@fleetwire/config/steady-port';
import { WebSocket } from 'ws';
import type { ClusterInfo } from '../../src/protocol/channel.ts';
import type { ClusterDefinition } from '../../src/server/types.ts';
import {
  caller,
  cleanUp,
  cluster,
  connect,
  listen,
  podsPath,
  RecordingFeed,
  serve,
  startApi,
  startGateway,
  tokenOf,
  type Caller,
  type TestApi,
} from './gateway-harness.ts';

const ada = caller();
const bob = caller({ userId: 'bob' });
/** The same user in another organisation. */
const elsewhere = caller({ orgId: 'other' });

function own(
  name: string,
  server: string,
  owner: Caller = ada,
  more: Partial<ClusterDefinition> = {},
): ClusterDefinition {
  const { orgId, userId } = owner;
  // `orgs` does not count.
  return cluster(name, server, { orgs: ['acme', 'other'], owner: { orgId, userId }, ...more });
}

interface Asked {
  readonly status: number;
  readonly body: { readonly message?: string; readonly items?: readonly { metadata: { name: string } }[] };
}

async function ask(url: string, path: string, identity: Caller, init: RequestInit = {}): Promise<Asked> {
  const headers = { authorization: `Bearer ${tokenOf(identity)}`, ...init.headers };
  const response = await fetch(`${url}/clusters/${path}`, { ...init, headers });
  return { status: response.status, body: (await response.json()) as Asked['body'] };
}

async function podsOf(url: string, name: string, identity: Caller): Promise<readonly string[] | number> {
  const { status, body } = await ask(url, `${name}${podsPath}`, identity);
  return status === 200 ? (body.items ?? []).map(({ metadata }) => metadata.name) : status;
}

/** Begins a watch through the proxy; how it ended. */
async function watchOf(url: string, name: string, identity: Caller): Promise<{ readonly ended: Promise<unknown> }> {
  const headers = { authorization: `Bearer ${tokenOf(identity)}` };
  const response = await fetch(`${url}/clusters/${name}${podsPath}?watch=1`, { headers });
  expect(response.status).toBe(200);
  return { ended: response.text().catch((error: unknown) => error) };
}

async function upgradeOf(url: string, name: string, identity: Caller): Promise<WebSocket> {
  const bearer = `fleetwire.bearer.${Buffer.from(tokenOf(identity)).toString('base64url')}`;
  const protocols = [bearer, 'base64.binary.k8s.io'];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/clusters/${name}${podsPath}?watch=1`, protocols);
  cleanUp(() => {
    socket.terminate();
  });
  await once(socket, 'open');
  return socket;
}

/** An API with one pod of this name. */
async function startNamed(pod: string, port = 0): Promise<TestApi & { readonly since: string }> {
  const api = await startApi({}, port);
  return { ...api, since: api.addPod(pod) };
}

const probesOf = ({ api }: TestApi): number => api.stats.requests.filter(({ path }) => path === '/version').length;

describe('a cluster of a user', () => {
  it('[O4] is there for that user in that organisation, and is for all others as if it were not', async () => {
    const one = await startNamed('private');
    const gateway = startGateway([own('one', one.url)]);
    const url = await serve(gateway.gateway);
    expect(await podsOf(url, 'one', ada)).toEqual(['private']);
    // The prober asks as soon as somebody uses the cluster, and not again for a while.
    await vi.waitFor(() => expect(one.api.stats.requests.map(({ path }) => path)).toContain('/version'));
    const seen = one.api.stats.requests.length;
    for (const identity of [bob, elsewhere, caller({ userId: '' })]) {
      const absent = await ask(url, `absent${podsPath}`, identity);
      expect(absent.status).toBe(404);
      const { status, body } = await ask(url, `one${podsPath}`, identity);
      expect({ status, message: body.message }).toEqual({ status: 404, message: 'cluster "one" not found' });
      expect(gateway.authorize('kube/one', { path: podsPath }, identity)).toEqual({
        denied: 'UNKNOWN_CHANNEL',
        reason: 'unknown channel kube/one',
      });
      expect(gateway.gateway.clustersOf(identity)).toEqual([]);
    }
    expect(gateway.gateway.clustersOf({ orgId: 'acme' })).toEqual([]);
    // Neither a header nor the name can say who asks.
    const headers = { 'x-remote-user': 'ada', 'impersonate-user': 'ada' };
    expect((await ask(url, `one${podsPath}`, bob, { headers })).status).toBe(404);
    for (const name of ['["one","[\\"acme\\",\\"ada\\"]"]', 'ada/one', 'one\0ada']) {
      expect((await ask(url, `${encodeURIComponent(name)}${podsPath}`, bob)).status).toBe(404);
    }
    expect(one.api.stats.requests).toHaveLength(seen);
  });

  it('[O4] never meets one of the same name and credentials of somebody else', async () => {
    const one = await startNamed('first');
    const definitions = [ada, bob, elsewhere].map((owner) => own('one', one.url, owner));
    const gateway = startGateway(definitions);
    const params = { path: podsPath };
    const keys = [ada, bob, elsewhere].map((identity) => gateway.authorize('kube/one', params, identity));
    expect(new Set(keys.map((grant) => JSON.stringify(grant))).size).toBe(3);
    const feeds = [ada, bob, elsewhere].map((identity) => gateway.open('kube/one', params, one.since, identity));
    await Promise.all(feeds.map((feed) => feed.until('live')));
    expect(one.api.stats.openWatches).toBe(3);
    // What happens to one of them happens to no other.
    gateway.clusters.replace(definitions.slice(1));
    expect(feeds.map(({ error }) => error)).toEqual([
      expect.objectContaining({ code: 'UNKNOWN_CHANNEL' }) as Error,
      undefined,
      undefined,
    ]);
    const [, bobs, theirs] = definitions as [ClusterDefinition, ClusterDefinition, ClusterDefinition];
    const connection = { ...bobs.connection, identityKey: 'other' };
    gateway.clusters.replace([{ ...bobs, connection }, theirs]);
    expect(feeds[1]?.error).toMatchObject({ code: 'SCOPE_CHANGED', retryable: true });
    expect(feeds[2]?.error).toBeUndefined();
    one.addPod('second');
    await vi.waitFor(() => expect(feeds[2]?.names).toEqual(['second']));
    expect(gateway.gateway.stats.upstreams).toBe(1);
  });

  it('[O4] is reached under its own name by its owner alone, where others have theirs elsewhere', async () => {
    const [mine, theirs] = [await startNamed('ada-pod'), await startNamed('bob-pod')];
    const url = await serve(startGateway([own('one', mine.url, ada), own('one', theirs.url, bob)]).gateway);
    expect(await podsOf(url, 'one', ada)).toEqual(['ada-pod']);
    expect(await podsOf(url, 'one', bob)).toEqual(['bob-pod']);
    expect(await podsOf(url, 'one', elsewhere)).toBe(404);
  });

  it('[O4] has a breaker of its own', async () => {
    const one = await startNamed('bob-pod');
    const gateway = startGateway([own('one', 'http://127.0.0.1:1', ada), own('one', one.url, bob)]);
    const url = await serve(gateway.gateway);
    for (let attempt = 0; attempt < 6; attempt += 1) expect(await podsOf(url, 'one', ada)).toBe(502);
    await vi.waitFor(() =>
      expect(gateway.logs.map(({ message }) => message)).toContain(
        'a cluster does not answer; only its prober dials it',
      ),
    );
    expect(await podsOf(url, 'one', bob)).toEqual(['bob-pod']);
    // It is its owner's to care for, and its lines in the log say whose it is.
    expect(gateway.gateway.stats.openBreakers).toBe(0);
    for (const { fields } of gateway.logs)
      expect(fields).toMatchObject({ cluster: 'one', orgId: 'acme', userId: 'ada' });
  });

  it('[O4] is under the permissions of its owner, but neither confined nor impersonated', async () => {
    const one = await startNamed('first');
    const impersonation = vi.fn(() => ({ user: 'ada', groups: [] }));
    const gateway = startGateway([own('one', one.url, ada, { identity: 'impersonate' })], { impersonation });
    const url = await serve(gateway.gateway);
    const confined = caller({ namespace: 'elsewhere', permissions: ['kube.read'] });
    expect(await podsOf(url, 'one', confined)).toEqual(['first']);
    expect(gateway.authorize('kube/one', { path: podsPath }, confined)).toHaveProperty('scopeKey');
    const pod = `one${podsPath}/first`;
    expect((await ask(url, pod, confined, { method: 'DELETE' })).status).toBe(403);
    expect((await ask(url, 'one/api/v1/namespaces/default/secrets', confined)).status).toBe(403);
    expect((await ask(url, pod, ada, { method: 'DELETE' })).status).toBe(200);
    expect(impersonation).not.toHaveBeenCalled();
  });
});

describe('a cluster of the organisation with the name of a user’s', () => {
  it('[O5] wins: what the user had open under the name ends, and nothing of it goes to the other one', async () => {
    const [mine, shared] = [await startNamed('mine'), await startNamed('shared')];
    const hidden = own('one', mine.url);
    const gateway = startGateway([hidden]);
    const url = await serve(gateway.gateway);
    const feed = gateway.open('kube/one', { path: podsPath }, mine.since);
    const watch = await watchOf(url, 'one', ada);
    const shell = await upgradeOf(url, 'one', ada);
    await feed.until('live');
    const closed = once(shell, 'close');

    gateway.clusters.replace([hidden, cluster('one', shared.url)]);
    expect(feed.error).toMatchObject({ code: 'UNKNOWN_CHANNEL' });
    expect(await watch.ended).toBeInstanceOf(Error);
    await closed;
    await vi.waitFor(() => expect(mine.api.stats.openWatches).toBe(0));
    expect(shared.api.stats.requests.filter(({ path }) => path !== '/version')).toEqual([]);
    const before = mine.api.stats.requests.length;
    expect(await podsOf(url, 'one', ada)).toEqual(['shared']);
    expect(await podsOf(url, 'one', bob)).toEqual(['shared']);
    expect(gateway.gateway.clustersOf(ada)).toEqual([expect.not.objectContaining({ isOwn: true })]);
    expect(mine.api.stats.requests).toHaveLength(before);

    // And the other way round.
    const again = gateway.open('kube/one', { path: podsPath }, shared.since);
    const sharedWatch = await watchOf(url, 'one', ada);
    await again.until('live');
    gateway.clusters.replace([hidden]);
    expect(again.error).toMatchObject({ code: 'UNKNOWN_CHANNEL' });
    expect(await sharedWatch.ended).toBeInstanceOf(Error);
    expect(await podsOf(url, 'one', ada)).toEqual(['mine']);
    expect(await podsOf(url, 'one', bob)).toBe(404);
  });

  it('[O5] that another organisation has changes nothing', async () => {
    const [mine, shared] = [await startNamed('mine'), await startNamed('shared')];
    const hidden = own('one', mine.url);
    const gateway = startGateway([hidden]);
    const url = await serve(gateway.gateway);
    const feed = gateway.open('kube/one', { path: podsPath }, mine.since);
    await feed.until('live');
    const theirs = cluster('one', shared.url, { orgs: ['other'] });
    gateway.clusters.replace([hidden, theirs]);
    expect(feed.error).toBeUndefined();
    expect(await podsOf(url, 'one', ada)).toEqual(['mine']);
    // It is given to this organisation too.
    gateway.clusters.replace([hidden, { ...theirs, orgs: ['other', 'acme'] }]);
    expect(feed.error).toMatchObject({ code: 'UNKNOWN_CHANNEL' });
    expect(await podsOf(url, 'one', ada)).toEqual(['shared']);
  });

  it('[O5] does not get a feed that was asked for before it came', async () => {
    const [mine, shared] = [await startNamed('mine'), await startNamed('shared')];
    const hidden = own('one', mine.url);
    const gateway = startGateway([hidden]);
    const source = gateway.gateway.channels.find(({ pattern }) => pattern.startsWith('kube/')) as ChannelSource;
    const params = { path: podsPath };
    const openWith = (grant: unknown) => () =>
      source.open(
        {
          ...{ channel: 'kube/one', segments: { cluster: 'one' }, params, userId: 'ada', since: mine.since },
          scopeKey: (grant as { scopeKey: string }).scopeKey,
        },
        new RecordingFeed(),
      );
    const granted = gateway.authorize('kube/one', params);
    gateway.clusters.replace([hidden, cluster('one', shared.url)]);
    expect(openWith(granted)).toThrow(expect.objectContaining({ code: 'SCOPE_CHANGED', retryable: true }));
    const sharedGrant = gateway.authorize('kube/one', params);
    gateway.clusters.replace([hidden]);
    expect(openWith(sharedGrant)).toThrow(expect.objectContaining({ code: 'UNKNOWN_CHANNEL' }));
    expect(gateway.gateway.stats.upstreams).toBe(0);
  });
});

describe('a cluster of a user that goes', () => {
  it('[O5] takes its watches, shells and feeds along, and leaves those of others', async () => {
    const [mine, theirs] = [await startNamed('mine'), await startNamed('theirs')];
    const definitions = [own('one', mine.url, ada), own('one', theirs.url, bob)] as const;
    const gateway = startGateway(definitions);
    const url = await serve(gateway.gateway);
    const bobs = gateway.open('kube/one', { path: podsPath }, theirs.since, bob);
    const feed = gateway.open('kube/one', { path: podsPath }, mine.since);
    await Promise.all([feed.until('live'), bobs.until('live')]);
    const watch = await watchOf(url, 'one', ada);
    const [shell, bobsShell] = [await upgradeOf(url, 'one', ada), await upgradeOf(url, 'one', bob)];
    const closed = once(shell, 'close');
    // Another name is another cluster.
    gateway.clusters.replace([{ ...definitions[0], name: 'renamed' }, definitions[1]]);
    expect(feed.error).toMatchObject({ code: 'UNKNOWN_CHANNEL' });
    expect(await watch.ended).toBeInstanceOf(Error);
    await closed;
    expect(bobs.error).toBeUndefined();
    expect(bobsShell.readyState).toBe(WebSocket.OPEN);
    expect(await podsOf(url, 'one', ada)).toBe(404);
    expect(await podsOf(url, 'renamed', ada)).toEqual(['mine']);
    expect(await podsOf(url, 'renamed', bob)).toBe(404);
  });

  it('[O5] cuts what runs when other credentials make it another identity', async () => {
    const mine = await startNamed('mine');
    const definition = own('one', mine.url);
    const gateway = startGateway([definition, own('one', mine.url, bob)]);
    const url = await serve(gateway.gateway);
    const watch = await watchOf(url, 'one', ada);
    const bobsShell = await upgradeOf(url, 'one', bob);
    const connection = { ...definition.connection, identityKey: 'edited' };
    gateway.clusters.replace([{ ...definition, connection }, own('one', mine.url, bob)]);
    expect(await watch.ended).toBeInstanceOf(Error);
    expect(bobsShell.readyState).toBe(WebSocket.OPEN);
  });

  it('refuses two of one user with one name', () => {
    const twice = [own('one', 'http://127.0.0.1:1'), own('one', 'http://127.0.0.1:2')];
    expect(() => startGateway(twice)).toThrow(/"one" twice/);
  });
});

describe('the channel of clusters', () => {
  it('[O4] shows each user the organisation’s and their own, once each', async () => {
    const [mine, shared] = [await startApi(), await startApi()];
    const definitions = [cluster('shared', shared.url), own('ada', mine.url), own('bob', mine.url, bob)];
    const gateway = startGateway(definitions);
    const url = await serve(gateway.gateway);
    const clustersOf = (identity: Caller) => {
      const subscription = connect(url, identity).subscribe('clusters');
      return () =>
        Object.fromEntries(
          [...(subscription.items?.entries() ?? [])].map(([name, { value }]) => {
            const { isOwn, state } = value as ClusterInfo;
            return [name, `${state}${isOwn === true ? ' own' : ''}`];
          }),
        );
    };
    const [adas, bobs, others] = [clustersOf(ada), clustersOf(bob), clustersOf(elsewhere)];
    await vi.waitFor(() => {
      expect(adas()).toEqual({ shared: 'ready', ada: 'ready own' });
      expect(bobs()).toEqual({ shared: 'ready', bob: 'ready own' });
    });
    expect(others()).toEqual({});
    // Bob's is hidden by one of the organisation, and comes back.
    gateway.clusters.replace([...definitions, cluster('bob', shared.url)]);
    await vi.waitFor(() => {
      expect(adas()).toEqual({ shared: 'ready', ada: 'ready own', bob: 'ready' });
      expect(bobs()).toEqual({ shared: 'ready', bob: 'ready' });
    });
    gateway.clusters.replace(definitions);
    await vi.waitFor(() => {
      expect(adas()).toEqual({ shared: 'ready', ada: 'ready own' });
      expect(bobs()).toEqual({ shared: 'ready', bob: 'ready own' });
    });
  });
});

describe('the prober of a user’s cluster', () => {
  const timings = { probeIntervalMs: 10, ownClusterIdleMs: 150 };

  it('[O6] asks nothing before somebody uses or sees the cluster, and rests again after', async () => {
    const [mine, shared] = [await startNamed('mine'), await startApi()];
    const gateway = startGateway([own('one', mine.url), cluster('shared', shared.url)], { timings });
    const url = await serve(gateway.gateway);
    // The organisation's is probed all the time.
    await vi.waitFor(() => expect(probesOf(shared)).toBeGreaterThan(3));
    expect(probesOf(mine)).toBe(0);
    expect(gateway.gateway.clustersOf({ orgId: 'acme', userId: 'bob' })).toHaveLength(1);
    expect(probesOf(mine)).toBe(0);

    await podsOf(url, 'one', ada);
    await vi.waitFor(() => expect(probesOf(mine)).toBeGreaterThan(2));
    await untilResting(mine, shared);
    // A list of the clusters counts as a look, and finds it unknown at first.
    const state = (): string | undefined => gateway.gateway.clustersOf(ada).find(({ name }) => name === 'one')?.state;
    expect(state()).toBe('unknown');
    await vi.waitFor(() => expect(state()).toBe('ready'));
    await untilResting(mine, shared);

    const client = connect(url, ada);
    client.subscribe('clusters');
    const before = probesOf(mine);
    await vi.waitFor(() => expect(probesOf(mine)).toBeGreaterThan(before + 20));
  });

  it('[O6] goes on while a watch is open, so that a breaker closes again', async () => {
    const port = await steadyPort();
    const [mine, shared] = [await startNamed('mine', port), await startApi()];
    const definitions = [own('one', mine.url), cluster('shared', shared.url)];
    const gateway = startGateway(definitions, { timings: { ...timings, ownClusterIdleMs: 0 } });
    const feed = gateway.open('kube/one', { path: podsPath }, mine.since);
    await feed.until('live');
    await mine.api.close();
    await feed.until('error 503');
    await mine.api.listen({ port });
    await vi.waitFor(() => expect(feed.markers.at(-1)).toBe('live'));
    feed.dispose();
    await untilResting(mine, shared);
  });

  it('[O6] lets whoever comes after a rest dial at once, whatever was before', async () => {
    const gateway = startGateway([own('one', 'http://127.0.0.1:1')], { timings: { ...timings, ownClusterIdleMs: 0 } });
    const url = await serve(gateway.gateway);
    const dialled = (): number => gateway.gateway.stats.dials;
    for (let attempt = 0; attempt < 6; attempt += 1) await podsOf(url, 'one', ada);
    const before = dialled();
    await vi.waitFor(
      async () => {
        await podsOf(url, 'one', ada);
        expect(dialled()).toBeGreaterThan(before);
      },
      { timeout: 5_000 },
    );
  });

  it('[O6] leaves a cluster alone that one of the organisation hides', async () => {
    const [mine, shared] = [await startApi(), await startApi()];
    const hidden = own('one', mine.url);
    const gateway = startGateway([hidden, cluster('one', shared.url)], { timings });
    const url = await serve(gateway.gateway);
    connect(url, ada).subscribe('clusters');
    await vi.waitFor(() => expect(probesOf(shared)).toBeGreaterThan(3));
    expect(probesOf(mine)).toBe(0);
    gateway.clusters.replace([hidden]);
    await vi.waitFor(() => expect(probesOf(mine)).toBeGreaterThan(1));
  });

  /** Until the organisation's cluster was probed several times, and this one not once. */
  async function untilResting(api: TestApi, shared: TestApi): Promise<void> {
    await vi.waitFor(async () => {
      const [before, sharedBefore] = [probesOf(api), probesOf(shared)];
      await vi.waitFor(() => expect(probesOf(shared)).toBeGreaterThan(sharedBefore + 3), { interval: 5 });
      expect(probesOf(api)).toBe(before);
    });
  }
});

describe('a hostile cluster of a user', () => {
  it('[O7] holds no more of lines without end than one cluster may, and harms no other', async () => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const hostile = createServer((request, response) => {
      if (request.url === '/version') return void response.end('{"gitVersion":"v1"}');
      const list = { kind: 'PodList', metadata: { resourceVersion: '5' }, items: [] };
      if (request.url?.includes('watch=true') !== true) return void response.end(JSON.stringify(list));
      // Less than one line may have, by each of many watches.
      for (let index = 0; index < 3; index += 1) response.write(chunk);
    });
    const [url, other] = [await listen(hostile), await startNamed('other')];
    const gateway = startGateway([own('one', url), own('other', other.url), own('one', other.url, bob)]);
    const good = gateway.open('kube/other', { path: podsPath }, other.since);
    const feeds = Array.from({ length: 40 }, (_, index) =>
      gateway.open('kube/one', { path: podsPath, labelSelector: `n=${String(index)}` }, '5'),
    );
    const failed = (): number => feeds.filter(({ markers }) => markers.includes('error 503')).length;
    await vi.waitFor(() => expect(failed()).toBeGreaterThan(5));
    expect(failed()).toBeLessThan(40);
    const [shown] = feeds.flatMap(({ publications }) =>
      publications.flatMap(({ data }) => ('error' in data ? [data.error] : [])),
    );
    expect(shown).toMatchObject({ reason: 'Malformed', terminal: false });
    for (const feed of feeds) feed.dispose();
    await good.until('live');
    expect(good.error).toBeUndefined();
  });

  it('[O7] is read no faster than one cluster may be, and delays no other', async () => {
    const line = `${JSON.stringify({ type: 'ADDED', object: { metadata: { resourceVersion: '6' }, data: 'x'.repeat(9_000) } })}\n`;
    const chunk = line.repeat(50);
    const hostile = createServer((request, response) => {
      if (request.url === '/version') return void response.end('{"gitVersion":"v1"}');
      if (request.url?.includes('watch=true') !== true) {
        return void response.end('{"kind":"PodList","metadata":{"resourceVersion":"5"},"items":[]}');
      }
      const write = (): void => void response.write(chunk);
      response.on('drain', write);
      response.on('close', () => response.off('drain', write));
      write();
    });
    const [url, other] = [await listen(hostile), await startNamed('other')];
    const gateway = startGateway([own('one', url), own('other', other.url)]);
    const good = gateway.open('kube/other', { path: podsPath }, other.since);
    const begunAtMs = performance.now();
    const flooded = [1, 2].map((index) =>
      gateway.open('kube/one', { path: podsPath, labelSelector: `n=${String(index)}` }, '5'),
    );
    const mebibyte = 1024 * 1024;
    let surplus = -Infinity;
    await vi.waitFor(
      () => {
        const allowed = 33 * mebibyte + ((performance.now() - begunAtMs) * 8 * mebibyte) / 1_000;
        const { eventBytes } = gateway.gateway.stats;
        surplus = Math.max(surplus, eventBytes - allowed);
        expect(eventBytes).toBeGreaterThan(44 * mebibyte);
      },
      { interval: 5 },
    );
    expect(surplus).toBeLessThan(0);
    other.addPod('second');
    await vi.waitFor(() => expect(good.names).toEqual(['second']));
    for (const feed of flooded) {
      expect(feed.error).toBeUndefined();
      feed.dispose();
    }
  });
});
