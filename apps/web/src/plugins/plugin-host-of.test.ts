import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PluginLoader } from '@fleetwire/plugin-manager/browser';
import type { Client } from '@fleetwire/websocket-core/client';
import type { AuthSession } from '../auth/auth-session.ts';
import type { pagePluginsOf as PagePluginsOf } from './plugin-host-of.ts';

const created = vi.hoisted(() => vi.fn());
vi.mock('./page-loader.ts', () => ({ createPageLoader: created }));

let pagePluginsOf: typeof PagePluginsOf;

beforeEach(async () => {
  // A page that is to be loaded anew is so once.
  vi.resetModules();
  ({ pagePluginsOf } = await import('./plugin-host-of.ts'));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const signedIn = (client: Client) => ({ status: 'signed-in', client });

/** A page whose loader has run the code of these plugins. */
function open(evaluated: readonly string[]) {
  const reload = vi.fn();
  const replaceBody = vi.fn();
  vi.stubGlobal('location', { origin: 'https://fleet.example', href: 'https://fleet.example/x', reload });
  vi.stubGlobal('document', { body: { replaceWith: replaceBody }, createElement: () => ({ append: vi.fn() }) });
  const fetching = vi.fn(async () => new Response('page'));
  vi.stubGlobal('fetch', fetching);
  const page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  const reportUncaught = vi.fn();
  created.mockReturnValue({
    registry: { subscribe: () => () => undefined, getSnapshot: () => [] },
    evaluated: new Map(evaluated.map((id) => [id, id])),
    refresh: async () => undefined,
    getSnapshot: () => [],
    subscribe: () => () => undefined,
    reportUncaught,
    dispose: async () => undefined,
  });
  const first = {} as Client;
  let state: object = signedIn(first);
  let tell = (): void => undefined;
  const session = {
    getState: () => state,
    subscribe: (listener: () => void) => (tell = listener),
  } as unknown as AuthSession;
  const { host } = pagePluginsOf(session, first, () => undefined);
  host.refresh();
  return {
    page,
    client: first,
    reload,
    replaceBody,
    fetching,
    reportUncaught,
    become: (next: object): void => {
      state = next;
      tell();
    },
    isListed: () => vi.waitFor(() => expect(host.getSnapshot().isListed).toBe(true)),
  };
}

it.each([
  ['nobody', { status: 'signed-out', ended: false }],
  ['nobody, not by this page’s doing', { status: 'signed-out', ended: true }],
  ['another user', signedIn({} as Client)],
])('once code of a plugin has run, the page is loaded anew before %s is signed in', async (_, next) => {
  const { reload, replaceBody, become, isListed } = open(['hub:acme/a']);
  await isListed();
  become(next);
  expect(replaceBody).toHaveBeenCalledTimes(1);
  become({ status: 'signed-out', ended: false });
  await vi.waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
  expect(replaceBody).toHaveBeenCalledTimes(1);
});

it('code of a plugin cannot ask to stay in a page that is to be loaded anew, and may before', async () => {
  const { page, become, isListed } = open(['hub:acme/a']);
  const plugins = vi.fn((event: Event) => {
    event.preventDefault();
  });
  page.addEventListener('beforeunload', plugins, true);
  await isListed();
  page.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  expect(plugins).toHaveBeenCalledTimes(1);
  become({ status: 'signed-out', ended: false });
  expect(page.dispatchEvent(new Event('beforeunload', { cancelable: true }))).toBe(true);
  expect(plugins).toHaveBeenCalledTimes(1);
});

it('the page stays, without what it showed, until a server that is away answers: the sign-out is yet to reach it', async () => {
  const { reload, replaceBody, fetching, become, isListed } = open(['hub:acme/a']);
  await isListed();
  vi.useFakeTimers();
  fetching.mockRejectedValueOnce(new TypeError('Failed to fetch'));
  fetching.mockResolvedValueOnce(new Response('', { status: 502 }));
  become({ status: 'signed-out', ended: false });
  await vi.advanceTimersByTimeAsync(3_999);
  expect([replaceBody.mock.calls.length, reload.mock.calls.length]).toEqual([1, 0]);
  await vi.advanceTimersByTimeAsync(1);
  expect(reload).toHaveBeenCalledTimes(1);
});

it('without code of plugins the next user gets the page as it is', async () => {
  const { reload, replaceBody, fetching, become, isListed } = open([]);
  await isListed();
  become({ status: 'signed-out', ended: false });
  expect([reload, replaceBody, fetching].map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
});

it('news of the same sign-in are no reason to load the page anew', async () => {
  const { reload, become, client, isListed } = open(['hub:acme/a']);
  await isListed();
  become({ ...signedIn(client), user: {} });
  expect(reload).not.toHaveBeenCalled();
});

it('what nobody catches goes to the loader, as long as the sign-in lasts', async () => {
  const { page, reportUncaught, become, isListed } = open([]);
  await isListed();
  const thrown = new Error('no such row');
  page.dispatchEvent(Object.assign(new Event('error'), { error: thrown, filename: 'https://fleet.example/x.js' }));
  page.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: thrown }));
  expect(reportUncaught.mock.calls).toEqual([
    [thrown, 'https://fleet.example/x.js'],
    [thrown, undefined],
  ]);
  become({ status: 'signed-out', ended: false });
  page.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: thrown }));
  expect(reportUncaught).toHaveBeenCalledTimes(2);
});

it('the plugins of the next sign-in begin after those of the last have stopped', async () => {
  vi.stubGlobal('location', { origin: 'https://fleet.example' });
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const dispose = vi.fn(() => stopped);
  const loader = {
    registry: { subscribe: () => () => undefined, getSnapshot: () => [] },
    evaluated: new Map(),
    refresh: async () => undefined,
    getSnapshot: () => [],
    subscribe: () => () => undefined,
    dispose,
  } as unknown as PluginLoader;
  created.mockReturnValue(loader);
  const listeners: (() => void)[] = [];
  let status = 'signed-in';
  const session = {
    getState: () => ({ status }),
    subscribe: (listener: () => void) => listeners.push(listener),
  } as unknown as AuthSession;
  const go = (): void => undefined;

  const first = pagePluginsOf(session, {} as Client, go);
  first.host.refresh();
  await vi.waitFor(() => expect(first.host.getSnapshot().isListed).toBe(true));
  status = 'signed-out';
  for (const listener of listeners) listener();
  expect(dispose).toHaveBeenCalledTimes(1);

  status = 'signed-in';
  const second = pagePluginsOf(session, {} as Client, go);
  second.host.refresh();
  await new Promise(setImmediate);
  expect(created).toHaveBeenCalledTimes(1);
  stop();
  await vi.waitFor(() => expect(created).toHaveBeenCalledTimes(2));
});
