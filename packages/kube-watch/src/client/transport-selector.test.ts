import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it } from 'vitest';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import type { WatchTransport } from '../core/watch-transport.ts';
import { createTransportSelector } from './transport-selector.ts';

const target = { cluster: 'one', resource: { version: 'v1', resource: 'pods' } };

function transport(kind: WatchTransport['kind']): WatchTransport {
  return {
    kind,
    degradedReason: undefined,
    list: () => Promise.reject(new Error('not asked here')),
    watch: () => () => {},
  };
}

/** A shared socket, which is away when it says so, and streaming beside it. */
function start(canReach: () => Promise<boolean> = () => Promise.resolve(true)) {
  const clock = createManualClock();
  let away: string | undefined;
  let tell = (): void => {};
  const streaming = transport('fetch');
  const selector = createTransportSelector({
    candidates: [
      {
        transport: transport('multiplexed'),
        outage: () => away,
        onOutage: (listener) => {
          tell = listener;
          return () => {};
        },
      },
      { transport: streaming },
    ],
    tables: streaming,
    clock,
    canReach,
    onError: () => {},
  });
  const given: string[] = [];
  const carrier = selector.attach(target, ({ kind }) => given.push(kind));
  given.push(carrier.transport().kind);
  return {
    clock,
    given,
    carrier,
    change: (why: string | undefined) => {
      away = why;
      tell();
    },
  };
}

it('the next transport takes over 5 s after a shared socket went away, however often it tries again meanwhile', async () => {
  const { clock, given, change } = start();
  for (let second = 0; second < 5; second += 1) {
    change(second % 2 === 0 ? 'connecting' : 'waiting');
    expect(given).toEqual(['multiplexed']);
    await clock.advanceAsync(1_000);
  }
  expect(given).toEqual(['multiplexed', 'fetch']);
});

it('an outage that ends before 5 s changes nothing, and the next one has 5 s of its own', async () => {
  const { clock, given, change, carrier } = start();
  change('connecting');
  await clock.advanceAsync(4_000);
  change(undefined);
  await clock.advanceAsync(4_000);
  change('connecting');
  await clock.advanceAsync(4_000);
  expect(given).toEqual(['multiplexed']);
  await clock.advanceAsync(1_000);
  expect(given).toEqual(['multiplexed', 'fetch']);
  carrier.release();
  expect(clock.pending).toBe(0);
});

it('something better is tried from the last list, and not from where the last watch was', async () => {
  const clock = createManualClock();
  const tried: (string | undefined)[] = [];
  const streaming: WatchTransport = {
    ...transport('fetch'),
    watch: ({ resourceVersion }, watched) => {
      tried.push(resourceVersion);
      const error = createKubeWatchError({ code: 'KUBE_TIMEOUT', message: 'silent', cluster: 'one' });
      void Promise.resolve().then(() => {
        watched.onEnd({ kind: 'error', error });
      });
      return () => {};
    },
  };
  let version = 5;
  const list = () =>
    Promise.resolve({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: String(version) }, items: [] });
  const polling: WatchTransport = { kind: 'polling', degradedReason: undefined, list };
  const selector = createTransportSelector({
    candidates: [{ transport: streaming }, { transport: polling }],
    tables: streaming,
    clock,
    canReach: () => Promise.resolve(true),
    onError: () => {},
  });
  const given: string[] = [];
  const carrier = selector.attach(target, ({ kind }) => given.push(kind));
  const request = { target, resourceVersion: '5', timeoutSeconds: 300 };
  const listener = { onOpen: () => {}, onEvents: () => {}, onMalformed: () => {}, onEnd: () => {} };
  for (let opens = 0; opens < 2; opens += 1) {
    carrier.transport().watch?.(request, listener);
    await clock.settle();
  }
  expect([given, tried]).toEqual([['polling'], ['5', '5']]);
  version = 90;
  const { signal } = new AbortController();
  await carrier.transport().list({ target }, signal);
  await carrier.transport().list({ target: { ...target, namespace: 'never watched' } }, signal);
  await clock.advanceAsync(60_000);
  expect(tried).toEqual(['5', '5', '90']);
  selector.dispose();
  expect(clock.pending).toBe(0);
});
