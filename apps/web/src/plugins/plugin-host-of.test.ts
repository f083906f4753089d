import { afterEach, expect, it, vi } from 'vitest';
import type { PluginLoader } from '@fleetwire/plugin-manager/browser';
import type { Client } from '@fleetwire/websocket-core/client';
import type { AuthSession } from '../auth/auth-session.ts';
import { pagePluginsOf } from './plugin-host-of.ts';

const created = vi.hoisted(() => vi.fn());
vi.mock('./page-loader.ts', () => ({ createPageLoader: created }));
const loadAnew = vi.hoisted(() => vi.fn());
const prepareToLoadAnew = vi.hoisted(() => vi.fn());
vi.mock('./load-anew.ts', () => ({ loadAnew, prepareToLoadAnew }));
const showToast = vi.hoisted(() => vi.fn<(toast: { readonly once?: string }) => void>());
const forgetToast = vi.hoisted(() => vi.fn());
vi.mock('../ui/toasts/Toasts.tsx', () => ({ beginToasts: () => showToast, forgetToast }));

afterEach(() => {
  vi.clearAllMocks();
  vi.unstubAllGlobals();
});

const signedIn = (client: Client) => ({ status: 'signed-in', client });

/** A page whose loader has run the code of these plugins. */
function open(evaluated: readonly string[], heard?: Promise<void>) {
  vi.stubGlobal('location', { origin: 'https://fleet.example' });
  const page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  const reportUncaught = vi.fn();
  const dispose = vi.fn(async () => undefined);
  let views: readonly object[] = [];
  let tellViews = (): void => undefined;
  created.mockReturnValue({
    registry: { subscribe: () => () => undefined, getSnapshot: () => [] },
    evaluated: new Map(evaluated.map((id) => [id, id])),
    refresh: async () => undefined,
    getSnapshot: () => views,
    subscribe: (listener: () => void) => {
      tellViews = listener;
      return () => undefined;
    },
    reportUncaught,
    dispose,
  });
  const first = {} as Client;
  let state: object = signedIn(first);
  let tell = (): void => undefined;
  const session = {
    getState: () => state,
    subscribe: (listener: () => void) => (tell = listener),
    signOutHeard: heard,
  } as unknown as AuthSession;
  const { host } = pagePluginsOf(session, first, () => undefined);
  host.refresh();
  return {
    page,
    client: first,
    dispose,
    reportUncaught,
    become: (next: object): void => {
      state = next;
      tell();
    },
    show: (next: readonly object[]): void => {
      views = next;
      tellViews();
    },
    isListed: () => vi.waitFor(() => expect(host.getSnapshot().isListed).toBe(true)),
  };
}

it.each([
  ['nobody', { status: 'signed-out', ended: false }],
  ['nobody, not by this page’s doing', { status: 'signed-out', ended: true }],
  ['another user', signedIn({} as Client)],
])('once code of a plugin has run, the page is loaded anew before %s is signed in', async (_, next) => {
  const heard = Promise.resolve();
  const { become, isListed } = open(['hub:acme/a'], heard);
  expect(prepareToLoadAnew).toHaveBeenCalledTimes(1);
  await isListed();
  expect(loadAnew).not.toHaveBeenCalled();
  become(next);
  expect(loadAnew).toHaveBeenCalledExactlyOnceWith(heard);
  become({ status: 'signed-out', ended: false });
  expect(loadAnew).toHaveBeenCalledTimes(1);
});

it('the plugins are stopped before the page is loaded anew, which what they throw does not keep it from', async () => {
  const { dispose, become, isListed } = open(['hub:acme/a']);
  await isListed();
  const fail = vi.fn(() => {
    throw new Error('no');
  });
  vi.stubGlobal('removeEventListener', fail);
  expect(() => {
    become({ status: 'signed-out', ended: false });
  }).toThrow('no');
  expect(loadAnew).toHaveBeenCalledTimes(1);

  const other = open(['hub:acme/a']);
  await other.isListed();
  loadAnew.mockImplementationOnce(fail);
  expect(() => {
    other.become({ status: 'signed-out', ended: false });
  }).toThrow('no');
  expect([dispose, other.dispose].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
});

it('without code of plugins the next user gets the page as it is', async () => {
  const { dispose, become, isListed } = open([]);
  await isListed();
  become({ status: 'signed-out', ended: false });
  expect([loadAnew, dispose].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
});

it('news of the same sign-in are no reason to load the page anew', async () => {
  const { become, client, isListed } = open(['hub:acme/a']);
  await isListed();
  become({ ...signedIn(client), user: {} });
  expect(loadAnew).not.toHaveBeenCalled();
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

it('a failure is told of once for each build, and again once the plugin has run; what nobody caught is not', async () => {
  const { page, reportUncaught, show, isListed } = open([]);
  await isListed();
  const plugin = { id: 'hub:acme/a', title: 'A', build: 'b1', warnings: [] };
  reportUncaught.mockReturnValue({ pluginId: plugin.id, reason: 'no such row' });
  const problem = { message: 'no', reason: 'no' };
  show([{ ...plugin, status: 'failed', problem }]);
  show([{ ...plugin, build: 'b2', status: 'failed', problem }]);
  expect(forgetToast).not.toHaveBeenCalled();
  show([{ ...plugin, build: 'b2', status: 'active' }]);
  page.dispatchEvent(Object.assign(new Event('error'), { error: new Error('no such row'), filename: 'x.js' }));
  const told = showToast.mock.calls.map(([{ once }]) => once);
  expect(new Set(told).size).toBe(3);
  expect(forgetToast).toHaveBeenCalledExactlyOnceWith(told[1]);
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
