// @vitest-environment jsdom
import { act, cleanup, configure, render, renderHook, screen, waitFor } from '@testing-library/react';
import { StrictMode, useState, type ReactNode } from 'react';
import { afterEach, expect, it, vi } from 'vitest';
import { createFakeServer, type AnyFrame, type FakeServer, type FakeSocket } from '../../test/support/fake-server.ts';
import {
  ClientProvider,
  useChannel,
  useClient,
  useConnectionState,
  type ClientProviderProps,
  type UseChannelOptions,
} from './index.ts';

// Its own second is less than a busy machine may take.
configure({ asyncUtilTimeout: 30_000 });

const servers: FakeServer[] = [];
afterEach(() => {
  cleanup();
  for (const { client } of servers.splice(0)) client.dispose();
});

async function start(url = 'wss://example.test/live'): Promise<FakeServer> {
  const server = await createFakeServer({ url });
  servers.push(server);
  return server;
}

function wrapperOf(server: FakeServer, more: Partial<ClientProviderProps> = {}) {
  return ({ children }: { children: ReactNode }) => (
    <StrictMode>
      {/* Functions that are new at each render, as an application would write them. */}
      <ClientProvider
        client={server.client}
        fetch={more.fetch && ((...call) => (more.fetch ?? fetch)(...call))}
        getToken={more.getToken && (() => more.getToken?.())}
        allowInsecureToken={more.allowInsecureToken}
      >
        {children}
      </ClientProvider>
    </StrictMode>
  );
}

function show(
  server: FakeServer,
  channel: string | null,
  options?: UseChannelOptions,
  more?: Partial<ClientProviderProps>,
) {
  return renderHook(
    (props: { channel: string | null; options: UseChannelOptions | undefined }) =>
      useChannel(props.channel, props.options),
    {
      initialProps: { channel, options },
      wrapper: wrapperOf(server, more),
    },
  );
}

/** The subscribe frames that came, answered with these items. */
async function answer(server: FakeServer, socket: FakeSocket, items: readonly object[]): Promise<AnyFrame[]> {
  await act(() => server.settle());
  const asked = socket.take().filter(({ method }) => method === 'subscribe');
  for (const frame of asked) {
    act(() => {
      socket.give({ type: 'response', id: frame['id'], result: { items } });
    });
  }
  await act(() => server.settle());
  return asked.flatMap(({ params }) => (params as { items: AnyFrame[] }).items);
}

const end = (socket: FakeSocket, code: number) => {
  act(() => {
    socket.end(code);
  });
};

const give = (socket: FakeSocket, frame: object) => {
  act(() => {
    socket.give(frame);
  });
};

it('[S1] subscribes once under StrictMode and goes from pending to live with its items', async () => {
  const server = await start();
  const socket = await server.welcome();
  const { result } = show(server, 'vms');
  expect(result.current).toMatchObject({ status: 'pending', items: undefined, staleSince: undefined });
  expect(await answer(server, socket, [{ ch: 7, mode: 'snapshot' }])).toEqual([{ channel: 'vms' }]);
  expect(result.current.status).toBe('pending');
  give(socket, { type: 'snapshot', ch: 7, items: [{ key: 'a', version: 1, value: 'x' }], more: false });
  expect(result.current.status).toBe('live');
  expect(result.current.items?.get('a')?.value).toBe('x');
});

it('keeps one subscription while a parent renders fresh literals, and changes it with their content', async () => {
  const server = await start();
  const socket = await server.welcome();
  const { rerender, result } = show(
    server,
    'metrics',
    { params: { rateHz: 1, at: new Date(5) } },
    { getToken: () => 'x' },
  );
  expect((await answer(server, socket, [{ ch: 1, mode: 'live' }])).length).toBe(1);
  for (let index = 0; index < 3; index += 1) {
    rerender({ channel: 'metrics', options: { params: { at: new Date(5), rateHz: 1 }, onGap: () => {} } });
  }
  expect(await answer(server, socket, [])).toEqual([]);
  expect(result.current.status).toBe('live');
  rerender({ channel: 'metrics', options: { params: { rateHz: 2 } } });
  await act(() => server.settle());
  const methods = socket.take().map(({ method, params }) => [method, params]);
  expect(methods).toEqual([
    ['unsubscribe', { ch: 1 }],
    ['subscribe', { items: [{ channel: 'metrics', params: { rateHz: 2 } }] }],
  ]);
  expect(result.current.status).toBe('pending');
});

