import { FleetwireError } from '@fleetwire/websocket-core';
import { createManualClock } from '@fleetwire/websocket-core/testing';
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { bearerProtocol } from './bearer-protocol.ts';
import { createKubeHttp, type KubeHttpOptions } from './http.ts';
import { createSocketDialer } from './socket-dialer.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/kubernetes/${name}`, import.meta.url), 'utf8');

function start(answer: (request: Request) => Response | Promise<Response>, options: KubeHttpOptions = {}) {
  const requests: Request[] = [];
  const http = createKubeHttp({
    url: 'https://fleet.test/base/',
    fetch: async (input, init) => {
      const request = new Request(input, init);
      requests.push(request);
      return answer(request);
    },
    ...options,
  });
  return { http, requests };
}

it('asks below the cluster, with the token and for JSON', async () => {
  const { http, requests } = start(() => Response.json({}), { getToken: () => 'secret' });
  await http.request({ cluster: 'a/b', path: '/api/v1/pods?limit=5' });
  expect(requests[0]?.url).toBe('https://fleet.test/base/clusters/a%2Fb/api/v1/pods?limit=5');
  expect(requests[0]?.headers.get('authorization')).toBe('Bearer secret');
  expect(requests[0]?.headers.get('accept')).toBe('application/json');
  expect(http.webSocketUrlOf('a', '/x?y=1')).toBe('wss://fleet.test/base/clusters/a/x?y=1');
});

it('gives an error with what the recorded Status says', async () => {
  const { http } = start(() => new Response(fixture('status-403.json'), { status: 403 }));
  await expect(http.request({ cluster: 'one', path: '/x', namespace: 'shop' })).rejects.toMatchObject({
    code: 'KUBE_FORBIDDEN',
    status: 403,
    reason: 'Forbidden',
    cluster: 'one',
    namespace: 'shop',
    retryable: false,
  });
});

it('gives an error for what is no Status, with the time to wait', async () => {
  const { http } = start(() => new Response('<html>', { status: 429, headers: { 'Retry-After': '7' } }));
  await expect(http.request({ cluster: 'one', path: '/x' })).rejects.toMatchObject({
    code: 'KUBE_TOO_MANY_REQUESTS',
    retryAfterMs: 7_000,
  });
});

it('tells a cluster that cannot be reached from a request that was aborted', async () => {
  const { http } = start(() => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })));
  await expect(http.request({ cluster: 'one', path: '/x' })).rejects.toMatchObject({
    code: 'KUBE_UNREACHABLE',
    retryable: true,
    status: undefined,
    message: 'one cannot be reached: ECONNREFUSED',
  });
  const aborted = http.request({ cluster: 'one', path: '/x', init: { signal: AbortSignal.abort() } });
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', retryable: false });
});

it('[W7] refreshes the token once for all that were refused with 401, and tries each again once', async () => {
  let token = 'old';
  const getToken = vi.fn(({ reason }: { readonly reason: string }) => {
    if (reason === 'expired') token = 'new';
    return token;
  });
  const { http, requests } = start(
    ({ headers }) => new Response('{}', { status: headers.get('authorization') === 'Bearer new' ? 200 : 401 }),
    { getToken },
  );
  const asked = { cluster: 'one', path: '/x' };
  await Promise.all([http.requestWithRefresh(asked), http.requestWithRefresh(asked)]);
  expect(requests.length).toBe(4);
  expect(getToken.mock.calls.filter(([{ reason }]) => reason === 'expired')).toHaveLength(1);
});

it('[W7] a 401 that comes after another request’s refresh has ended asks for no second one', async () => {
  let token = 'old';
  const getToken = vi.fn(({ reason }: { readonly reason: string }) => {
    if (reason === 'expired') token = 'new';
    return token;
  });
  const answerLate: ((response: Response) => void)[] = [];
  const { http, requests } = start(
    ({ url, headers }) => {
      if (headers.get('authorization') === 'Bearer new') return new Response('{}');
      return url.endsWith('/late')
        ? new Promise((resolve) => answerLate.push(resolve))
        : new Response('{}', { status: 401 });
    },
    { getToken },
  );
  const asked = http.requestWithRefresh({ cluster: 'one', path: '/late' });
  const listed = http.request({ cluster: 'one', path: '/late' }).catch((error: unknown) => error);
  await http.requestWithRefresh({ cluster: 'one', path: '/x' });
  for (const answer of answerLate) answer(new Response('{}', { status: 401 }));
  expect((await asked).ok).toBe(true);
  // The same for who asks for the token apart from the request.
  expect(await http.refreshToken(await listed)).toBe(true);
  expect(getToken.mock.calls.filter(([{ reason }]) => reason === 'expired')).toHaveLength(1);
  expect(requests.length).toBe(5);
});

