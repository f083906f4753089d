// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, configure, renderHook, waitFor } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createKubeWatchClient, openWebSocket, type KubeWatchClient } from '../../src/client/index.ts';
import { KubeWatchProvider, useWebSocket, useWebSockets } from '../../src/react/index.ts';

// Its own second is less than a busy machine may take.
configure({ asyncUtilTimeout: 30_000 });

/** A WebSocket that opens by itself, and whose server is the test. */
class FakeWebSocket extends EventTarget {
  static all: FakeWebSocket[] = [];
  readonly url: string;
  readonly protocols: readonly string[];
  binaryType = 'blob';
  isOpen = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;

  constructor(url: string, protocols: readonly string[]) {
    super();
    this.url = url;
    this.protocols = protocols;
    FakeWebSocket.all.push(this);
    queueMicrotask(() => {
      this.isOpen = true;
      this.onopen?.();
    });
  }

  close(): void {
    this.isOpen = false;
  }
}

const WebSocketStub = FakeWebSocket as unknown as typeof WebSocket;
let client: KubeWatchClient;

beforeEach(() => {
  FakeWebSocket.all = [];
  client = createKubeWatchClient({ WebSocket: WebSocketStub, getToken: () => 'secret' });
});
afterEach(() => {
  cleanup();
  client.dispose();
});

const open = (): readonly FakeWebSocket[] => FakeWebSocket.all.filter(({ isOpen }) => isOpen);

function wrapper({ children }: { readonly children: ReactNode }) {
  return (
    <StrictMode>
      <QueryClientProvider client={new QueryClient()}>
        <KubeWatchProvider client={client}>{children}</KubeWatchProvider>
      </QueryClientProvider>
    </StrictMode>
  );
}

it('opens a path of a cluster on the page, with base64.binary.k8s.io first', async () => {
  const got: unknown[] = [];
  const socket = await openWebSocket('/api/v1/pods?watch=1', {
    cluster: 'a b',
    protocols: ['more'],
    onMessage: (data) => got.push(data),
    WebSocket: WebSocketStub,
  });
  const [fake] = FakeWebSocket.all;
  expect(fake?.url).toBe('ws://localhost:3000/clusters/a%20b/api/v1/pods?watch=1');
  expect(fake?.protocols).toEqual(['base64.binary.k8s.io', 'more']);
  expect(socket.binaryType).toBe('arraybuffer');
  const bytes = new ArrayBuffer(2);
  fake?.onmessage?.({ data: bytes });
  expect(got).toEqual([bytes]);
});

it('keeps one socket while a parent renders fresh functions, and calls the newest one', async () => {
  const got: unknown[] = [];
  const { rerender, unmount } = renderHook(
    ({ tag, path }) => {
      useWebSocket<{ readonly n: number }>({
        url: () => path,
        cluster: 'one',
        onMessage: ({ n }) => got.push([tag, n]),
      });
    },
    { wrapper, initialProps: { tag: 'first', path: '/a' } },
  );
  await waitFor(() => {
    expect(open()).toHaveLength(1);
  });
  expect(open()[0]?.url).toBe('ws://localhost:3000/clusters/one/a');
  expect(open()[0]?.protocols).toEqual(['base64.binary.k8s.io', 'fleetwire.bearer.c2VjcmV0']);
  rerender({ tag: 'second', path: '/a' });
  open()[0]?.onmessage?.({ data: '{"n":1}' });
  expect([got, FakeWebSocket.all.length]).toEqual([[['second', 1]], 1]);
  rerender({ tag: 'second', path: '/b' });
  await waitFor(() => {
    expect(open().map(({ url }) => url)).toEqual(['ws://localhost:3000/clusters/one/b']);
  });
  unmount();
  await waitFor(() => {
    expect([open().length, client.webSockets.size]).toEqual([0, 0]);
  });
});

it('opens and closes those sockets alone that came and went', async () => {
  const onMessage = vi.fn();
  const { rerender, unmount } = renderHook(
    ({ urls, enabled }: { readonly urls: readonly string[]; readonly enabled: boolean }) => {
      useWebSockets({ connections: urls.map((url) => ({ cluster: 'one', url, onMessage })), enabled });
    },
    { wrapper, initialProps: { urls: ['/a', '/b'], enabled: true } },
  );
  await waitFor(() => {
    expect(open()).toHaveLength(2);
  });
  const [first] = open();
  rerender({ urls: ['/a', '/c'], enabled: true });
  await waitFor(() => {
    expect(open().map(({ url }) => url.slice(-2))).toEqual(['/a', '/c']);
  });
  expect(open()[0]).toBe(first);
  first?.onmessage?.({ data: '{"n":1}' });
  expect(onMessage).toHaveBeenCalledExactlyOnceWith({ n: 1 });
  rerender({ urls: ['/a', '/c'], enabled: false });
  await waitFor(() => {
    expect(open()).toHaveLength(0);
  });
  unmount();
  expect(client.webSockets.size).toBe(0);
});
