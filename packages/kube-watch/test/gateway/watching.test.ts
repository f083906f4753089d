import { createServer, type ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import type { KubeGatewayOptions } from '../../src/server/types.ts';
import {
  caller,
  cluster,
  listen,
  podsPath,
  RecordingFeed,
  startApi,
  startGateway,
  type Caller,
} from './gateway-harness.ts';

const fast = {
  livenessTimeoutMs: 100,
  silenceMs: 150,
  dialTimeoutMs: 400,
  probeIntervalMs: 60_000,
  feedLingerMs: 100,
};

describe('a watch of the gateway', () => {
  it('[G1] brings the events after `since`, and needs one', async () => {
    const cluster1 = await startApi();
    cluster1.addPod('old');
    const since = cluster1.api.store.resourceVersion;
    const gateway = startGateway([cluster('one', cluster1.url)]);
    // API servers answer a watch from zero with all that there is, in no order.
    for (const missing of [undefined, '', '0', '00']) {
      expect(() => gateway.open('kube/one', { path: podsPath }, missing)).toThrow(/resourceVersion/);
    }
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    expect(feed.opened?.position).toBe(since);
    await feed.until('live');
    const version = cluster1.addPod('new');
    await vi.waitFor(() => expect(feed.names).toEqual(['new']));
    expect(feed.publications.at(-1)?.position).toBe(version);
    const [watch] = cluster1.watches();
    expect(watch).toMatchObject({ resourceVersion: since, allowWatchBookmarks: 'true', timeoutSeconds: '450' });
    expect(watch?.['sendInitialEvents']).toBeUndefined();
  });

  it('tells its application of each subscription that is granted, before it begins and once', async () => {
    const granted: unknown[] = [];
    let isLogged: Promise<void> | undefined;
    const onGranted: NonNullable<KubeGatewayOptions<Caller>['onGranted']> = ({ identity, cluster, path, action }) => {
      granted.push([identity.userId, cluster, path, action.verb, action.permissions]);
      return isLogged;
    };
    const { gateway } = startGateway([cluster('one', 'http://127.0.0.1:9')], { onGranted });
    const source = gateway.channels.find(({ pattern }) => pattern.startsWith('kube/'));
    const path = '/api/v1/namespaces/a/secrets';
    const ask = (identity: Caller, more: object = {}) =>
      source?.authorize({ identity, channel: 'kube/one', segments: { cluster: 'one' }, params: { path }, ...more });
    expect(ask(caller())).toHaveProperty('scopeKey');
    expect(ask(caller(), { isAgain: true })).toHaveProperty('scopeKey');
    expect(ask(caller({ permissions: ['kube.read'] }))).toHaveProperty('denied');
    expect(ask(caller({ orgId: 'other' }))).toHaveProperty('denied');
    expect(granted).toEqual([['ada', 'one', path, 'watch', ['kube.secrets']]]);
    isLogged = Promise.resolve();
    expect(await ask(caller())).toHaveProperty('scopeKey');
    isLogged = Promise.reject(new Error('the disk is full'));
    await expect(ask(caller())).rejects.toThrow('the disk is full');
  });

  it('[G1] passes selectors on', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const gateway = startGateway([cluster('one', one.url)]);
    const labelled = gateway.open('kube/one', { path: podsPath, labelSelector: 'app in (a,b)' }, since);
    const named = gateway.open('kube/one', { path: podsPath, fieldSelector: 'metadata.name=wanted' }, since);
    await Promise.all([labelled.until('live'), named.until('live')]);
    one.addPod('other');
    one.addPod('wanted', { labels: { app: 'b' } });
    await vi.waitFor(() => expect([labelled.names, named.names]).toEqual([['wanted'], ['wanted']]));
  });

  it('[G2] publishes the bytes of the cluster in batches, each at its last resourceVersion', async () => {
    const lines = Array.from(
      { length: 500 },
      (_, index) =>
        `{"type":"ADDED", "object":{"metadata":{"name":"pod-${String(index)} größe", "resourceVersion":"${String(index + 11)}"},"pad":"${'x'.repeat(1_000)}"}}`,
    );
    const server = createServer((request, response) => {
      if (!request.url?.includes('watch=true')) return response.end('{"gitVersion":"v1"}');
      response.writeHead(200, { 'content-type': 'application/json' });
      const body = Buffer.from(`${lines.join('\n')}\n`);
      // Cut within lines and characters.
      for (let at = 0; at < body.length; at += 12_345) response.write(body.subarray(at, at + 12_345));
      return undefined;
    });
    const gateway = startGateway([cluster('one', await listen(server))]);
    const feed = gateway.open('kube/one', { path: podsPath }, '10');
    await vi.waitFor(() => expect(feed.events).toHaveLength(500));
    const batches = feed.publications.filter(({ json }) => json.startsWith('{"events":['));
    expect(batches.map(({ json }) => json.slice('{"events":['.length, -']}'.length)).join(',')).toBe(lines.join(','));
    expect(batches.length).toBeLessThan(100);
    for (const { json } of batches) expect(Buffer.byteLength(json)).toBeLessThan(192 * 1024);
    for (const { data, position } of batches) {
      expect(position).toBe(
        (data as { events: { object: { metadata: { resourceVersion: string } } }[] }).events.at(-1)?.object.metadata
          .resourceVersion,
      );
    }
    const stats = gateway.gateway.stats;
    expect(stats).toMatchObject({ events: 500, upstreams: 1 });
  });

  it('[G2] tells and counts what is no event, and goes on', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    one.api.faults.add(
      { kind: 'garbage', line: '{"type":"ADDED","object":{}}]} , {"', afterEvents: 1 },
      { watch: true, times: 1 },
    );
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    one.addPod('second');
    one.addPod('third');
    await vi.waitFor(() => expect(feed.names).toEqual(['second', 'third']));
    expect(gateway.logs.map(({ message }) => message)).toContain('a watch brought what is no event');
  });

  it.each([
    '/api/v1/namespaces/default/pods/web',
    '/api/v1/namespaces/default/pods/web/log',
    '/api/v1/watch/pods',
    '/version',
    '/apis',
    '/api/v1/pods?watch=1',
    '/api/v1/pods/',
    '/api/v1//pods',
    '/api/v1/%70ods',
    '/api/v1/Pods',
    'api/v1/pods',
    '',
    42,
    undefined,
  ])('[G3] refuses %s, which is no collection', (path) => {
    const gateway = startGateway([cluster('one', 'http://127.0.0.1:1')]);
    expect(gateway.authorize('kube/one', { path })).toMatchObject({ denied: 'BAD_REQUEST' });
  });

  it('[G3] refuses parameters that it does not know: each set would be an upstream of its own', () => {
    const gateway = startGateway([cluster('one', 'http://127.0.0.1:1')]);
    const refused = { denied: 'BAD_REQUEST' };
    expect(gateway.authorize('kube/one', { path: podsPath, identity: 'admin' })).toMatchObject(refused);
    expect(gateway.authorize('kube/one', { path: podsPath, projection: 'wide' })).toMatchObject(refused);
    expect(gateway.authorize('kube/one', { path: podsPath, labelSelector: { length: 1 } })).toMatchObject(refused);
    expect(gateway.authorize('kube/one', { path: podsPath, labelSelector: 'a'.repeat(2_001) })).toMatchObject(refused);
  });

  it('[G4] takes one spelling of each query', () => {
    const gateway = startGateway([cluster('one', 'http://127.0.0.1:1')]);
    const verdict = (more: object): unknown => gateway.authorize('kube/one', { path: podsPath, ...more });
    const others = [
      { projection: 'full' },
      { labelSelector: '' },
      { labelSelector: 'b,a' },
      { fieldSelector: 'a=1,a=1' },
    ];
    for (const other of others) expect(verdict(other)).toMatchObject({ denied: 'BAD_REQUEST' });
    for (const one of [{}, { labelSelector: 'a,b' }, { labelSelector: 'app in (b,a),c' }, { fieldSelector: 'a=1' }]) {
      expect(verdict(one)).toHaveProperty('scopeKey');
    }
  });

  it('[G3] forbids what the identity may not read', () => {
    const gateway = startGateway([cluster('one', 'http://127.0.0.1:1')]);
    const secrets = { path: '/api/v1/namespaces/default/secrets' };
    const reader = caller({ permissions: ['kube.read'] });
    expect(gateway.authorize('kube/one', { path: podsPath }, reader)).toHaveProperty('scopeKey');
    expect(gateway.authorize('kube/one', secrets, reader)).toMatchObject({ denied: 'FORBIDDEN' });
    expect(gateway.authorize('kube/one', secrets)).toHaveProperty('scopeKey');
    const nobody = caller({ permissions: [] });
    expect(gateway.authorize('kube/one', { path: podsPath }, nobody)).toMatchObject({ denied: 'FORBIDDEN' });
  });

  it('[P6] forbids what is outside of the namespace that the organisation is confined to', () => {
    const gateway = startGateway([cluster('one', 'http://127.0.0.1:1')]);
    const confined = caller({ namespace: 'default' });
    expect(gateway.authorize('kube/one', { path: podsPath }, confined)).toHaveProperty('scopeKey');
    for (const path of ['/api/v1/pods', '/api/v1/namespaces/other/pods', '/api/v1/nodes', '/api/v1/namespaces']) {
      expect(gateway.authorize('kube/one', { path }, confined)).toMatchObject({ denied: 'FORBIDDEN' });
    }
  });

  it('[G4] shares by the real identity and nothing else', () => {
    const shared = createShared();
    const scope = (name: string, identity = caller()): string => {
      const grant = shared.authorize(`kube/${name}`, { path: podsPath }, identity);
      return 'scopeKey' in grant ? grant.scopeKey : '';
    };
    // A cluster's own credentials are the same for all of an organisation.
    expect(scope('own', caller({ userId: 'bob' }))).toBe(scope('own'));
    expect(scope('own', caller({ orgId: 'other' }))).not.toBe(scope('own'));
    // Impersonated users are themselves.
    expect(scope('as-user', caller({ userId: 'bob' }))).not.toBe(scope('as-user'));
    expect(scope('as-user')).toBe(scope('as-user'));
    expect(scope('own')).toMatch(/^\["acme",/);
    expect(scope('own')).not.toContain('secret-token');
  });

  function createShared() {
    const connection = {
      server: 'http://127.0.0.1:1',
      identityKey: 'secret-token',
      requestOptions: async () => ({ headers: {} }),
      refreshCredentials: async () => false,
    };
    const orgs = ['acme', 'other'];
    return startGateway([
      cluster('own', connection, { orgs }),
      cluster('as-user', connection, { orgs, identity: 'impersonate' }),
    ]);
  }

  it('[G4] runs as the impersonated user', async () => {
    const one = await startApi({ authenticate: (token) => (token === 'robot' ? { user: 'robot' } : undefined) });
    const since = one.addPod('first');
    const seen: string[] = [];
    const connection = {
      server: one.url,
      identityKey: 'robot',
      // What the kubeconfig impersonates by itself must not mix with whom the gateway impersonates.
      requestOptions: async () => ({
        headers: { authorization: 'Bearer robot', 'Impersonate-User': 'root', 'Impersonate-Group': 'system:masters' },
      }),
      refreshCredentials: async () => false,
    };
    const gateway = startGateway([cluster('one', connection, { identity: 'impersonate' })]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    for (const { isWatch, user } of one.api.stats.requests) if (isWatch) seen.push(user ?? '');
    expect(seen).toEqual(['ada']);
  });

  it('[G4] names impersonated users and groups in UTF-8, as API servers read them', async () => {
    const names: string[] = [];
    const server = createServer(({ headers }, response) => {
      const user = headers['impersonate-user'];
      if (typeof user === 'string') names.push(user, String(headers['impersonate-group']));
      response.end('{"gitVersion":"v1","metadata":{"resourceVersion":"5"}}');
    });
    const gateway = startGateway([cluster('one', await listen(server), { identity: 'impersonate' })], {
      impersonation: () => ({ user: 'Jürgen Łukasz', groups: ['größe'] }),
    });
    gateway.open('kube/one', { path: podsPath }, '5');
    await vi.waitFor(() => expect(names.length).toBeGreaterThan(1));
    expect(names.slice(0, 2).map((name) => Buffer.from(name, 'latin1').toString('utf8'))).toEqual([
      'Jürgen Łukasz',
      'größe',
    ]);
  });

  it('[G5] goes on after a normal end without telling, and after a cut with no more than a look where the cluster is', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    one.api.faults.add({ kind: 'end', afterEvents: 1 }, { watch: true, times: 1 });
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    const second = one.addPod('second');
    await vi.waitFor(() => expect(one.watches()).toHaveLength(2));
    expect(one.watches()[1]).toMatchObject({ resourceVersion: second });
    expect(feed.markers).toEqual(['live']);

    one.api.faults.cutOpen({ watch: true });
    await feed.until('reconnecting');
    one.addPod('third');
    await vi.waitFor(() => expect(feed.names).toEqual(['second', 'third']));
    expect(feed.markers).toEqual(['live', 'reconnecting', 'live']);
    // Before the first watch, and after the cut.
    const lists = one.api.stats.requests.filter(({ path, isWatch }) => path === podsPath && !isWatch);
    expect(lists.map(({ query }) => query)).toEqual([{ limit: '1' }, { limit: '1' }]);
  });

  it('[G5] publishes bookmarks, which move the place to go on from', async () => {
    const one = await startApi({ bookmarkIntervalMs: 50 });
    const since = one.addPod('first');
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    one.api.store.create({ group: '', version: 'v1', resource: 'configmaps' }, 'default', { metadata: { name: 'c' } });
    const version = one.api.store.resourceVersion;
    await feed.until('bookmark');
    expect(feed.publications.at(-1)).toMatchObject({ data: { bookmark: version }, position: version });
    one.api.faults.cutOpen({ watch: true });
    await vi.waitFor(() => expect(one.watches().at(-1)).toMatchObject({ resourceVersion: version }));
  });

  it('[G5] finds a dead peer by asking for the version, and leaves a quiet one alone', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const gateway = startGateway([cluster('one', one.url)], { timings: fast });
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    // Quiet for several times the silence that is doubted: its cluster answers.
    await vi.waitFor(() =>
      expect(one.api.stats.requests.filter(({ path }) => path === '/version').length).toBeGreaterThan(4),
    );
    expect(one.watches()).toHaveLength(1);

    const undo = one.api.faults.add({ kind: 'half-open' }, { path: '/version' });
    await feed.until('reconnecting');
    undo();
    await vi.waitFor(() => expect(feed.markers.at(-1)).toBe('live'));
    expect(one.watches().length).toBeGreaterThan(1);
  });

  it('[G7] tells what is gone after it watches again, so that nothing between is lost', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    one.addPod('second');
    one.api.store.compact();
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('gone');
    const { data, position } = feed.publications.at(-1) ?? {};
    expect(data).toEqual({ gone: position });
    const requests = one.api.stats.requests.filter(({ path }) => path === podsPath);
    expect(
      requests.map(({ isWatch, query }) => (isWatch ? query['resourceVersion'] : `list ${query['limit'] ?? ''}`)),
    ).toEqual(['list 1', since, 'list 1', position]);
    // Nobody was told that it was live before.
    expect(feed.markers).toEqual(['gone']);
    one.addPod('third');
    await vi.waitFor(() => expect(feed.names).toEqual(['third']));
  });

  it('[G7] is not live before the first event could say that its place is forgotten', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    one.api.faults.add({ kind: 'status', code: 410, inStream: true }, { watch: true, times: 1 });
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    expect(feed.markers).toEqual(['gone', 'live']);
  });

  it.each(['abc', '-1', '1.5', '0x10', ' 5'])('[G7] starts where the cluster is when opened at %j', async (since) => {
    const one = await startApi();
    const first = one.addPod('first');
    const feed = startGateway([cluster('one', one.url)]).open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    expect(feed.markers).toEqual(['gone', 'live']);
    expect(feed.publications.at(-1)?.position).toBe(first);
    one.addPod('second');
    await vi.waitFor(() => expect(feed.names).toEqual(['second']));
  });

  it('[G7] starts where the cluster is when a subscriber opens it in the future, and harms no other', async () => {
    const one = await startApi();
    const early = one.addPod('first');
    const since = one.addPod('second');
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, '999999999999999');
    const history = feed.history(early);
    await feed.until('live');
    expect(feed.markers).toEqual(['gone', 'live']);
    expect(feed.publications.map(({ position }) => position)).toEqual([since, since]);
    // Whoever asked meanwhile is not led into the future.
    const answer = await history;
    expect(answer).toMatchObject({ kind: 'entries' });
    expect(answer.kind === 'entries' && answer.entries.at(-1)?.position).toBe(since);
    one.addPod('third');
    await vi.waitFor(() => expect(feed.names).toEqual(['third']));
    expect(await feed.history('999999999999999')).toEqual({ kind: 'gone' });
    const watches = one.watches().length;
    for (const zero of ['0', '00']) expect(await feed.history(zero)).toEqual({ kind: 'gone' });
    expect(one.watches()).toHaveLength(watches);
  });

  it('[G7] tells what is gone when the cluster comes back from a backup, behind what it said before', async () => {
    let version = 50;
    const server = createServer((request, response) => {
      if (!request.url?.includes('watch=true')) {
        return void response.end(JSON.stringify({ metadata: { resourceVersion: String(version) }, items: [] }));
      }
      response.writeHead(200).flushHeaders();
      if (version === 50) setTimeout(() => response.destroy(), 100);
    });
    const gateway = startGateway([cluster('one', await listen(server))]);
    const feed = gateway.open('kube/one', { path: podsPath }, '50');
    await feed.until('live');
    version = 40;
    await feed.until('gone');
    expect(feed.publications.at(-1)).toMatchObject({ data: { gone: '40' }, position: '40' });
    expect(await feed.history('50')).toEqual({ kind: 'gone' });
  });

  it('[G7] finds where a cluster is that ignores the limit of a list, however long it is', async () => {
    const item = `,{"metadata":{"name":"${'x'.repeat(50_000)}"}}`;
    let isForgotten = true;
    const server = createServer((request, response) => {
      if (request.url?.includes('watch=true')) {
        response.writeHead(isForgotten ? 410 : 200).flushHeaders();
        if (isForgotten) response.end();
        isForgotten = false;
        return;
      }
      if (!request.url?.includes('limit=1')) return void response.end('{"gitVersion":"v1"}');
      expect(request.headers.accept).toContain('PartialObjectMetadataList');
      response.write('{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"77"},"items":[{}');
      let sent = 0;
      const more = (): void => {
        if (response.destroyed || sent > 200) return void response.end(']}');
        sent += 1;
        response.write(item, () => setImmediate(more));
      };
      more();
    });
    const gateway = startGateway([cluster('one', await listen(server))]);
    const feed = gateway.open('kube/one', { path: podsPath }, '5');
    await feed.until('gone');
    expect(feed.publications.at(-1)).toMatchObject({ data: { gone: '77' } });
  });

  it('[G7] takes a 410 in the stream for the same', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    one.api.faults.add({ kind: 'status', code: 410, inStream: true, afterEvents: 1 }, { watch: true, times: 1 });
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    one.addPod('second');
    await feed.until('gone');
    one.addPod('third');
    await vi.waitFor(() => expect(feed.names).toEqual(['second', 'third']));
  });

  it('waits as long as a 429 says, without a list', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    one.api.faults.add({ kind: 'status', code: 429, retryAfterSeconds: 1 }, { watch: true, times: 1 });
    const gateway = startGateway([cluster('one', one.url)]);
    const startedAtMs = performance.now();
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    expect(performance.now() - startedAtMs).toBeGreaterThan(950);
    expect(feed.markers).toEqual(['error 429', 'reconnecting', 'live']);
  });

  it.each([
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [405, 'BAD_REQUEST'],
  ])('[G14] ends with the error after a %d, and the next one asks anew', async (code, ending) => {
    const one = await startApi();
    const since = one.addPod('first');
    const allow = one.api.faults.add({ kind: 'status', code }, { watch: true });
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until(`error ${String(code)}`);
    expect(feed.publications).toMatchObject([{ data: { error: { code, terminal: true } } }]);
    await vi.waitFor(() => expect(feed.error).toMatchObject({ code: ending, retryable: false }));
    allow();
    await gateway.open('kube/one', { path: podsPath }, since).until('live');
  });

  it('refreshes the credentials once after a 401 for all who were refused', async () => {
    let token = 'old';
    let refreshes = 0;
    const one = await startApi({ authenticate: (given) => (given === 'new' ? { user: 'robot' } : undefined) });
    const since = one.addPod('first');
    const connection = {
      server: one.url,
      identityKey: 'robot',
      requestOptions: async () => ({ headers: { authorization: `Bearer ${token}` } }),
      refreshCredentials: async () => {
        refreshes += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
        token = 'new';
        return true;
      },
    };
    const gateway = startGateway([cluster('one', connection)]);
    const feeds = ['a', 'b', 'c'].map((label) =>
      gateway.open('kube/one', { path: podsPath, labelSelector: label }, since),
    );
    await Promise.all(feeds.map((feed) => feed.until('live')));
    expect(refreshes).toBe(1);
    for (const feed of feeds) expect(feed.markers).toEqual(['live']);
  });

  it('[G9] asks for feeds without subscribers to be kept for 10 s, and closes the upstream with its feed', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const gateway = startGateway([cluster('one', one.url)], { timings: {} });
    expect(gateway.gateway.channels.find(({ pattern }) => pattern === 'kube/{cluster}')?.lingerMs).toBe(10_000);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    expect(gateway.gateway.stats.upstreams).toBe(1);
    feed.dispose();
    await vi.waitFor(() => expect([gateway.gateway.stats.upstreams, one.api.stats.openWatches]).toEqual([0, 0]));
  });

  it('[G11] opens no more for one user than a page could show, and others theirs', () => {
    const gateway = startGateway([cluster('one', 'http://127.0.0.1:1')]);
    const open = (index: number, userId: string) =>
      gateway.open('kube/one', { path: podsPath, labelSelector: `n=${String(index)}` }, '5', caller({ userId }));
    const feeds = Array.from({ length: 500 }, (_, index) => open(index, 'ada'));
    expect(() => open(500, 'ada')).toThrow(/at most 500/);
    open(500, 'bob');
    feeds[0]?.dispose();
    open(501, 'ada');
  });

  it('[G11] counts a feed for who opened it, and not for who was let in to it last', () => {
    const gateway = startGateway([cluster('one', 'http://127.0.0.1:1')]);
    const source = gateway.gateway.channels.find(({ pattern }) => pattern === 'kube/{cluster}');
    const open = (index: number, userId: string): void => {
      const params = { path: podsPath, labelSelector: `n=${String(index)}` };
      const grants = [userId, 'bob'].map((each) => gateway.authorize('kube/one', params, caller({ userId: each })));
      const { scopeKey } = grants[0] as { readonly scopeKey: string };
      expect(grants[1]).toEqual({ scopeKey });
      const request = { channel: 'kube/one', segments: { cluster: 'one' }, params, scopeKey, userId, since: '5' };
      void source?.open(request, new RecordingFeed());
    };
    for (let index = 0; index < 500; index += 1) open(index, 'ada');
    expect(() => {
      open(500, 'ada');
    }).toThrow(/at most 500/);
    expect(() => {
      open(500, 'bob');
    }).not.toThrow();
  });

  describe('[G11] ends the largest feed of an organisation that holds too much', () => {
    const mib = 1024 * 1024;
    const event = (version: number, pad = '') =>
      `{"type":"ADDED","object":{"metadata":{"name":"n","resourceVersion":"${String(version)}"},"pad":"${pad}"}}\n`;
    const padding = 'x'.repeat(1.5 * mib);

    /** A feed near the limit, a small one, and the writes to their watches, the last first. */
    async function startNearLimit(list = '{"metadata":{"resourceVersion":"100"}}') {
      const watches: ServerResponse[] = [];
      const server = createServer((request, response) => {
        if (request.url === '/version') return void response.end('{"gitVersion":"v1"}');
        if (!request.url?.includes('watch=true'))
          return void response.write(list, () => list.endsWith('}') && response.end());
        response.writeHead(200).flushHeaders();
        watches.push(response);
      });
      const gateway = startGateway([cluster('one', await listen(server))]);
      const small = gateway.open('kube/one', { path: podsPath, labelSelector: 'a=b' }, '100');
      const large = gateway.open('kube/one', { path: podsPath }, '100');
      large.ringBytes = 255 * mib;
      const isEnded = () => vi.waitFor(() => expect(large.error).toMatchObject({ code: 'LAGGED', retryable: true }));
      const both = async () => {
        await Promise.all([small.until('live'), large.until('live')]);
        return watches;
      };
      return { gateway, small, large, isEnded, both };
    }

    it('in its ring', async () => {
      const { gateway, small, large, isEnded, both } = await startNearLimit();
      for (const watch of await both()) watch.write(event(101));
      await vi.waitFor(() => expect([small.names, large.names]).toEqual([['n'], ['n']]));
      large.ringBytes = 257 * mib;
      for (const watch of await both()) watch.write(event(102));
      await isEnded();
      expect(small.error).toBeUndefined();
      expect(gateway.gateway.stats.upstreams).toBe(1);
    });

    it('of a line that has not ended, and not of lines that have', async () => {
      const { small, large, isEnded, both } = await startNearLimit();
      for (const watch of await both()) watch.write(event(101));
      for (const version of [102, 103, 104]) {
        for (const watch of await both()) watch.write(event(version, 'x'.repeat(600_000)));
        await vi.waitFor(() => expect(large.publications.at(-1)?.position).toBe(String(version)));
      }
      for (const watch of await both()) watch.write(event(105, padding).slice(0, -5));
      await isEnded();
      expect(small.error).toBeUndefined();
    });

    it('of a list', async () => {
      const { small, isEnded } = await startNearLimit(`{"kind":"${padding}`);
      await isEnded();
      expect(small.error).toBeUndefined();
    });

    it('of a catch-up, and what comes of it', async () => {
      const { small, large, isEnded, both } = await startNearLimit();
      const watches = await both();
      const first = small.history('90');
      await vi.waitFor(() => expect(watches).toHaveLength(3));
      watches[2]?.write(event(95) + event(100));
      expect(await first).toMatchObject({ kind: 'entries' });
      small.ringBytes = 2 * mib;
      await isEnded();
      const again = await startNearLimit();
      void again.large.history('90').catch(() => undefined);
      await vi.waitFor(async () => expect(await again.both()).toHaveLength(3));
      (await again.both())[2]?.write(event(95, padding));
      await again.isEnded();
      expect([small.error, again.small.error, large.error?.message]).toMatchObject([
        undefined,
        undefined,
        /hold too much/,
      ]);
    });
  });

  it('[G10] publishes the columns of a Table when they come, and events as the cluster printed them', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath, projection: 'table' }, since);
    await feed.until('live');
    one.addPod('second');
    await feed.until('columns');
    const columns = feed.publications.find(({ data }) => 'columns' in data)?.data;
    const names = (columns as { columns: { name: string }[] }).columns.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['Name', 'Ready', 'Status']);
    await vi.waitFor(() => expect(feed.events).toHaveLength(1));
    expect(feed.events[0]?.object).toMatchObject({
      kind: 'Table',
      rows: [{ object: { metadata: { name: 'second' } } }],
    });
    // A late joiner is given them.
    const history = await feed.history(one.api.store.resourceVersion);
    expect(
      history.kind === 'entries' && history.entries.map(({ json }) => Object.keys(JSON.parse(json) as object)[0]),
    ).toEqual(['columns', 'state']);
  });

  it('carries metadata alone when asked', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath, projection: 'metadata' }, since);
    await feed.until('live');
    one.addPod('second');
    await vi.waitFor(() => expect(feed.names).toEqual(['second']));
    expect(feed.events[0]?.object).toMatchObject({ kind: 'PartialObjectMetadata' });
    expect(feed.events[0]?.object).not.toHaveProperty('spec');
  });
});