it('lets go of the channel when it unmounts, is not enabled, or has none', async () => {
  const server = await start();
  const socket = await server.welcome();
  const { rerender, result, unmount } = show(server, null);
  expect(result.current.status).toBe('idle');
  rerender({ channel: 'a', options: { enabled: false } });
  expect(result.current.status).toBe('idle');
  expect(await answer(server, socket, [])).toEqual([]);
  rerender({ channel: 'a', options: undefined });
  expect((await answer(server, socket, [{ ch: 1, mode: 'live' }])).length).toBe(1);
  expect(result.current.status).toBe('live');
  unmount();
  await act(() => server.settle());
  expect(socket.take()).toMatchObject([{ method: 'unsubscribe', params: { ch: 1 } }]);
});

it('shares one subscription between components and gives a late one the present items', async () => {
  const server = await start();
  const socket = await server.welcome();
  const first = show(server, 'vms');
  await answer(server, socket, [{ ch: 7, mode: 'snapshot' }]);
  give(socket, { type: 'snapshot', ch: 7, items: [{ key: 'a', version: 1, value: 'x' }], more: false });
  const late = show(server, 'vms');
  expect(late.result.current).toMatchObject({ status: 'live' });
  expect(late.result.current.items).toBe(first.result.current.items);
  expect(await answer(server, socket, [])).toEqual([]);
});

it('says since when its content is stale, keeps it, and drops it when the scope changed', async () => {
  const server = await start();
  const socket = await server.welcome();
  const { result } = show(server, 'vms');
  await answer(server, socket, [{ ch: 7, mode: 'snapshot' }]);
  give(socket, { type: 'snapshot', ch: 7, items: [{ key: 'a', version: 1, value: 'x' }], more: false });
  const lostAt = server.clock.now();
  end(socket, 1006);
  expect(result.current).toMatchObject({ status: 'stale', staleSince: lostAt });
  expect(result.current.items?.size).toBe(1);
  await act(() => server.clock.advanceAsync(125));
  const next = await server.welcome();
  await answer(server, next, [{ ch: 1, mode: 'recovered' }]);
  expect(result.current).toMatchObject({ status: 'live', staleSince: undefined });
  expect(result.current.items?.size).toBe(1);
  give(next, { type: 'unsubscribed', ch: 1, code: 'SCOPE_CHANGED', reason: '', retryable: true });
  expect(result.current).toMatchObject({ status: 'stale', items: undefined });
});

it('gives the last publication as data, counts what was missed, and fails with the error', async () => {
  const server = await start();
  const socket = await server.welcome();
  const { result } = show(server, 'log');
  await answer(server, socket, [{ ch: 2, mode: 'live' }]);
  give(socket, { type: 'publication', ch: 2, data: 'one' });
  give(socket, { type: 'publication', ch: 2, data: 'two' });
  give(socket, { type: 'gap', ch: 2, dropped: 3 });
  expect(result.current).toMatchObject({ data: 'two', dropped: 3, gaps: 1 });
  give(socket, { type: 'unsubscribed', ch: 2, code: 'ENDED', reason: 'over', retryable: false });
  expect(result.current).toMatchObject({ status: 'failed', data: 'two', error: { code: 'ENDED' } });
});

