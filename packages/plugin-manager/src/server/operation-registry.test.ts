import { setImmediate } from 'node:timers/promises';
import { createManualClock } from '@fleetwire/websocket-core/testing';
import { describe, expect, it, vi } from 'vitest';
import { startOperation, type OperationContext } from '../node/operation.ts';
import { PluginError } from '../protocol/error.ts';
import {
  createOperationRegistry,
  maxEndedOperations,
  operationKeptMs,
  type RegistryEvent,
} from './operation-registry.ts';

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: vi.fn() };

function setUp() {
  const clock = createManualClock();
  const registry = createOperationRegistry(clock, logger);
  const events: RegistryEvent[] = [];
  registry.subscribe((event) => events.push(event));
  const start = <T>(
    id: string,
    work: (context: OperationContext) => Promise<T>,
    action: 'install' | 'uninstall' = 'uninstall',
  ) => startOperation<T>({ id, action, pluginId: 'a:b/c', actor: 'ada', timeoutMs: 1e9, clock, work });
  const ended = async (id: string): Promise<void> => {
    while (registry.get(id)?.endedAt === undefined) await setImmediate();
  };
  return { clock, registry, events, start, ended };
}

const never = ({ signal }: OperationContext) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

describe('createOperationRegistry', () => {
  it('follows an operation to its end: who began it, how far it is, which version is active since', async () => {
    const { clock, registry, start, ended } = setUp();
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      go = resolve;
    });
    const operation = start(
      'one',
      async ({ enter, onBytes }) => {
        enter('download');
        onBytes(10, 100);
        await gone;
        return { receipt: { version: '1.2.0' } };
      },
      'install',
    );
    expect(registry.track(operation)).toMatchObject({ state: 'queued', startedBy: 'ada', startedAt: clock.now() });
    await vi.waitFor(() => {
      clock.advance(125);
      expect(registry.get('one')).toMatchObject({
        state: 'running',
        phase: 'download',
        bytes: { done: 10, total: 100 },
      });
    });
    go();
    await ended('one');
    expect(registry.get('one')).toMatchObject({
      state: 'done',
      percentage: 100,
      version: '1.2.0',
      progress: { type: 'success', message: 'Plugin Installed', percentage: 100 },
    });
    expect(registry.get('one')).not.toHaveProperty('bytes');
  });

  it('says what the plugin is called from when that is known, and no longer otherwise than its package does', async () => {
    const { registry, events, start, ended } = setUp();
    const install = () => Promise.resolve({ receipt: { version: '1.2.0', title: 'Its own title' } });
    expect(registry.track(start('one', install, 'install'), 'Its title in a catalog').title).toBe(
      'Its title in a catalog',
    );
    await ended('one');
    expect(registry.get('one')).toMatchObject({ state: 'done', title: 'Its own title' });
    expect(registry.track(start('two', never))).not.toHaveProperty('title');
    registry.entitle('two', 'Heard later');
    registry.entitle('two', 'Heard too late');
    registry.entitle('three', 'Of nothing');
    expect(registry.get('two')?.title).toBe('Heard later');
    const told = events.length;
    registry.entitle('one', 'After its end');
    expect(events.length).toBe(told);
  });

  it('tells why one failed by the message that people know, with the error as it is', async () => {
    const { registry, start, ended } = setUp();
    const error = new PluginError('E_NOT_INSTALLED', 'a:b/c is not installed', { phase: 'resolve', details: { x: 1 } });
    registry.track(start('one', () => Promise.reject(error)));
    await ended('one');
    expect(registry.get('one')).toMatchObject({
      state: 'failed',
      progress: { type: 'error', message: 'Plugin not found' },
      failure: { code: 'E_NOT_INSTALLED', message: 'a:b/c is not installed', details: { x: 1 }, retryable: false },
    });
  });

  it('cancels one that runs, and knows of no other', async () => {
    const { registry, start, ended } = setUp();
    registry.track(start('one', never));
    expect(registry.cancel('two')).toBe(false);
    expect(registry.cancel('one')).toBe(true);
    await ended('one');
    expect(registry.get('one')).toMatchObject({ state: 'cancelled', progress: { message: 'Download cancelled' } });
    expect(registry.get('one')).not.toHaveProperty('failure');
  });

  it('drops an operation an hour after its end, and no sooner', async () => {
    const { clock, registry, events, start, ended } = setUp();
    registry.track(start('old', () => Promise.resolve()));
    registry.track(start('running', never));
    await ended('old');
    clock.advance(operationKeptMs - 1);
    expect(registry.get('old')).toBeDefined();
    clock.advance(1);
    expect(registry.list().map(({ id }) => id)).toEqual(['running']);
    expect(events.at(-1)).toEqual({ type: 'dropped', id: 'old' });
  });

  it('keeps a bounded number of those that ended, the newest, and all that run', async () => {
    const { clock, registry, start, ended } = setUp();
    registry.track(start('running', never));
    for (let index = 0; index <= maxEndedOperations; index += 1) {
      registry.track(start(String(index), () => Promise.resolve()));
      await ended(String(index));
      clock.advance(1);
    }
    expect(registry.list()).toHaveLength(maxEndedOperations + 1);
    expect([registry.get('running'), registry.get('0'), registry.get('1')].map((view) => view?.state)).toEqual([
      'queued',
      undefined,
      'done',
    ]);
  });

  it('tracks an operation once, and goes on when a listener throws', async () => {
    const { registry, events, start, ended } = setUp();
    registry.subscribe(() => {
      throw new Error('a listener');
    });
    const operation = start('one', () => Promise.resolve());
    registry.track(operation);
    registry.track(operation);
    await ended('one');
    expect(events.filter((event) => event.type === 'view' && event.before === undefined)).toHaveLength(1);
    expect(logger.error).toHaveBeenCalled();
  });
});
