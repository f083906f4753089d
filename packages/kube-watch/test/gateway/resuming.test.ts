import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Subscription } from '@fleetwire/websocket-core/client';
import type { FeedHistory } from '@fleetwire/websocket-core/server';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createStaticConnection } from '../../src/server/static-clusters.ts';
import type { ClusterConnection } from '../../src/server/types.ts';
import {
  caller,
  cleanUp,
  cluster,
  connect,
  eventsOf,
  listen,
  markerOf,
  podsPath,
  serve,
  startApi,
  startGateway,
  tokenOf,
  type Caller,
  type TestGateway,
} from './gateway-harness.ts';

function namesOf(history: FeedHistory): string[] {
  if (history.kind !== 'entries') throw new Error('gone');
  return eventsOf(history.entries.map(({ json }) => JSON.parse(json) as unknown)).map(
    ({ object }) => object.metadata.name,
  );
}

function lastOf(history: FeedHistory): { position: string; marker: string | undefined } {
  if (history.kind !== 'entries') throw new Error('gone');
  const last = history.entries.at(-1);
  return {
    position: last?.position ?? '',
    marker: last === undefined ? undefined : markerOf(JSON.parse(last.json))[0],
  };
}

describe('a subscriber that comes from elsewhere', () => {
  it('[G6] with a `since` at or beyond the head goes on at the head, and learns the state', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    expect(lastOf(await feed.history(since))).toEqual({ position: since, marker: 'reconnecting' });
    await feed.until('live');
    one.api.store.create({ group: '', version: 'v1', resource: 'configmaps' }, 'default', { metadata: { name: 'c' } });
    const beyond = one.api.store.resourceVersion;
    const history = await feed.history(beyond);
    expect(namesOf(history)).toEqual([]);
    expect(lastOf(history)).toEqual({ position: since, marker: 'live' });
    expect(one.watches()).toHaveLength(1);
    // What the cluster has not reached is from another history, or made up.
    expect(await feed.history(String(Number(beyond) + 1))).toEqual({ kind: 'gone' });
  });

  it('[G6] with a `since` between two publications goes on at the one before it', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    const second = one.addPod('second');
    await vi.waitFor(() => expect(feed.names).toEqual(['second']));
    one.api.store.create({ group: '', version: 'v1', resource: 'configmaps' }, 'default', { metadata: { name: 'c' } });
    const between = one.api.store.resourceVersion;
    one.addPod('third');
    await vi.waitFor(() => expect(feed.names).toEqual(['second', 'third']));
    const history = await feed.history(between);
    expect(namesOf(history)).toEqual([]);
    expect(lastOf(history).position).toBe(second);
    expect(one.watches()).toHaveLength(1);
  });

  it('[G6] with a `since` from before the ring is led into it by a private watch', async () => {
    const one = await startApi();
    const early = one.addPod('first');
    one.addPod('second');
    const since = one.addPod('third');
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    one.addPod('fourth');
    await vi.waitFor(() => expect(feed.names).toEqual(['fourth']));
    const history = await feed.history(early);
    // What the feed holds itself is not sent twice.
    expect(namesOf(history)).toEqual(['second', 'third']);
    expect(lastOf(history).position).toBe(since);
    await vi.waitFor(() => expect(one.api.stats.openWatches).toBe(1));
  });

  it('[G6] is answered by a bookmark where nothing lay between', async () => {
    const one = await startApi({ bookmarkIntervalMs: 300 });
    const early = one.addPod('first');
    one.api.store.create({ group: '', version: 'v1', resource: 'configmaps' }, 'default', { metadata: { name: 'c' } });
    const since = one.api.store.resourceVersion;
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    const history = await feed.history(early);
    expect(namesOf(history)).toEqual([]);
    expect(lastOf(history).position).toBe(since);
    await vi.waitFor(() => expect(one.api.stats.openWatches).toBe(1));
  });

  /** A cluster whose watches the test writes, at position 100. */
  async function startSlowCluster(): Promise<{ url: string; watches: ServerResponse[] }> {
    const watches: ServerResponse[] = [];
    const server = createServer((request, response) => {
      if (!request.url?.includes('watch=true')) return void response.end('{"metadata":{"resourceVersion":"100"}}');
      response.writeHead(200).flushHeaders();
      watches.push(response);
    });
    return { url: await listen(server), watches };
  }
  const line = (type: string, version: string, name = ''): string =>
    `{"type":"${type}","object":{"kind":"Pod","metadata":{"name":"${name}","resourceVersion":"${version}"}}}\n`;

  it('[G6] gets what a replica that is behind owes, however late it comes: silence proves nothing', async () => {
    const { url, watches } = await startSlowCluster();
    const feed = startGateway([cluster('one', url)]).open('kube/one', { path: podsPath }, '20');
    await feed.until('live');
    let isAnswered = false;
    const answer = feed.history('10').finally(() => (isAnswered = true));
    await vi.waitFor(() => expect(watches).toHaveLength(2));
    await new Promise((resolve) => setTimeout(resolve, 600));
    watches[1]?.write(line('BOOKMARK', '14'));
    watches[1]?.write(line('ADDED', '15', 'late'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isAnswered).toBe(false);
    watches[1]?.write(line('BOOKMARK', '25'));
    expect(namesOf(await answer)).toEqual(['late']);
    await vi.waitFor(() => expect(watches[1]?.destroyed).toBe(true));
    // One that ends without a proof that this was all.
    const unsure = feed.history('10');
    await vi.waitFor(() => expect(watches).toHaveLength(3));
    watches[2]?.end(line('ADDED', '15', 'late'));
    expect(await unsure).toEqual({ kind: 'gone' });
  });

  it('[G6] is answered at once where the feed itself has seen that nothing came', async () => {
    const { url, watches } = await startSlowCluster();
    const feed = startGateway([cluster('one', url)]).open('kube/one', { path: podsPath }, '20');
    await feed.until('live');
    watches[0]?.write(line('ADDED', '30', 'first'));
    for (let version = 31; version <= 70; version += 1) {
      watches[0]?.write(line('BOOKMARK', String(version)));
      await vi.waitFor(() => expect(feed.publications.at(-1)?.position).toBe(String(version)));
    }
    // Off the ring, but after the last event.
    const history = await feed.history('40');
    expect([namesOf(history), lastOf(history).position]).toEqual([[], '70']);
    expect(watches).toHaveLength(1);
    // Before it: the event itself is proof, without a wait for silence or for a bookmark.
    const early = feed.history('20');
    await vi.waitFor(() => expect(watches).toHaveLength(2));
    watches[1]?.write(line('ADDED', '30', 'first'));
    expect(namesOf(await early)).toEqual(['first']);
  });

  /** A feed of one user at 100 whose history from 50 is asked for, when the feed is live. */
  async function askFromAfar(gateway: TestGateway, identity: Caller, label: string) {
    const feed = gateway.open('kube/one', { path: podsPath, labelSelector: `n=${label}` }, '100', identity);
    await feed.until('live');
    return () => feed.history('50').catch((error: unknown) => error);
  }

  it('[G11] takes no place for a private watch from others, however many it asks for', async () => {
    const { url, watches } = await startSlowCluster();
    const gateway = startGateway([cluster('one', url)]);
    const asks = await Promise.all(
      Array.from({ length: 10 }, (_, index) => askFromAfar(gateway, caller({ userId: 'eve' }), String(index))),
    );
    const bob = await askFromAfar(gateway, caller({ userId: 'bob' }), 'bob');
    const answers = asks.map((ask) => ask());
    const privates = () => watches.slice(11);
    await vi.waitFor(() => expect(privates()).toHaveLength(4));
    const his = bob();
    await vi.waitFor(() => expect(privates()).toHaveLength(5));
    privates()[4]?.write(line('ADDED', '100', 'his'));
    expect(namesOf((await his) as FeedHistory)).toEqual(['his']);
    // Whoever waits gets the place of who is done, and nobody is told to list.
    const written = new Set([privates()[4]]);
    while (written.size < 11) {
      const open = privates().filter((watch) => !written.has(watch));
      for (const watch of open) {
        written.add(watch);
        watch.write(line('ADDED', '100', 'hers'));
      }
      await vi.waitFor(() => expect(privates()).toHaveLength(Math.min(11, written.size + 4)));
    }
    for (const answer of await Promise.all(answers)) expect(namesOf(answer as FeedHistory)).toEqual(['hers']);
  });

  it('[G11] waits for a place half as long as for a private watch, then lists again; its end gives the place back', async () => {
    const { url, watches } = await startSlowCluster();
    const gateway = startGateway([cluster('one', url)], { timings: { catchUpTimeoutMs: 2_000 } });
    const users = Array.from({ length: 17 }, (_, index) => caller({ userId: `user-${String(index)}` }));
    const asks = await Promise.all(users.map((identity, index) => askFromAfar(gateway, identity, String(index))));
    const answers = asks.slice(0, 16).map((ask) => ask());
    await vi.waitFor(() => expect(watches).toHaveLength(17 + 16));
    expect(await asks[16]?.()).toEqual({ kind: 'gone' });
    expect(watches).toHaveLength(17 + 16);
    await Promise.all(answers);
    const late = asks[16]?.();
    await vi.waitFor(() => expect(watches).toHaveLength(17 + 17));
    watches.at(-1)?.write(line('ADDED', '100', 'late'));
    expect(namesOf((await late) as FeedHistory)).toEqual(['late']);
  });

  it('[G6] asks for a private watch of three seconds, whose end brings a bookmark, and again after a 401', async () => {
    const one = await startApi();
    const early = one.addPod('first');
    const since = one.addPod('second');
    const { server } = createStaticConnection({ server: one.url });
    let asked = 0;
    const connection: ClusterConnection = {
      server,
      identityKey: server,
      requestOptions: () => Promise.resolve({ headers: { authorization: `Bearer t${String((asked += 1))}` } }),
      refreshCredentials: () => Promise.resolve(true),
    };
    const feed = startGateway([cluster('one', connection)]).open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    one.api.faults.add({ kind: 'status', code: 401 }, { watch: true, times: 1 });
    expect(namesOf(await feed.history(early))).toEqual(['second']);
    expect(one.watches().map(({ timeoutSeconds }) => timeoutSeconds)).toEqual(['450', '3', '3']);
  });

  it('[G6] lists again where the cluster has forgotten its `since`', async () => {
    const one = await startApi();
    const early = one.addPod('first');
    const since = one.addPod('second');
    one.api.store.compact();
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    expect(await feed.history(early)).toEqual({ kind: 'gone' });
    // What is no decimal cannot be told from what is newer.
    expect(await feed.history('v17')).toEqual({ kind: 'gone' });
  });

  it('[G6] lists again rather than be sent more than a list would be', async () => {
    const one = await startApi();
    const early = one.addPod('first');
    for (let index = 0; index < 100; index += 1) one.addPod(`pod-${String(index)}`, { padding: 100_000 });
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, one.api.store.resourceVersion);
    expect((await feed.history(early)).kind).toBe('gone');
    await vi.waitFor(() => expect(one.api.stats.openWatches).toBe(1));
  });

  it('[G6] is told to try again while the cluster does not answer', async () => {
    const one = await startApi();
    const early = one.addPod('first');
    const since = one.addPod('second');
    const gateway = startGateway([cluster('one', one.url)], { timings: { catchUpTimeoutMs: 200 } });
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    await feed.until('live');
    one.api.faults.add({ kind: 'half-open' }, { watch: true });
    await expect(feed.history(early)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    await one.api.close();
    await expect(feed.history(early)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });

  it('[G6] hears at once why a feed has not begun', async () => {
    const one = await startApi();
    const early = one.addPod('first');
    const since = one.addPod('second');
    const later = one.addPod('third');
    one.api.faults.add({ kind: 'status', code: 403 }, { watch: true });
    const gateway = startGateway([cluster('one', one.url)]);
    const feed = gateway.open('kube/one', { path: podsPath }, since);
    const histories = [feed.history(later), feed.history(early)];
    expect(lastOf((await histories[0]) as FeedHistory)).toEqual({ position: since, marker: 'error 403' });
    // Whether `since` is a place in the history is not known yet.
    await expect(histories[1]).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });

  it('[G6] does not hear of troubles that are over, and hears of those that are not', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const url = await serve(startGateway([cluster('one', one.url)]).gateway);
    const join = (): string[] => {
      const markers: string[] = [];
      connect(url).subscribe('kube/one', {
        params: { path: podsPath },
        since,
        onPublication: (data) => void markers.push(...markerOf(data)),
      });
      return markers;
    };
    const first = join();
    await vi.waitFor(() => expect(first).toEqual(['live']));
    const undo = one.api.faults.add({ kind: 'status', code: 500 }, { watch: true });
    one.api.faults.cutOpen({ watch: true });
    await vi.waitFor(() => expect(first).toEqual(['live', 'reconnecting', 'error 500', 'reconnecting']));
    const during = join();
    await vi.waitFor(() => expect(during).toEqual(['reconnecting', 'error 500', 'reconnecting']));
    undo();
    await vi.waitFor(() => expect(during.at(-1)).toBe('live'));
    const after = join();
    one.addPod('second');
    await vi.waitFor(() => expect(first.at(-1)).toBe('live'));
    expect(after).toEqual([]);
  });

  it('[G6] loses nothing, over a real socket: reconnects, late tabs, another replica', async () => {
    const one = await startApi();
    const early = one.addPod('p0');
    const urls = [
      await serve(startGateway([cluster('one', one.url)]).gateway),
      await serve(startGateway([cluster('one', one.url)]).gateway),
    ];
    let next = 1;
    const seen: { names: Set<string>; since: string; gaps: number }[] = [];
    const subscribe = (url: string | undefined, since: string): Subscription => {
      const record = { names: new Set<string>(), since, gaps: 0 };
      seen.push(record);
      return connect(url ?? '').subscribe('kube/one', {
        params: { path: podsPath },
        since,
        onPublication: (data) => {
          for (const { object } of eventsOf([data])) record.names.add(object.metadata.name);
        },
        onGap: () => (record.gaps += 1),
      });
    };
    const versions = [early];
    const add = (count: number): void => {
      for (let index = 0; index < count; index += 1) {
        versions.push(one.addPod(`p${String(next)}`));
        next += 1;
      }
    };
    add(5);
    // The first opens the feed in the middle of history; others come from before, from between, from beyond.
    for (const index of [3, 0, 5, 1, 4, 2]) {
      subscribe(urls[index % 2], versions[index] as string);
      add(3);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await vi.waitFor(() => expect(seen.every(({ names }) => names.has('p23'))).toBe(true));
    for (const { since, names, gaps } of seen) {
      const due = versions.flatMap((version, index) => (Number(version) > Number(since) ? [`p${String(index)}`] : []));
      expect(due.filter((name) => !names.has(name))).toEqual([]);
      expect(gaps).toBe(0);
    }
  });

  it('[G11] that does not read delays no other, is cut off at the end of the ring, and resumes', async () => {
    const one = await startApi();
    const since = one.addPod('first');
    const { gateway } = startGateway([cluster('one', one.url)]);
    const url = await serve(gateway);
    const names = new Set<string>();
    const quick = connect(url).subscribe('kube/one', {
      params: { path: podsPath },
      since,
      onPublication: (data) => {
        for (const { object } of eventsOf([data])) names.add(object.metadata.name);
      },
    });
    await vi.waitFor(() => expect([quick.state.status, one.api.stats.openWatches]).toEqual(['live', 1]));

    const slow = new WebSocket(`${url.replace('http', 'ws')}/ws`, 'fleetwire.v1');
    cleanUp(() => {
      slow.terminate();
    });
    const frames: Record<string, unknown>[] = [];
    slow.on('message', (message: Buffer) =>
      frames.push(JSON.parse(message.toString('utf8')) as Record<string, unknown>),
    );
    const subscribe = (id: number, from: string): void => {
      const items = [{ channel: 'kube/one', params: { path: podsPath }, since: from }];
      slow.send(JSON.stringify({ type: 'request', id, method: 'subscribe', params: { items } }));
    };
    await once(slow, 'open');
    slow.send(
      JSON.stringify({ type: 'hello', protocol: 1, token: tokenOf(caller()), peer: { name: 't', version: '1' } }),
    );
    await vi.waitFor(() => expect(frames[0]).toMatchObject({ type: 'welcome' }));
    subscribe(1, since);
    await vi.waitFor(() => expect(frames.some(({ id }) => id === 1)).toBe(true));
    slow.pause();

    for (let index = 0; index < 300; index += 1) {
      one.addPod(`pod-${String(index)}`, { padding: 50_000 });
      // A machine under load must not make a slow reader of the quick one.
      const isBehind = (): boolean => names.size < index - 20;
      if (isBehind()) await vi.waitFor(() => expect(isBehind()).toBe(false), { interval: 5 });
    }
    await vi.waitFor(() => expect(names.size).toBe(300));

    slow.resume();
    await vi.waitFor(() => expect(frames).toContainEqual(expect.objectContaining({ code: 'LAGGED', retryable: true })));
    const read = eventsOf(frames.map(({ data }) => data ?? {}));
    expect(read.length).toBeLessThan(300);
    const position = frames.findLast((frame) => 'position' in frame && 'data' in frame)?.['position'] as string;
    subscribe(2, position);
    await vi.waitFor(() => expect(frames.some(({ id }) => id === 2)).toBe(true));
    const { result } = frames.find(({ id }) => id === 2) as { result: { items: { mode: string }[] } };
    // Either all that it missed follows, or it is told to list again.
    expect(['recovered', 'live']).toContain(result.items[0]?.mode);
    if (result.items[0]?.mode === 'recovered') {
      await vi.waitFor(() => {
        const all = new Set(eventsOf(frames.map(({ data }) => data ?? {})).map(({ object }) => object.metadata.name));
        expect(all.size).toBe(300);
      });
    }
  });
});
