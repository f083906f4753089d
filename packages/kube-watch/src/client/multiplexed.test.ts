import { createManualClock } from '@fleetwire/websocket-core/testing';
import type { Client } from '@fleetwire/websocket-core/client';
import { expect, it, vi } from 'vitest';
import type { WatchListener } from '../core/watch-transport.ts';
import { createKubeHttp } from './http.ts';
import { createMultiplexedTransport } from './multiplexed.ts';

type Subscribed = Parameters<Client['subscribe']>[1];

/** A watch over a socket of which the test says what it tells. */
function start() {
  const clock = createManualClock();
  let subscribed: Subscribed;
  const dispose = vi.fn();
  const client = {
    subscribe: (_channel: string, options: Subscribed) => {
      subscribed = options;
      return { dispose };
    },
  } as unknown as Client;
  const transport = createMultiplexedTransport(createKubeHttp({}), client, clock);
  const listener = {
    onOpen: vi.fn(),
    onEvents: vi.fn(),
    onMalformed: vi.fn(),
    onInterrupted: vi.fn(),
    onEnd: vi.fn(),
  } satisfies WatchListener;
  const target = { cluster: 'one', resource: { version: 'v1', resource: 'pods' } };
  const undo = transport.watch?.({ target, resourceVersion: '5', timeoutSeconds: 300 }, listener);
  type State = Parameters<NonNullable<NonNullable<Subscribed>['onState']>>[0];
  return { clock, listener, undo, tell: (state: unknown) => subscribed?.onState?.(state as State) };
}

it('[W17] a watch that does not open within 10 s is interrupted, and one that opened or was let go of is not', async () => {
  const never = start();
  await never.clock.advanceAsync(10_000);
  expect(never.listener.onInterrupted).toHaveBeenCalledTimes(1);
  never.tell({ status: 'live' });
  expect(never.listener.onOpen).toHaveBeenCalledTimes(1);
  const open = start();
  open.tell({ status: 'live' });
  const left = start();
  left.undo?.();
  for (const { clock, listener } of [open, left]) {
    expect(clock.pending).toBe(0);
    expect(listener.onInterrupted).not.toHaveBeenCalled();
  }
});
