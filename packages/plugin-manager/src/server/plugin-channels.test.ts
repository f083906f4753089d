import { createManualClock } from '@fleetwire/websocket-core/testing';
import type { ChannelRequest, ChannelSource, FeedSink, StateChange } from '@fleetwire/websocket-core/server';
import { describe, expect, it, vi } from 'vitest';
import { startOperation, type OperationContext } from '../node/operation.ts';
import { createOperationRegistry, operationKeptMs } from './operation-registry.ts';
import { createOperationChannel, createPluginsChannel } from './plugin-channels.ts';

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const identity = { orgId: 'o', userId: 'u' } as ChannelRequest['identity'];

function setUp() {
  const clock = createManualClock();
  const registry = createOperationRegistry(clock, logger);
  const listeners = new Set<(generation: number) => void>();
  const generations = {
    current: vi.fn(() => Promise.resolve(3)),
    subscribe: (listener: (generation: number) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const changed = (generation: number): void => {
    for (const listener of listeners) listener(generation);
  };
  const track = (id: string, work: (context: OperationContext) => Promise<unknown>) => {
    const operation = startOperation({
      id,
      action: 'rollback',
      pluginId: 'a:b/c',
      actor: 'ada',
      timeoutMs: 1e9,
      clock,
      work,
    });
    registry.track(operation);
    return operation;
  };
  return { clock, registry, generations, listeners, changed, track };
}

/** What a feed holds, as a subscriber would have it. */
function createSink() {
  const items = new Map<string, unknown>();
  const ended: string[] = [];
  const apply = ({ set = [], del = [] }: StateChange): void => {
    for (const { key, value } of set) items.set(key, value);
    for (const { key } of del) items.delete(key);
  };
  const sink: FeedSink = {
    ringBytes: 0,
    publish: () => undefined,
    change: apply,
    replace(set) {
      items.clear();
      apply({ set });
    },
    end: ({ code }) => ended.push(code),
  };
  return { items, ended, sink };
}

async function open(source: ChannelSource, sink: FeedSink, segments: Record<string, string> = {}) {
  const grant = await ask(source, segments);
  const scopeKey = 'scopeKey' in grant ? grant.scopeKey : '';
  return source.open({ channel: '', segments, params: {}, scopeKey, userId: '', since: undefined }, sink);
}
const ask = (source: ChannelSource, segments: Record<string, string> = {}, params = {}) =>
  source.authorize({ identity, channel: '', segments, params });

describe('the channel plugins', () => {
  it('says what the plugin of an operation is called as soon as that is known', async () => {
    const { registry, generations, track } = setUp();
    const { items, sink } = createSink();
    await open(createPluginsChannel(registry, generations), sink);
    track('one', () => new Promise(() => undefined));
    expect(items.get('operation/one')).not.toHaveProperty('title');
    registry.entitle('one', 'Clock');
    expect(items.get('operation/one')).toMatchObject({ id: 'one', title: 'Clock' });
  });

  it('has the generation of the store, and what operations there are, without what is not for everybody', async () => {
    const { registry, generations, changed, track, clock } = setUp();
    const source = createPluginsChannel(registry, generations);
    const { items, sink } = createSink();
    const feed = await open(source, sink);
    expect(items.get('store')).toEqual({ generation: 3 });
    changed(4);
    expect(items.get('store')).toEqual({ generation: 4 });
    // A store that was rebuilt counts anew.
    changed(1);
    expect(items.get('store')).toEqual({ generation: 1 });
    track('one', () => Promise.reject(new Error('hush')));
    await vi.waitFor(() => expect(items.get('operation/one')).toMatchObject({ state: 'failed', endedAt: clock.now() }));
    expect(JSON.stringify(items.get('operation/one'))).not.toMatch(/hush|ada/);
    clock.advance(operationKeptMs);
    expect(items.has('operation/one')).toBe(false);
    feed.dispose();
    changed(9);
    expect(items.get('store')).toEqual({ generation: 1 });
  });

  it('tells of operations to those alone who may know of them', async () => {
    const { registry, generations, changed, track } = setUp();
    const source = createPluginsChannel(registry, generations, ({ userId }) => userId !== identity.userId);
    track('before', () => Promise.resolve());
    const { items, sink } = createSink();
    await open(source, sink);
    await track('after', () => Promise.resolve());
    changed(5);
    expect([...items]).toEqual([['store', { generation: 5 }]]);
    const other = { identity: { ...identity, userId: 'other' }, channel: '', segments: {}, params: {} };
    expect(await source.authorize(other)).not.toEqual(await ask(source));
  });

  it('does not fall behind a change that comes while it opens', async () => {
    const { registry, generations, changed } = setUp();
    generations.current.mockImplementation(() => {
      changed(7);
      return Promise.resolve(6);
    });
    const { items, sink } = createSink();
    await open(createPluginsChannel(registry, generations), sink);
    expect(items.get('store')).toEqual({ generation: 7 });
  });

  it('is there also where the store cannot be read', async () => {
    const { registry, generations } = setUp();
    generations.current.mockRejectedValue(new Error('corrupt'));
    const { items, sink } = createSink();
    await open(createPluginsChannel(registry, generations), sink);
    expect(items.get('store')).toEqual({ generation: 0 });
  });

  it('takes no parameters', () => {
    const { registry, generations } = setUp();
    const source = createPluginsChannel(registry, generations);
    expect(ask(source, {}, { all: true })).toMatchObject({ denied: 'BAD_REQUEST' });
    expect(ask(source)).toHaveProperty('scopeKey');
  });
});

describe('the channel plugins/ops/{id}', () => {
  it('shows one operation until an hour after its end, and finds no other', async () => {
    const { registry, track, clock } = setUp();
    const source = createOperationChannel(registry);
    expect(ask(source, { id: 'one' })).toMatchObject({ denied: 'NOT_FOUND' });
    const operation = track('one', () => Promise.resolve({ active: { version: '1.0.0' } }));
    track('two', () => Promise.resolve({ active: { version: '2.0.0' } }));
    expect(ask(source, { id: 'one' })).toHaveProperty('scopeKey');
    const { items, ended, sink } = createSink();
    const feed = await open(source, sink, { id: 'one' });
    expect(items.get('operation')).toMatchObject({ id: 'one', state: 'queued', startedBy: 'ada' });
    await operation;
    await vi.waitFor(() => expect(items.get('operation')).toMatchObject({ state: 'done', version: '1.0.0' }));
    expect([...items.keys()]).toEqual(['operation']);
    clock.advance(operationKeptMs);
    expect(ended).toEqual(['NOT_FOUND']);
    feed.dispose();
  });
});
