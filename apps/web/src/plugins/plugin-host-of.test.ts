import { afterEach, expect, it, vi } from 'vitest';
import type { PluginLoader } from '@fleetwire/plugin-manager/browser';
import type { Client } from '@fleetwire/websocket-core/client';
import type { AuthSession } from '../auth/auth-session.ts';
import { pagePluginsOf } from './plugin-host-of.ts';

const created = vi.hoisted(() => vi.fn());
vi.mock('./page-loader.ts', () => ({ createPageLoader: created }));

afterEach(() => {
  vi.unstubAllGlobals();
});

it('the plugins of the next sign-in begin after those of the last have stopped', async () => {
  vi.stubGlobal('location', { origin: 'https://fleet.example' });
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const dispose = vi.fn(() => stopped);
  const loader = {
    registry: { subscribe: () => () => undefined, getSnapshot: () => [] },
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
