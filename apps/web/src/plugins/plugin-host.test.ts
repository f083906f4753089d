import { PluginRegistry, type PluginLoader, type PluginView } from '@fleetwire/plugin-manager/browser';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PluginHost } from './plugin-host.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const view = (status: PluginView['status'], build = 'b1', problem?: object): PluginView => ({
  id: 'hub:acme/a',
  title: 'A',
  version: '1.0.0',
  build,
  status,
  reason: undefined,
  problem: problem as PluginView['problem'],
  warnings: [],
  hasRun: false,
});

function open() {
  let onGeneration: (generation: unknown) => void = () => undefined;
  let listener: () => void = () => undefined;
  const registry = new PluginRegistry();
  const loader = {
    registry,
    refresh: vi.fn(async () => undefined),
    getSnapshot: vi.fn((): readonly PluginView[] => []),
    subscribe: (own: () => void) => {
      listener = own;
      return () => undefined;
    },
    dispose: vi.fn(async () => undefined),
  };
  const createLoader = vi.fn(async (tell: (generation: unknown) => void) => {
    onGeneration = tell;
    return loader as unknown as PluginLoader;
  });
  const onFailure = vi.fn();
  const onRunning = vi.fn();
  const host = new PluginHost({ createLoader, onFailure, onRunning });
  return {
    host,
    loader,
    createLoader,
    onFailure,
    onRunning,
    listed: (generation: number) => {
      onGeneration(generation);
    },
    show: (views: readonly PluginView[]) => {
      loader.getSnapshot.mockReturnValue(views);
      listener();
    },
  };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

it('reads the list once for each generation that is not the one it has', async () => {
  const { host, loader, listed } = open();
  loader.refresh.mockImplementation(async () => {
    listed(3);
  });
  host.follow(undefined);
  host.follow(undefined);
  await settled();
  expect(loader.refresh).toHaveBeenCalledTimes(1);
  expect(host.getSnapshot()).toMatchObject({ isListed: true, problem: undefined });
  host.follow(3);
  host.follow(undefined);
  await settled();
  expect(loader.refresh).toHaveBeenCalledTimes(1);
  host.follow(4);
  await settled();
  expect(loader.refresh).toHaveBeenCalledTimes(2);
});

it('what changes while the list is read is read afterwards', async () => {
  const { host, loader } = open();
  let finish = (): void => undefined;
  loader.refresh.mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        finish = () => {
          resolve(undefined);
        };
      }),
  );
  host.refresh();
  await settled();
  host.refresh();
  host.refresh();
  finish();
  await settled();
  expect(loader.refresh).toHaveBeenCalledTimes(2);
});

it('a list that does not come holds up no newer one for long', async () => {
  const { host, loader } = open();
  loader.refresh.mockImplementation(() => new Promise(() => undefined));
  host.follow(1);
  await settled();
  host.follow(2);
  host.follow(3);
  expect(loader.refresh).toHaveBeenCalledTimes(1);
  loader.refresh.mockResolvedValue(undefined);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(loader.refresh).toHaveBeenCalledTimes(2);
  expect(host.getSnapshot()).toMatchObject({ isListed: true, problem: undefined });
  await vi.advanceTimersByTimeAsync(600_000);
  expect(loader.refresh).toHaveBeenCalledTimes(2);
});

it('what becomes of a list that a newer one has overtaken is no news', async () => {
  const { host, loader } = open();
  let fail = (): void => undefined;
  loader.refresh.mockImplementationOnce(
    () =>
      new Promise((_, reject) => {
        fail = () => {
          reject(new Error('too late'));
        };
      }),
  );
  host.refresh();
  await settled();
  host.refresh();
  await vi.advanceTimersByTimeAsync(2_000);
  fail();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(host.getSnapshot()).toMatchObject({ isListed: true, problem: undefined });
  expect(loader.refresh).toHaveBeenCalledTimes(2);
});

it('once the server is there again, what could not be fetched is tried again', async () => {
  const { host, loader, show } = open();
  loader.refresh.mockRejectedValueOnce(new Error('no server'));
  host.refresh();
  await settled();
  host.retryFailed();
  await settled();
  expect(loader.refresh).toHaveBeenCalledTimes(2);
  show([view('failed', 'b1', { code: 'E_PLUGIN_SYNTAX', retryable: false })]);
  host.retryFailed();
  await settled();
  expect(loader.refresh).toHaveBeenCalledTimes(2);
  show([view('failed', 'b1', { code: 'E_FETCH', phase: 'fetch', retryable: true })]);
  host.retryFailed();
  await settled();
  expect(loader.refresh).toHaveBeenCalledTimes(3);
});

