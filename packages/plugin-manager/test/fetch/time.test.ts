import { existsSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { createManualClock } from '@fleetwire/websocket-core/testing';
import { describe, expect, it, vi } from 'vitest';
import { createFetcher, type DownloadRequest, type FetcherOptions } from '../../src/node/fetch/create-fetcher.ts';
import { PluginError } from '../../src/protocol/error.ts';
import { archive, cleanUp, downloadOf, listen, localPolicy, quick, serve } from './harness.ts';

const fetcherWith = (options: FetcherOptions) => createFetcher({ ...quick, ...options });

/** Answers with each step in turn; the last again and again. */
async function serveSteps(...steps: readonly ((response: ServerResponse) => void)[]) {
  let requests = 0;
  const origin = await serve((_request, response) => {
    steps[Math.min(requests, steps.length - 1)]?.(response);
    requests += 1;
  });
  return { url: `${origin}/a`, requests: () => requests };
}

const succeed = (response: ServerResponse): void => void response.end(archive);
const refuse =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, headers).end('busy');
const breakOff = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-length': archive.length });
  response.write(archive.subarray(0, 50_000), () => response.destroy());
};

/** A clock by which pauses pass; gives their lengths. */
function pausingClock() {
  const clock = createManualClock();
  const set = vi.spyOn(clock, 'setTimeout');
  return {
    clock,
    /** Waits for the pause after this many requests, and lets it pass. */
    async passPause(server: { requests: () => number }, requests: number): Promise<number> {
      await vi.waitFor(() => {
        expect(server.requests()).toBe(requests);
        // The limit of the whole, and the pause.
        expect(clock.pending).toBe(2);
      });
      const waitMs = set.mock.lastCall?.[1] ?? Number.NaN;
      clock.advance(waitMs);
      return waitMs;
    },
  };
}