it('[W7] gives the 401 when there is no other token', async () => {
  const { http, requests } = start(() => new Response(fixture('status-401.json'), { status: 401 }), {
    getToken: () => 'x',
  });
  await expect(http.requestWithRefresh({ cluster: 'one', path: '/x' })).rejects.toMatchObject({ status: 401 });
  expect(requests.length).toBe(1);
});

it('[W7] a token that the provider changed by itself is tried, whoever got it first', async () => {
  let token = 'old';
  const { http, requests } = start(
    ({ headers }) => {
      const isOld = headers.get('authorization') === 'Bearer old';
      token = 'new';
      return new Response('{}', { status: isOld ? 401 : 200 });
    },
    { getToken: () => token },
  );
  const asked = http.requestWithRefresh({ cluster: 'one', path: '/x' });
  await vi.waitFor(() => {
    expect(token).toBe('new');
  });
  await Promise.all([http.requestWithRefresh({ cluster: 'one', path: '/y' }), asked]);
  expect(requests.length).toBe(3);
});

it('[W7] tells once that another token than the refused one was taken', async () => {
  let token = 'old';
  let isOpen = true;
  const onRenewed = vi.fn();
  const http = createKubeHttp(
    {
      url: 'https://fleet.test',
      getToken: () => token,
      fetch: (url) => Promise.resolve(new Response('{}', { status: isOpen || url === otherUrl ? 200 : 401 })),
    },
    onRenewed,
  );
  const otherUrl = 'https://fleet.test/clusters/other/x';
  const ask = (cluster: string) => http.read({ cluster, path: '/x' }).catch(() => undefined);
  await ask('one');
  isOpen = false;
  await ask('one');
  await ask('other');
  // The same token is good for one cluster and not for the other.
  expect(onRenewed).not.toHaveBeenCalled();
  token = 'new';
  await ask('other');
  await ask('other');
  expect(onRenewed).toHaveBeenCalledTimes(1);
});

it('[W7] a token that could not be asked for is no refusal: it can be tried again', async () => {
  let isSignedIn = true;
  const { http } = start(() => new Response(fixture('status-401.json'), { status: 401 }), {
    getToken: ({ reason }) => {
      if (reason === 'request') return 'x';
      throw isSignedIn
        ? new TypeError('fetch failed')
        : new FleetwireError('UNAUTHENTICATED', 'signed out', { retryable: false });
    },
  });
  const asked = { cluster: 'one', path: '/x' };
  await expect(http.requestWithRefresh(asked)).rejects.toMatchObject({ status: 401, retryable: true });
  await expect(http.refreshToken()).rejects.toThrow('fetch failed');
  isSignedIn = false;
  await expect(http.requestWithRefresh(asked)).rejects.toMatchObject({ status: 401, retryable: false });
  expect(await http.refreshToken()).toBe(false);
});

it('[W12] an answer that stays away for 30 s is a failure, and one that comes slowly is none', async () => {
  const clock = createManualClock();
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  const isAborted = vi.fn();
  const { http } = start(
    ({ url, signal }) => {
      signal.addEventListener('abort', isAborted);
      if (url.endsWith('/hung')) return new Promise(() => {});
      return new Response(new ReadableStream({ start: (controller) => void (stream = controller) }));
    },
    { clock },
  );
  const hung = expect(http.read({ cluster: 'one', path: '/hung' })).rejects.toMatchObject({
    code: 'KUBE_TIMEOUT',
    retryable: true,
    message: 'nothing came from one for 30 s',
  });
  const slow = http.read({ cluster: 'one', path: '/slow' });
  await vi.waitFor(() => {
    expect(stream).toBeDefined();
  });
  for (const part of ['[1', ',2', ']']) {
    await clock.advanceAsync(20_000);
    stream?.enqueue(new TextEncoder().encode(part));
    await clock.settle();
  }
  stream?.close();
  expect(await slow).toBe('[1,2]');
  await hung;
  expect(isAborted).toHaveBeenCalledTimes(1);
  const half = expect(http.read({ cluster: 'one', path: '/slow' })).rejects.toMatchObject({ code: 'KUBE_TIMEOUT' });
  await clock.settle();
  await clock.advanceAsync(30_000);
  await half;
  expect(clock.pending).toBe(0);
});