it.each([
  ['SCOPE_CHANGED', true],
  ['FORBIDDEN', false],
  ['UNKNOWN_CHANNEL', false],
  ['UNAUTHENTICATED', false],
])('[F9] shows no data and no items any more after %s, also while it is tried again', async (code, retryable) => {
  const server = await start();
  const socket = await server.welcome();
  const state = show(server, 'vms');
  const log = show(server, 'log');
  await answer(server, socket, [
    { ch: 7, mode: 'snapshot' },
    { ch: 2, mode: 'live' },
  ]);
  give(socket, { type: 'snapshot', ch: 7, items: [{ key: 'a', version: 1, value: 'x' }], more: false });
  give(socket, { type: 'publication', ch: 2, data: 'of the old scope' });
  expect([state.result.current.items?.size, log.result.current.data]).toEqual([1, 'of the old scope']);
  for (const ch of [7, 2]) give(socket, { type: 'unsubscribed', ch, code, reason: '', retryable });
  for (const { result } of [state, log]) {
    expect(result.current).toMatchObject({ status: retryable ? 'stale' : 'failed', items: undefined, data: undefined });
  }
  end(socket, 1006);
  for (const { result } of [state, log]) expect(result.current).toMatchObject({ items: undefined, data: undefined });
});

it('calls the newest onPublication for each publication, once, and does not render for them', async () => {
  const server = await start();
  const socket = await server.welcome();
  const got: unknown[] = [];
  let renders = 0;
  const { rerender } = renderHook(
    ({ tag }) => {
      renders += 1;
      return useChannel('events', { onPublication: (data) => got.push([tag, data]) });
    },
    { initialProps: { tag: 'a' }, wrapper: wrapperOf(server) },
  );
  await answer(server, socket, [{ ch: 2, mode: 'live' }]);
  const before = renders;
  give(socket, { type: 'publication', ch: 2, data: 1 });
  give(socket, { type: 'publication', ch: 2, data: 2 });
  expect(renders).toBe(before);
  rerender({ tag: 'b' });
  give(socket, { type: 'publication', ch: 2, data: 3 });
  expect(got).toEqual([
    ['a', 1],
    ['a', 2],
    ['b', 3],
  ]);
});

it('polls the fallback when the WebSocket never opens, with the token, and goes back to live when it does', async () => {
  const server = await start();
  const asked: { url: string; authorization: string | null }[] = [];
  const signals: AbortSignal[] = [];
  let rows = [{ key: 'a', version: 1, value: 'polled' }];
  const fetchFake = vi.fn(async (url: string | URL | Request, init?: RequestInit) => {
    asked.push({ url: url as string, authorization: new Headers(init?.headers).get('authorization') });
    signals.push(init?.signal as AbortSignal);
    return Response.json({ items: rows });
  });
  const { result } = show(
    server,
    'vms',
    { fallback: { url: '/api/vms', intervalMs: 5 } },
    { fetch: fetchFake, getToken: async () => 'secret' },
  );
  for (let attempt = 0; attempt < 3; attempt += 1) {
    expect(result.current.status).toBe('pending');
    end(server.socket, 1006);
    await act(() => server.clock.advanceAsync(attempt < 2 ? 1_000 : 0));
  }
  expect(result.current.status).toBe('polling');
  await waitFor(() => {
    expect(result.current.items?.get('a')?.value).toBe('polled');
  });
  rows = [{ key: 'b', version: 1, value: 'again' }];
  await waitFor(() => {
    expect([...(result.current.items ?? [])].map(([key]) => key)).toEqual(['b']);
  });
  expect(asked[0]).toEqual({ url: '/api/vms', authorization: 'Bearer secret' });
  expect(result.current).toMatchObject({ status: 'polling', staleSince: undefined, error: undefined });
  await act(() => server.clock.advanceAsync(1_000));
  const socket = await act(() => server.welcome());
  expect(result.current.status).toBe('stale');
  expect(signals.at(-1)?.aborted).toBe(true);
  await answer(server, socket, [{ ch: 7, mode: 'snapshot' }]);
  give(socket, { type: 'snapshot', ch: 7, items: [{ key: 'c', version: 1, value: 'live' }], more: false });
  expect(result.current.status).toBe('live');
  expect([...(result.current.items ?? [])].map(([key]) => key)).toEqual(['c']);
  const count = asked.length;
  end(socket, 1006);
  await act(() => server.settle());
  expect([result.current.status, asked.length]).toEqual(['stale', count]);
});