describe('retries', () => {
  it('begin the file again, and progress never falls', async () => {
    const server = await serveSteps(refuse(503), breakOff, succeed);
    const progress: number[] = [];
    const request = downloadOf(server.url, { onBytes: (done) => progress.push(done) });
    expect(await fetcherWith({ retries: 2 }).download(request)).toMatchObject({ bytes: archive.length });
    expect(readFileSync(request.destination).equals(archive)).toBe(true);
    expect(server.requests()).toBe(3);
    expect(progress).toEqual([...new Set(progress)].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(archive.length);
  });

  it('end after as many as are allowed, with the last error', async () => {
    const server = await serveSteps(breakOff, refuse(502));
    const request = downloadOf(server.url);
    const failed = fetcherWith({ retries: 2 }).download(request);
    await expect(failed).rejects.toMatchObject({ code: 'E_HTTP_STATUS', retryable: true, details: { status: 502 } });
    expect(server.requests()).toBe(3);
    expect(existsSync(request.destination)).toBe(false);
  });

  it.each([
    ['404', refuse(404)],
    ['a page', (response: ServerResponse) => void response.end('<html>')],
    ['other bytes', (response: ServerResponse) => void response.end('other')],
    ['a redirect to nowhere', refuse(302)],
  ])('are not for %s', async (_name, step) => {
    const server = await serveSteps(step);
    await expect(fetcherWith({ retries: 2 }).download(downloadOf(server.url))).rejects.toThrow(PluginError);
    expect(server.requests()).toBe(1);
  });

  it.each([
    ['seconds', '3', 3_000],
    ['a date', new Date(1_000_000 + 5_000).toUTCString(), 5_000],
    ['more than is allowed', '86400', 8_000],
    ['nonsense', 'soon', 0],
    ['a time that is past', new Date(0).toUTCString(), 0],
  ])('wait as long as Retry-After says: %s', async (_name, value, waitMs) => {
    const pausing = pausingClock();
    const server = await serveSteps(refuse(429, { 'retry-after': value }), succeed);
    const started = fetcherWith({ clock: pausing.clock, retries: 1, maxRetryAfterMs: 8_000 }).download(
      downloadOf(server.url),
    );
    expect(await pausing.passPause(server, 1)).toBe(waitMs);
    await started;
  });

  it('wait longer each time, by the jitter', async () => {
    const pausing = pausingClock();
    const server = await serveSteps(refuse(500), refuse(500), succeed);
    const started = fetcherWith({ clock: pausing.clock, retries: 2, random: () => 0.5 }).download(
      downloadOf(server.url),
    );
    expect(await pausing.passPause(server, 1)).toBe(250);
    expect(await pausing.passPause(server, 2)).toBe(500);
    await started;
    expect(pausing.clock.pending).toBe(0);
  });
});

describe('time limits', () => {
  const slow = { code: 'E_RESPONSE_TIMEOUT', retryable: true };
  const limits = { connectMs: 2_000, headersMs: 2_000, idleMs: 2_000, wholeMs: 10_000 };

  async function refuses(url: string, timeouts: Partial<typeof limits>, more: FetcherOptions = {}) {
    const request = downloadOf(url);
    const started = fetcherWith({ timeouts: { ...limits, ...timeouts }, ...more }).download(request);
    await expect(started).rejects.toMatchObject(slow);
    expect(existsSync(request.destination)).toBe(false);
  }

  it('end a name that is looked up for too long', async () => {
    await refuses('http://plugins.test/a', { connectMs: 50 }, { lookup: () => new Promise(() => undefined) });
  });

  it('end a connection that never says TLS', async () => {
    const port = await listen(createTcpServer(() => undefined));
    await refuses(`https://127.0.0.1:${port}/a`, { connectMs: 100 });
  });

  it('end a server that is silent', async () => {
    const { url } = await serveSteps(() => undefined);
    await refuses(url, { headersMs: 100 });
  });

  it('end a body that stops', async () => {
    const { url } = await serveSteps((response) => void response.write(archive.subarray(0, 1_000)));
    await refuses(url, { idleMs: 100 });
  });

  it('end a body that drips', async () => {
    const { url, requests } = await serveSteps((response) => {
      const timer = setInterval(() => response.write('\u001f'), 20);
      cleanUp(() => {
        clearInterval(timer);
      });
    });
    await refuses(url, { idleMs: 1_000, wholeMs: 200 }, { retries: 3 });
    expect(requests()).toBe(1);
  });

  it('end retries too', async () => {
    const pausing = pausingClock();
    const server = await serveSteps(refuse(503, { 'retry-after': '20' }));
    const started = fetcherWith({ clock: pausing.clock, timeouts: limits, retries: 5 }).download(
      downloadOf(server.url),
    );
    const refused = expect(started).rejects.toMatchObject(slow);
    expect(await pausing.passPause(server, 1)).toBe(20_000);
    await refused;
    expect(server.requests()).toBe(1);
  });
});

describe('cancelling', () => {
  async function cancels(
    url: string,
    when: (cancel: () => void) => Partial<DownloadRequest>,
    options: FetcherOptions = {},
  ) {
    const controller = new AbortController();
    const more = when(() => {
      controller.abort();
    });
    const request = downloadOf(url, { signal: controller.signal, ...more });
    const started = fetcherWith(options).download(request);
    const error = { code: 'E_CANCELLED', phase: 'download', message: 'Download cancelled', retryable: false };
    await expect(started).rejects.toMatchObject(error);
    expect(existsSync(request.destination)).toBe(false);
  }

  it('works before anything is sent', async () => {
    const { url, requests } = await serveSteps(succeed);
    await cancels(url, (cancel) => {
      cancel();
      return {};
    });
    expect(requests()).toBe(0);
  });

  it('works while a name is looked up', async () => {
    let cancelNow = (): void => undefined;
    const lookup = () => {
      queueMicrotask(() => {
        cancelNow();
      });
      return new Promise<never>(() => undefined);
    };
    await cancels('http://plugins.test/a', (cancel) => ((cancelNow = cancel), {}), { lookup });
  });

  it('works while a connection is made', async () => {
    let cancelNow = (): void => undefined;
    const port = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
        cancelNow();
      }),
    );
    // Longer than a test may take, so that nothing but the cancel ends it.
    const timeouts = { connectMs: 60_000 };
    await cancels(`https://127.0.0.1:${port}/a`, (cancel) => ((cancelNow = cancel), {}), { timeouts });
  });

  it('works while the server is silent', async () => {
    let cancelNow = (): void => undefined;
    const { url } = await serveSteps(() => {
      cancelNow();
    });
    await cancels(url, (cancel) => ((cancelNow = cancel), {}), { retries: 2 });
  });

  it('works in the middle of a body, and ends the connection', async () => {
    const closed = vi.fn();
    const { url } = await serveSteps((response) => {
      response.on('close', closed);
      response.write(archive);
    });
    await cancels(url, (cancel) => ({ onBytes: cancel }), { retries: 2 });
    await vi.waitFor(() => {
      expect(closed).toHaveBeenCalled();
    });
  });

  it('works at the last byte', async () => {
    const { url } = await serveSteps(succeed);
    await cancels(url, (cancel) => ({
      onBytes: (done) => {
        if (done === archive.length) cancel();
      },
    }));
  });

  it('works between attempts', async () => {
    const clock = createManualClock();
    const { url, requests } = await serveSteps(refuse(503, { 'retry-after': '5' }));
    await cancels(
      url,
      (cancel) => {
        void vi
          .waitFor(() => {
            expect(clock.pending).toBeGreaterThan(0);
            expect(requests()).toBe(1);
          })
          .then(cancel);
        return {};
      },
      { clock, retries: 2 },
    );
    expect(clock.pending).toBe(0);
  });

  it('says why, where whoever stopped it says so', async () => {
    const { url } = await serveSteps(() => undefined);
    const controller = new AbortController();
    const started = fetcherWith({}).download(downloadOf(url, { signal: controller.signal }));
    controller.abort(new PluginError('E_TIMEOUT', 'took too long', { phase: 'download' }));
    await expect(started).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  });

  it('works for metadata', async () => {
    const controller = new AbortController();
    const { url } = await serveSteps(() => {
      controller.abort();
    });
    const started = fetcherWith({}).metadata({ url, maxBytes: 9, policy: localPolicy, signal: controller.signal });
    await expect(started).rejects.toMatchObject({ code: 'E_CANCELLED', phase: 'resolve' });
  });
});
