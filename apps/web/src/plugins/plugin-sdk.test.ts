import type { PluginCluster } from '@fleetwire/plugin-manager/sdk';
import { expect, it, vi } from 'vitest';
import { createPluginSdk, type SdkParts } from './plugin-sdk.ts';
import { ValueStore } from './value-store.ts';

const plugin = { id: 'hub:acme/a', version: '1.0.0', build: '1.0.0-a' };
const origin = 'https://fleet.example';

function open(answers: readonly number[] = [200]) {
  const statuses = [...answers];
  const controller = new AbortController();
  const parts = {
    token: vi.fn<SdkParts['token']>(async (request) => (request?.reason === 'expired' ? 'new' : 'old')),
    fetch: vi.fn<typeof fetch>(async () => new Response('{}', { status: statuses.shift() ?? 200 })),
    origin,
    clusters: new ValueStore<readonly PluginCluster[] | undefined>(undefined),
    go: vi.fn<SdkParts['go']>(),
    notify: vi.fn<SdkParts['notify']>(),
    onListenerFailed: vi.fn<SdkParts['onListenerFailed']>(),
  };
  const sdk = createPluginSdk(plugin, controller.signal, parts);
  return { sdk, ...parts, stop: () => controller.abort() };
}

const tokensOf = (fetch: ReturnType<typeof open>['fetch']) =>
  fetch.mock.calls.map(([, init]) => new Headers(init?.headers).get('authorization'));

it('asks the server as the user, with what the plugin says besides', async () => {
  const { sdk, fetch } = open();
  await sdk.request('/api/v1/clusters?a=b', {
    method: 'PUT',
    headers: { 'x-own': '1', authorization: 'Bearer forged' },
  });
  const [url, init] = fetch.mock.calls[0] ?? [];
  expect(url).toBe(`${origin}/api/v1/clusters?a=b`);
  expect(init?.method).toBe('PUT');
  expect(Object.fromEntries(new Headers(init?.headers))).toEqual({ 'x-own': '1', authorization: 'Bearer old' });
});

it.each([
  'https://evil.example/api/v1/me',
  '//evil.example/api/v1/me',
  '/\\evil.example/api/',
  '/.//evil.example/api/',
  '/ws',
  '/plugins/x/y/z',
  '/api/../ws',
  '/api/%2e%2e/ws',
  'api/v1/me',
  '',
  { toString: () => '/api/v1/me' } as unknown as string,
])('refuses to ask for %j', async (path) => {
  const { sdk, fetch, token } = open();
  await expect(sdk.request(path)).rejects.toThrow(TypeError);
  expect(token).not.toHaveBeenCalled();
  expect(fetch).not.toHaveBeenCalled();
});

it('a token that was refused is renewed once, unless the body is gone', async () => {
  const first = open([401, 401, 200]);
  expect((await first.sdk.request('/clusters/demo/api/v1/pods', { method: 'POST', body: '{}' })).status).toBe(401);
  expect(tokensOf(first.fetch)).toEqual(['Bearer old', 'Bearer new']);
  const second = open([401, 200]);
  const body = new ReadableStream();
  expect((await second.sdk.request('/api/v1/x', { method: 'POST', body })).status).toBe(401);
  expect(second.fetch).toHaveBeenCalledTimes(1);
});

it('a plugin that was stopped asks nothing, goes nowhere and says nothing', async () => {
  const { sdk, fetch, go, notify, token, stop } = open();
  // As somebody signs out while the token is being fetched: the next one may be another user's.
  token.mockImplementation(async () => {
    stop();
    return 'of the next user';
  });
  await expect(sdk.request('/api/v1/me')).rejects.toMatchObject({ name: 'AbortError' });
  await expect(sdk.request('/api/v1/me')).rejects.toMatchObject({ name: 'AbortError' });
  expect(fetch).not.toHaveBeenCalled();
  sdk.navigate('/clusters');
  sdk.notify({ tone: 'good', title: 'late' });
  expect(go).not.toHaveBeenCalled();
  expect(notify).not.toHaveBeenCalled();
});

it('the signal of a request ends it, too', async () => {
  const { sdk, fetch } = open();
  const own = new AbortController();
  await sdk.request('/api/v1/me', { signal: own.signal });
  const signal = fetch.mock.calls[0]?.[1]?.signal;
  own.abort();
  expect(signal?.aborted).toBe(true);
});

it('goes to paths of the dashboard alone', () => {
  const { sdk, go } = open();
  sdk.navigate('/clusters/list?resource=v1/pods#top');
  expect(go).toHaveBeenCalledExactlyOnceWith('/clusters/list?resource=v1/pods#top');
  for (const path of ['https://evil.example/', '//evil.example', 'javascript:alert(1)']) {
    expect(() => {
      sdk.navigate(path);
    }).toThrow(TypeError);
  }
});

it('a notice is under the name of the plugin', () => {
  const { sdk, notify } = open();
  sdk.notify({ tone: 'bad', title: 'No' });
  expect(notify).toHaveBeenCalledExactlyOnceWith(plugin, { tone: 'bad', title: 'No' });
});

it('a listener that throws is of its plugin', () => {
  const { sdk, clusters, onListenerFailed } = open();
  sdk.clusters.subscribe(() => {
    throw new Error('boom');
  });
  clusters.set([]);
  expect(onListenerFailed).toHaveBeenCalledExactlyOnceWith(plugin, new Error('boom'));
});
