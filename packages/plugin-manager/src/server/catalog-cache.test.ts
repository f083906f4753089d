import { createManualClock } from '@fleetwire/websocket-core/testing';
import { describe, expect, it, vi } from 'vitest';
import type { Metadata, MetadataRequest } from '../node/fetch/create-fetcher.ts';
import { PluginError } from '../protocol/error.ts';
import {
  afterFailureMs,
  createCatalogCache,
  freshMs,
  maxAnswers,
  maxAnswerUnits,
  maxPauseMs,
  staleMs,
} from './catalog-cache.ts';

const down = new PluginError('E_NETWORK', 'down', { phase: 'resolve', retryable: true });
const busy = (retryAfterMs: number) =>
  new PluginError('E_HTTP_STATUS', 'busy', { phase: 'resolve', retryable: true, retryAfterMs });
const neverAborted = new AbortController().signal;

function setUp() {
  const clock = createManualClock();
  let count = 0;
  const answer = (text: string, status = 200): Metadata => ({ status, headers: {}, text, urlChain: [] });
  const metadata = vi.fn((_request: MetadataRequest): Promise<Metadata> =>
    Promise.resolve(answer(String((count += 1)))),
  );
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const cache = createCatalogCache({ metadata }, logger, clock);
  const ask = (path = '/', { isLocal = false, signal = neverAborted, host = 'hub.example' } = {}) =>
    cache.metadata({
      ...{ url: `https://${host}${path}`, maxBytes: 1_000, signal },
      policy: { hosts: [host], redirectHosts: [], isLocal },
    });
  return { clock, metadata, logger, answer, ask, textOf: async (path?: string) => (await ask(path)).text };
}

describe('createCatalogCache', () => {
  it('gives an answer for a minute, to who asks for the same', async () => {
    const { clock, textOf } = setUp();
    expect([await textOf(), await textOf(), await textOf('/?q=1')]).toEqual(['1', '1', '2']);
    clock.advance(freshMs - 1);
    expect(await textOf()).toBe('1');
    clock.advance(1);
    expect(await textOf()).toBe('3');
  });

  it('asks always what is local, and by another policy', async () => {
    const { metadata, ask } = setUp();
    await ask();
    for (let count = 0; count < 3; count += 1) await ask('/', { isLocal: true });
    expect(metadata).toHaveBeenCalledTimes(4);
  });

  it('asks once for all who ask at the same time, and gives up when the last one goes', async () => {
    const { metadata, answer, ask } = setUp();
    metadata.mockImplementationOnce(
      ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(down))),
    );
    const askers = [new AbortController(), new AbortController()];
    const asked = askers.map(({ signal }) =>
      ask('/', { signal }).catch((error: unknown) => (error as PluginError).code),
    );
    expect(metadata).toHaveBeenCalledOnce();
    const { signal } = metadata.mock.calls[0]?.[0] ?? {};
    askers[0]?.abort();
    expect([await asked[0], signal?.aborted]).toEqual(['E_CANCELLED', false]);
    askers[1]?.abort();
    expect([await asked[1], signal?.aborted]).toEqual(['E_CANCELLED', true]);
    // Nobody waits for the request that was given up, and its end is no failure of the host.
    metadata.mockResolvedValueOnce(answer('"new"'));
    expect((await ask()).text).toBe('"new"');
    await expect(ask('/other', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'E_CANCELLED' });
    expect(metadata).toHaveBeenCalledTimes(2);
  });

  it('keeps no failure and no other status', async () => {
    const { metadata, answer, ask, textOf } = setUp();
    metadata.mockRejectedValueOnce(down).mockResolvedValueOnce(answer('gone', 404));
    await expect(ask()).rejects.toBe(down);
    expect((await ask()).status).toBe(404);
    expect(await textOf()).toBe('1');
  });

  it('gives what a host that fails for now said within ten minutes, and asks it again from time to time', async () => {
    const { clock, metadata, logger, ask, textOf } = setUp();
    await ask();
    clock.advance(freshMs);
    metadata.mockRejectedValue(down);
    expect([await textOf(), await textOf()]).toEqual(['1', '1']);
    expect(metadata).toHaveBeenCalledTimes(2);
    expect(logger.warn).toHaveBeenCalledOnce();
    // What is not known is asked for all the same.
    await expect(ask('/other')).rejects.toBe(down);
    clock.advance(afterFailureMs);
    expect(await textOf()).toBe('1');
    expect(metadata).toHaveBeenCalledTimes(4);
    clock.advance(staleMs);
    await expect(ask()).rejects.toBe(down);
  });

  it.each(['<html>sign in</html>', '{"half":', ''])('keeps no page and no half of an answer: %s', async (text) => {
    const { clock, metadata, logger, answer, ask, textOf } = setUp();
    metadata.mockResolvedValueOnce(answer(text));
    await expect(ask()).rejects.toMatchObject({ code: 'E_RESPONSE_INVALID' });
    expect(await textOf()).toBe('1');
    clock.advance(freshMs);
    metadata.mockResolvedValueOnce(answer(text));
    expect(await textOf()).toBe('1');
    expect(logger.warn).toHaveBeenCalledOnce();
    clock.advance(afterFailureMs);
    expect([await textOf(), await textOf()]).toEqual(['2', '2']);
  });

  it('hides no failure that will not pass, and forgets what is not there any more', async () => {
    const { clock, metadata, answer, ask } = setUp();
    await ask();
    clock.advance(freshMs);
    const untrusted = new PluginError('E_TLS', 'another certificate', { phase: 'resolve' });
    metadata.mockRejectedValueOnce(untrusted).mockResolvedValueOnce(answer('', 404)).mockRejectedValueOnce(down);
    await expect(ask()).rejects.toBe(untrusted);
    expect((await ask()).status).toBe(404);
    await expect(ask()).rejects.toBe(down);
  });

  it('lets a host be that asks for time, for whatever is asked of it, a minute at most', async () => {
    const { clock, metadata, ask, textOf } = setUp();
    await ask('/known');
    clock.advance(freshMs);
    metadata.mockRejectedValueOnce(busy(5_000));
    await expect(ask()).rejects.toMatchObject({ retryAfterMs: 5_000 });
    clock.advance(1_000);
    await expect(ask('/other')).rejects.toMatchObject({ code: 'E_HTTP_STATUS', retryable: true, retryAfterMs: 4_000 });
    expect(await textOf('/known')).toBe('1');
    expect(metadata).toHaveBeenCalledTimes(2);
    await ask('/', { host: 'other.example' });
    clock.advance(4_000);
    await ask();
    metadata.mockRejectedValueOnce(busy(3_600_000));
    await expect(ask('/late')).rejects.toMatchObject({ code: 'E_HTTP_STATUS' });
    clock.advance(maxPauseMs);
    await ask('/late');
    expect(metadata).toHaveBeenCalledTimes(6);
  });

  it('keeps so many answers, and so much of them, those that were asked for last', async () => {
    const { metadata, answer, ask } = setUp();
    for (let index = 0; index < maxAnswers; index += 1) await ask(`/${String(index)}`);
    await ask('/0');
    await ask('/more');
    metadata.mockClear();
    await ask('/0');
    expect(metadata).not.toHaveBeenCalled();
    await ask('/1');
    expect(metadata).toHaveBeenCalledOnce();
    metadata.mockResolvedValueOnce(answer(JSON.stringify('x'.repeat(maxAnswerUnits))));
    await ask('/huge');
    await ask('/huge');
    expect(metadata).toHaveBeenCalledTimes(3);
  });
});
