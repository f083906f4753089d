import { afterEach, expect, it, vi } from 'vitest';
import { createPageLoader, type PageLoaderParts } from './page-loader.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function open(parts: Partial<PageLoaderParts>) {
  vi.stubGlobal('document', { querySelector: () => null });
  return createPageLoader({
    token: async () => 't',
    fetch: async () => Response.json({ generation: 1, plugins: [] }),
    origin: 'https://fleet.example',
    clusters: { getSnapshot: () => undefined, subscribe: () => () => undefined },
    go: () => undefined,
    notify: () => undefined,
    onListenerFailed: () => undefined,
    isSafeMode: false,
    onGeneration: () => undefined,
    onProblem: () => undefined,
    ...parts,
  });
}

it('says why the server does not list its plugins, with its code', async () => {
  const problem = { code: 'E_STATE_CORRUPT', detail: 'state.json of the store cannot be read', retryAfterMs: 5_000 };
  const refused = open({ fetch: async () => Response.json(problem, { status: 500 }) }).refresh();
  await expect(refused).rejects.toMatchObject({
    code: 'E_STATE_CORRUPT',
    message: 'The server does not list its plugins: state.json of the store cannot be read (E_STATE_CORRUPT).',
  });
  const proxy = open({ fetch: async () => new Response('<h1>Bad gateway', { status: 502 }) }).refresh();
  await expect(proxy).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: 'The server does not list its plugins (502).',
  });
});

const forever = new Promise<never>(() => undefined);

it.each([
  ['token', { token: () => forever }],
  ['answer', { fetch: () => forever }],
  ['body', { fetch: async () => new Response(new ReadableStream()) }],
])('a list whose %s does not come is given up after 15 s', async (_, parts: Partial<PageLoaderParts>) => {
  const limit = new AbortController();
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal);
  const refreshing = open(parts).refresh();
  await new Promise(setImmediate);
  expect(timeout).toHaveBeenCalledWith(15_000);
  limit.abort();
  await expect(refreshing).rejects.toThrow('The server has not listed its plugins within 15 s.');
});

it('the request itself ends with the time', async () => {
  const limit = new AbortController();
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal);
  const asked = vi.fn((_url: string | URL | Request, _init?: RequestInit) => forever);
  const refreshing = open({ fetch: asked }).refresh();
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  limit.abort();
  await expect(refreshing).rejects.toThrow('within 15 s');
  expect(asked.mock.calls[0]?.[1]?.signal?.aborted).toBe(true);
});