it.each([
  ['http://fleet.test', false, 'INSECURE_URL'],
  ['http://fleet.test', true, undefined],
  ['http://localhost:8080', false, undefined],
  ['http://127.0.0.1:8080', false, undefined],
])('sends a token to %s (allowed: %s): %s', async (url, allowInsecureToken, code) => {
  const { http, requests } = start(() => Response.json({}), { url, allowInsecureToken, getToken: () => 'secret' });
  const asked = http.request({ cluster: 'one', path: '/x' });
  if (code === undefined) await asked;
  else await expect(asked).rejects.toMatchObject({ code });
  expect(requests.length).toBe(code === undefined ? 1 : 0);
});

it('carries a token of any characters in a sub-protocol entry', () => {
  const entry = bearerProtocol('fleetwire.bearer.', 'tökén?>~');
  expect(entry).toMatch(/^fleetwire\.bearer\.[\w-]+$/);
  expect(Buffer.from(entry.slice('fleetwire.bearer.'.length), 'base64url').toString()).toBe('tökén?>~');
});

it('[W7] [W12] a token that is not given within 10 s could not be asked for, and is asked for anew', async () => {
  const clock = createManualClock();
  let answers: (string | undefined)[] = [];
  const { http, requests } = start(
    ({ headers }) => new Response('{}', { status: headers.get('authorization') === 'Bearer new' ? 200 : 401 }),
    { clock, getToken: () => (answers.length > 0 ? answers.shift() : new Promise(() => {})) },
  );
  const asked = { cluster: 'one', path: '/x', namespace: 'shop' };
  const first = expect(http.request(asked)).rejects.toMatchObject({ code: 'KUBE_TIMEOUT', cluster: 'one' });
  await clock.advanceAsync(10_000);
  await first;
  answers = ['old'];
  const refused = expect(http.requestWithRefresh(asked)).rejects.toMatchObject({ status: 401, retryable: true });
  await clock.advanceAsync(10_000);
  await refused;
  answers = ['old', 'new', 'new'];
  expect((await http.requestWithRefresh(asked)).ok).toBe(true);
  expect([requests.length, clock.pending]).toEqual([3, 0]);
});

it('[W12] closes a socket that does not open within 10 s, and leaves one that did', async () => {
  const clock = createManualClock();
  const { http } = start(() => new Response('{}'));
  const sockets: { onopen?: () => void; close: () => void }[] = [];
  function Hanging(this: (typeof sockets)[number]) {
    this.close = vi.fn();
    sockets.push(this);
  }
  const dial = createSocketDialer(http, clock, Hanging as unknown as typeof WebSocket);
  const request = { cluster: 'one', url: '/api/v1/pods?watch=1', onMessage: () => {} };
  const hung = expect(dial(request, () => true)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  const opened = dial(request, () => true);
  await clock.settle();
  sockets[1]?.onopen?.();
  expect(await opened).toBe(sockets[1]);
  await clock.advanceAsync(9_999);
  expect(sockets[0]?.close).not.toHaveBeenCalled();
  await clock.advanceAsync(1);
  await hung;
  expect(sockets.map(({ close }) => vi.mocked(close).mock.calls.length)).toEqual([1, 0]);
  expect(clock.pending).toBe(0);
});

it('aborts what is being read when it is disposed, and no write', async () => {
  const clock = createManualClock();
  const { http, requests } = start(() => new Promise(() => {}), { clock });
  const asked = { cluster: 'one', path: '/x' };
  const aborted = expect(http.read(asked)).rejects.toMatchObject({ code: 'ABORTED' });
  const written = expect(http.read({ ...asked, init: { method: 'PATCH' } })).rejects.toMatchObject({
    code: 'KUBE_TIMEOUT',
  });
  await clock.settle();
  http.dispose();
  await aborted;
  expect([requests.map(({ signal }) => signal.aborted), clock.pending]).toEqual([[true, false], 1]);
  await expect(http.read(asked)).rejects.toMatchObject({ code: 'ABORTED' });
  await clock.advanceAsync(30_000);
  await written;
});

it('[W12] reads no more of what comes with an error than a Status measures, and waits 10 s for it', async () => {
  const clock = createManualClock();
  let pulled = 0;
  const endless = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 1;
        controller.enqueue(new Uint8Array(16 * 1024).fill(97));
      },
    });
  const bodies: (() => ReadableStream<Uint8Array>)[] = [endless, () => new ReadableStream<Uint8Array>({})];
  const { http } = start(() => new Response(bodies.shift()?.(), { status: 500 }), { clock });
  const asked = { cluster: 'one', path: '/x' };
  await expect(http.request(asked)).rejects.toMatchObject({ status: 500 });
  expect(pulled).toBeLessThan(10);
  const silent = expect(http.request(asked)).rejects.toMatchObject({ status: 500 });
  await clock.advanceAsync(10_000);
  await silent;
  expect(clock.pending).toBe(0);
});
