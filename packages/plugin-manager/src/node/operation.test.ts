import { createManualClock } from '@fleetwire/websocket-core/testing';
import { expect, it, vi } from 'vitest';
import type { OperationProgress } from '../core/operation-progress.ts';
import { PluginError } from '../protocol/error.ts';
import { startOperation, type OperationContext, type OperationOptions } from './operation.ts';

function start<T>(work: OperationOptions<T>['work'], options: Partial<OperationOptions<T>> = {}) {
  const clock = createManualClock();
  const operation = startOperation({
    id: 'op-1',
    action: 'install',
    pluginId: 'hub:acme/flux',
    timeoutMs: 1_000,
    clock,
    work,
    ...options,
  });
  return { clock, operation };
}

async function collect(progress: AsyncIterable<OperationProgress>): Promise<OperationProgress[]> {
  const events: OperationProgress[] = [];
  for await (const event of progress) events.push(event);
  return events;
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Work that ends when it is told to stop, as all work must. */
function untilAborted({ signal }: OperationContext): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('stopped'));
    });
  });
}

it('gives the result to whoever awaits, and the same events to each that iterates', async () => {
  let context: OperationContext | undefined;
  const { clock, operation } = start((given) => {
    context = given;
    return new Promise((resolve) => {
      given.signal.addEventListener('abort', resolve);
      clock.setTimeout(() => {
        resolve('installed');
      }, 500);
    });
  });
  const [first, second] = [collect(operation), collect(operation)];
  await vi.waitFor(() => {
    expect(context).toBeDefined();
  });
  clock.advance(200);
  context?.enter('download');
  context?.onBytes(5, 10);
  clock.advance(300);
  await expect(operation).resolves.toBe('installed');
  const types = (await first).map(({ type }) => type);
  expect(types).toEqual(['queued', 'phase', 'bytes', 'done']);
  expect((await second).map(({ type }) => type)).toEqual(types);
  expect(clock.pending).toBe(0);
});

it('gives the last event, and no other, to an iterator that comes when all is over', async () => {
  const { operation } = start(() => Promise.resolve(1));
  await operation;
  expect(await collect(operation)).toEqual([{ type: 'done', percentage: 100, warnings: [] }]);
});

it('rejects as well as it tells the failure', async () => {
  const failure = new PluginError('E_INTEGRITY', 'other bytes', { phase: 'integrity', details: { at: 7 } });
  const { operation } = start(() => Promise.reject(failure));
  const told = { code: 'E_INTEGRITY', phase: 'integrity', pluginId: 'hub:acme/flux', details: { at: 7 } };
  await expect(operation).rejects.toMatchObject(told);
  expect((await collect(operation)).at(-1)).toMatchObject({ type: 'failed', error: told });
});

it('leaves no rejection unhandled when it is iterated alone, or not at all', async () => {
  const onUnhandled = vi.fn();
  process.on('unhandledRejection', onUnhandled);
  try {
    const { operation } = start(() => Promise.reject(new Error('disk on fire')));
    const events = await collect(operation);
    expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'E_STORE', phase: 'resolve' } });
    // Node reports such a rejection before the next turn of its loop.
    await new Promise(setImmediate);
    expect(onUnhandled).not.toHaveBeenCalled();
  } finally {
    process.off('unhandledRejection', onUnhandled);
  }
});

it('is cancelled with E_CANCELLED in the phase that it is in, whatever its work makes of that', async () => {
  const isExtracting = deferred<void>();
  const { operation } = start((context) => {
    context.enter('extract');
    isExtracting.resolve();
    return untilAborted(context);
  });
  await isExtracting.promise;
  operation.cancel();
  await expect(operation).rejects.toMatchObject({ code: 'E_CANCELLED', phase: 'extract', pluginId: 'hub:acme/flux' });
  operation.cancel();
});

it('is cancelled by a signal, also by one that had been aborted before', async () => {
  const controller = new AbortController();
  const { operation } = start(untilAborted, { signal: controller.signal });
  controller.abort();
  await expect(operation).rejects.toMatchObject({ code: 'E_CANCELLED' });
  const work = vi.fn(untilAborted);
  const { operation: late } = start(work, { signal: AbortSignal.abort() });
  await expect(late).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(work).not.toHaveBeenCalled();
});

it('ends with E_TIMEOUT when it takes too long, its turn not counted', async () => {
  const turn = deferred<void>();
  const work = vi.fn(untilAborted);
  const { clock, operation } = start(work, { turn: turn.promise });
  clock.advance(5_000);
  expect(operation.latest.type).toBe('queued');
  turn.resolve();
  await vi.waitFor(() => {
    expect(work).toHaveBeenCalled();
  });
  clock.advance(1_000);
  await expect(operation).rejects.toMatchObject({ code: 'E_TIMEOUT', retryable: true });
});

it('can be cancelled while it waits for its turn, and does nothing then', async () => {
  const work = vi.fn(untilAborted);
  const { operation } = start(work, { turn: new Promise(() => undefined) });
  operation.cancel();
  await expect(operation).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(work).not.toHaveBeenCalled();
});

it('goes on when an iterator leaves early', async () => {
  const gate = deferred<number>();
  const { operation } = start(() => gate.promise);
  for await (const event of operation) {
    expect(event.type).toBe('queued');
    break;
  }
  gate.resolve(7);
  await expect(operation).resolves.toBe(7);
});

it('says what failed when it was stopped, and nothing more where that is the stop itself', async () => {
  const failure = new PluginError('E_STORE', 'the disk broke', { phase: 'commit' });
  const { operation } = start(async () => {
    await Promise.resolve();
    operation.cancel();
    throw failure;
  });
  await expect(operation).rejects.toMatchObject({ code: 'E_CANCELLED', cause: failure });
  const { operation: stopped } = start(async ({ signal }) => {
    await Promise.resolve();
    stopped.cancel();
    signal.throwIfAborted();
  });
  const error: unknown = await stopped.then(undefined, (reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'E_CANCELLED' });
  expect((error as Error).cause).toBeUndefined();
});