it('a plugin that is tried again and fails again is told of once', async () => {
  const { host, onFailure, show } = open();
  host.refresh();
  await settled();
  show([view('failed')]);
  show([view('loading')]);
  show([view('failed')]);
  expect(onFailure).toHaveBeenCalledTimes(1);
  show([view('active')]);
  show([view('failed')]);
  expect(onFailure).toHaveBeenCalledTimes(2);
});

it('a list that does not come is in the state, and asked for again ever more seldom', async () => {
  const { host, loader } = open();
  loader.refresh.mockRejectedValue(new Error('no server'));
  host.refresh();
  await settled();
  expect(host.getSnapshot()).toMatchObject({ isListed: false, problem: 'no server' });
  await vi.advanceTimersByTimeAsync(5_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(loader.refresh).toHaveBeenCalledTimes(3);
  loader.refresh.mockResolvedValue(undefined);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(host.getSnapshot()).toMatchObject({ isListed: true, problem: undefined });
  await vi.advanceTimersByTimeAsync(600_000);
  expect(loader.refresh).toHaveBeenCalledTimes(4);
});

it('code that did not come is asked for again', async () => {
  const { host, createLoader, loader } = open();
  createLoader.mockRejectedValueOnce(new Error('no chunk'));
  host.refresh();
  await settled();
  expect(host.getSnapshot()).toMatchObject({ loader: undefined, problem: 'no chunk' });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(host.getSnapshot()).toMatchObject({ loader, isListed: true });
});

it('tells of each plugin that stops by itself once for each build', async () => {
  const { host, onFailure, show } = open();
  host.refresh();
  await settled();
  show([view('failed')]);
  show([view('failed')]);
  expect(onFailure).toHaveBeenCalledTimes(1);
  // By whoever manages plugins.
  show([view('disabled')]);
  expect(onFailure).toHaveBeenCalledTimes(1);
  show([view('disabled', 'b2', { message: 'crashed' })]);
  expect(onFailure).toHaveBeenCalledTimes(2);
  show([view('active', 'b2')]);
  show([view('failed', 'b2')]);
  expect(onFailure).toHaveBeenCalledTimes(3);
});

it('tells of each plugin that begins to run, and of none that does not run yet', async () => {
  const { host, onRunning, show } = open();
  host.refresh();
  await settled();
  for (const status of ['pending', 'loading', 'failed', 'disabled'] as const) show([view(status)]);
  expect(onRunning).not.toHaveBeenCalled();
  show([view('active')]);
  show([view('active')]);
  expect(onRunning).toHaveBeenCalledTimes(1);
  show([view('failed')]);
  show([view('active')]);
  expect(onRunning).toHaveBeenCalledTimes(2);
  show([view('loading', 'b2')]);
  show([view('active', 'b2')]);
  expect(onRunning).toHaveBeenCalledTimes(3);
});

it('remembers whose a page was after the plugin went', async () => {
  const { host, loader } = open();
  host.refresh();
  await settled();
  const declared = loader.registry.declare('hub:acme/a', { route: [{ id: 'r', path: '/images' }] });
  declared.dispose();
  expect(Object.fromEntries(host.routeOwners())).toEqual({ '/images': 'hub:acme/a' });
});

it('ends with the sign-in: plugins stop, and nothing is asked for any more', async () => {
  const { host, loader } = open();
  loader.refresh.mockRejectedValue(new Error('no server'));
  host.refresh();
  await settled();
  void host.dispose();
  void host.dispose();
  host.refresh();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(loader.dispose).toHaveBeenCalledTimes(1);
  expect(loader.refresh).toHaveBeenCalledTimes(1);
  expect(host.getSnapshot().loader).toBeUndefined();
});

it('a loader that comes after the sign-in ended is stopped at once', async () => {
  const { host, loader } = open();
  host.refresh();
  void host.dispose();
  await settled();
  expect(loader.dispose).toHaveBeenCalledTimes(1);
  expect(loader.refresh).not.toHaveBeenCalled();
  expect(host.getSnapshot().loader).toBeUndefined();
});

it('has ended when its plugins have stopped', async () => {
  const { host, loader } = open();
  host.refresh();
  await settled();
  let stopped = (): void => undefined;
  loader.dispose.mockImplementation(
    () =>
      new Promise((resolve) => {
        stopped = () => {
          resolve(undefined);
        };
      }),
  );
  let hasEnded = false;
  void host.dispose().then(() => {
    hasEnded = true;
  });
  await settled();
  expect(hasEnded).toBe(false);
  stopped();
  await settled();
  expect(hasEnded).toBe(true);
});