it('polls when the client is closed, reads by `read`, and shows why it cannot', async () => {
  const server = await start();
  let status = 200;
  const { result } = show(
    server,
    'health',
    { fallback: { url: '/health', intervalMs: 5, read: (json) => ({ data: (json as { ok: boolean }).ok }) } },
    { fetch: async () => Response.json({ ok: true }, { status }) },
  );
  const socket = await act(() => server.welcome());
  end(socket, 4503);
  expect(result.current.status).toBe('polling');
  await waitFor(() => {
    expect(result.current.data).toBe(true);
  });
  status = 503;
  await waitFor(() => {
    expect(result.current.error).toMatchObject({ code: 'UNAVAILABLE', details: { status: 503 } });
  });
  expect(result.current).toMatchObject({ status: 'polling', data: true });
  expect(result.current.staleSince).toBeTypeOf('number');
  status = 200;
  await waitFor(() => {
    expect(result.current).toMatchObject({ error: undefined, staleSince: undefined });
  });
});

it('[F9] drops what it polled when the fallback says that the user may not see it any more', async () => {
  const server = await start();
  let status = 200;
  const { result } = show(
    server,
    'health',
    { fallback: { url: '/health', intervalMs: 5 } },
    { fetch: async () => Response.json('well', { status }) },
  );
  end(server.socket, 4503);
  await waitFor(() => {
    expect(result.current.data).toBe('well');
  });
  status = 403;
  await waitFor(() => {
    expect(result.current).toMatchObject({ status: 'polling', error: { code: 'FORBIDDEN' }, data: undefined });
  });
});

it.each([
  [undefined, undefined, 'INSECURE_URL'],
  [true, 'Bearer secret', undefined],
])('polls over http on the host of the client when the provider allows it: %s', async (allowed, sent, refused) => {
  const server = await start('ws://example.test/live');
  let authorization: string | null | undefined;
  const { result } = show(
    server,
    'health',
    { fallback: { url: 'http://example.test/health', intervalMs: 60_000 } },
    {
      allowInsecureToken: allowed,
      getToken: () => 'secret',
      fetch: async (_url, init) => {
        authorization = new Headers(init?.headers).get('authorization');
        return Response.json('well');
      },
    },
  );
  end(server.socket, 4503);
  await waitFor(() => {
    expect(result.current.data ?? result.current.error).toBeDefined();
  });
  expect([authorization, result.current.error?.code]).toEqual([sent, refused]);
});

it('aborts the poll under way when it unmounts', async () => {
  const server = await start();
  const signals: AbortSignal[] = [];
  const { unmount } = show(
    server,
    'vms',
    { fallback: { url: '/api/vms', intervalMs: 5 } },
    {
      fetch: (_url, init) => {
        signals.push(init?.signal as AbortSignal);
        return new Promise(() => {});
      },
    },
  );
  end(server.socket, 4503);
  await waitFor(() => {
    expect(signals.length).toBe(1);
  });
  unmount();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});

it('shows the state of the connection, and gives the client', async () => {
  const server = await start();
  function View() {
    const [clicks] = useState(0);
    return (
      <p>
        {useConnectionState().status} {String(useClient() === server.client)} {clicks}
      </p>
    );
  }
  render(<View />, { wrapper: wrapperOf(server) });
  expect(screen.getByText('connecting true 0')).toBeDefined();
  await act(() => server.welcome());
  expect(screen.getByText('open true 0')).toBeDefined();
});

it('fails, and does not throw, on a client that was disposed', async () => {
  const server = await start();
  server.client.dispose();
  const { result } = show(server, 'vms');
  expect(result.current).toMatchObject({ status: 'failed', error: { code: 'DISPOSED' } });
});

it('throws where there is no provider', () => {
  const silence = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect(() => renderHook(() => useClient())).toThrow('there is no ClientProvider above this component');
  silence.mockRestore();
});
