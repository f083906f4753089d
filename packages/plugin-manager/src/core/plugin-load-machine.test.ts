import { expect, it } from 'vitest';
import {
  pluginLoadStart,
  pluginLoadTransition,
  type PluginListing,
  type PluginLoadEffect,
  type PluginLoadEvent,
  type PluginLoadState,
} from './plugin-load-machine.ts';

type Event = PluginLoadEvent<string>;

function run(...events: readonly Event[]): { state: PluginLoadState<string>; effects: readonly PluginLoadEffect[] } {
  let state: PluginLoadState<string> = pluginLoadStart;
  let effects: readonly PluginLoadEffect[] = [];
  for (const event of events) ({ state, effects } = pluginLoadTransition(state, event));
  return { state, effects };
}

const ready = (build = 'a', isLazy = false): PluginListing => ({ status: 'ready', build, isLazy });
const listed = (listing: PluginListing = ready(), isSafeMode = false): Event => ({
  type: 'listed',
  listing,
  isSafeMode,
});
const activated = (of = 1): Event => ({ type: 'activated', run: of });
const crashed = (atMs: number, run = 1, of = 'widget'): Event => ({ type: 'crashed', run, of, atMs, problem: 'boom' });

it('a plugin that the server lists is loaded, and active once it says so', () => {
  expect(run(listed())).toEqual({
    state: { status: 'loading', build: 'a', run: 1, crashes: [] },
    effects: [{ type: 'start', run: 1 }],
  });
  expect(run(listed(), activated()).state.status).toBe('active');
});

it('a lazy one waits for its first use', () => {
  expect(run(listed(ready('a', true)))).toMatchObject({ state: { status: 'pending' }, effects: [] });
  expect(run(listed(ready('a', true)), { type: 'used' }).effects).toEqual([{ type: 'start', run: 1 }]);
});

it('the same list again changes nothing, neither of an active nor of a failed plugin', () => {
  expect(run(listed(), activated(), listed())).toMatchObject({ state: { status: 'active' }, effects: [] });
  expect(run(listed(), { type: 'failed', run: 1, problem: 'x', isRetryable: false }, listed())).toMatchObject({
    state: { status: 'failed', problem: 'x' },
    effects: [],
  });
});

it('what failed as it could not be fetched is started again by the next list, and by nothing else', () => {
  const failed: Event = { type: 'failed', run: 1, problem: 'x', isRetryable: true };
  expect(run(listed(ready('a', true)), { type: 'used' }, failed).effects).toEqual([{ type: 'stop', run: 1 }]);
  expect(run(listed(ready('a', true)), { type: 'used' }, failed, { type: 'used' }).effects).toEqual([]);
  expect(run(listed(ready('a', true)), { type: 'used' }, failed, listed(ready('a', true)))).toMatchObject({
    state: { status: 'loading' },
    effects: [{ type: 'start', run: 2 }],
  });
});

it('another build stops the old run before it starts the new one, lazy or not', () => {
  const { state, effects } = run(listed(), activated(), listed(ready('b', true)));
  expect(state).toEqual({ status: 'loading', build: 'b', run: 2, crashes: [] });
  expect(effects).toEqual([
    { type: 'stop', run: 1 },
    { type: 'start', run: 2 },
  ]);
});

it('what an earlier run says does not count', () => {
  const update = [listed(), listed(ready('b'))] as const;
  expect(run(...update, activated(1)).state.status).toBe('loading');
  expect(run(...update, { type: 'failed', run: 1, problem: 'x', isRetryable: false }).state.status).toBe('loading');
  expect(run(...update, activated(2), crashed(0), crashed(1_000), crashed(2_000)).state.status).toBe('active');
});

it.each(['disabled', 'incompatible', 'blocked'] as const)('%s by the server stops it, and says why', (status) => {
  const { state, effects } = run(listed(), activated(), listed({ status, reason: 'why' }));
  expect(state).toMatchObject({ status, reason: 'why' });
  expect(effects).toEqual([{ type: 'stop', run: 1 }]);
  expect(run(listed(), listed({ status, reason: 'why' }), listed()).effects).toEqual([{ type: 'start', run: 2 }]);
});

it('a failure in loading stops the run, so that nothing of it stays', () => {
  expect(run(listed(), { type: 'failed', run: 1, problem: 'x', isRetryable: false }).effects).toEqual([
    { type: 'stop', run: 1 },
  ]);
});

it('three crashes within a minute disable it for the session; the same list does not bring it back', () => {
  const thrice = [listed(), activated(), crashed(0), crashed(30_000), crashed(59_999)] as const;
  expect(run(...thrice)).toMatchObject({
    state: { status: 'disabled', by: 'crashes', problem: 'boom' },
    effects: [{ type: 'stop', run: 1 }],
  });
  expect(run(...thrice, listed())).toMatchObject({ state: { by: 'crashes' }, effects: [] });
  expect(run(...thrice, { type: 'retried' }).effects).toEqual([{ type: 'start', run: 2 }]);
  expect(run(...thrice, listed(ready('b'))).effects).toEqual([{ type: 'start', run: 2 }]);
});

it('what crashes before the plugin says that it is active counts, too', () => {
  const { state } = run(listed(), crashed(0), crashed(1_000), activated(), crashed(2_000));
  expect(state).toMatchObject({ status: 'disabled', by: 'crashes' });
});

it('a contribution that throws in many rows at once has crashed once, and again a second later', () => {
  const burst = Array.from({ length: 40 }, (_, row) => crashed(row * 10));
  expect(run(listed(), activated(), ...burst).state).toMatchObject({ status: 'active', crashes: [{ atMs: 0 }] });
  expect(run(listed(), activated(), ...burst, crashed(1_000), crashed(1_999)).state.status).toBe('active');
  expect(run(listed(), activated(), ...burst, crashed(1_000), crashed(2_000)).state.status).toBe('disabled');
});

it('crashes of several contributions count each, also at once', () => {
  const crashes = [crashed(0, 1, 'widget'), crashed(0, 1, 'route'), crashed(0, 1, 'section')];
  expect(run(listed(), activated(), ...crashes).state.status).toBe('disabled');
});

it('three crashes over more than a minute do not', () => {
  expect(run(listed(), activated(), crashed(0), crashed(30_000), crashed(60_000)).state.status).toBe('active');
});

it('safe mode loads nothing, and says so', () => {
  expect(run(listed(ready(), true))).toMatchObject({ state: { status: 'disabled', by: 'safe-mode' }, effects: [] });
  expect(run(listed(ready(), true), listed()).effects).toEqual([{ type: 'start', run: 1 }]);
});

it('one that is no longer listed stops, and a new listing starts it anew', () => {
  expect(run(listed(), activated(), { type: 'unlisted' }).effects).toEqual([{ type: 'stop', run: 1 }]);
  expect(run(listed(), activated(), { type: 'unlisted' }, listed()).effects).toEqual([{ type: 'start', run: 2 }]);
});
