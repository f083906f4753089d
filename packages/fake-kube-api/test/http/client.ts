import { onTestFinished } from 'vitest';
import {
  createFakeKubeApi,
  type FakeKubeApi,
  type FakeKubeApiOptions,
  type WatchEvent,
} from '../../src/server/index.ts';

/** An answer, read whole. */
export interface Reply<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

/** A watch whose lines are collected as they come. */
export interface OpenWatch {
  readonly status: number;
  readonly lines: readonly string[];
  readonly events: readonly WatchEvent[];
  /** True after the server has ended it in order; an error text after it was cut. */
  readonly ended: boolean | string;
  abort(): void;
}

/** A server on a free port with a small client. */
export interface TestServer {
  readonly api: FakeKubeApi;
  readonly url: string;
  readonly port: number;
  readonly call: <T = Record<string, unknown>>(
    method: string,
    path: string,
    options?: { readonly body?: unknown; readonly headers?: Record<string, string> },
  ) => Promise<Reply<T>>;
  readonly watch: (path: string, headers?: Record<string, string>) => Promise<OpenWatch>;
}

/** Starts a server, with small resourceVersions unless told otherwise; it goes with the test. */
export async function startServer(options?: FakeKubeApiOptions): Promise<TestServer> {
  const api = createFakeKubeApi({ firstResourceVersion: 1, ...options });
  onTestFinished(() => api.dispose());
  const { url, port } = await api.listen();
  return {
    api,
    url,
    port,
    async call<T>(
      method: string,
      path: string,
      { body, headers }: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
    ) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = (response.headers.get('content-type') ?? '').includes('json');
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (isJson ? JSON.parse(text) : undefined) as T,
      };
    },
    watch: (path, headers) => openWatch(`${url}${path}`, headers),
  };
}

async function openWatch(url: string, headers: Record<string, string> = {}): Promise<OpenWatch> {
  const abort = new AbortController();
  onTestFinished(() => {
    abort.abort();
  });
  const response = await fetch(url, { headers, signal: abort.signal });
  const lines: string[] = [];
  const watch = {
    status: response.status,
    lines,
    get events() {
      return lines.map((line) => JSON.parse(line) as WatchEvent);
    },
    ended: false as boolean | string,
    abort() {
      abort.abort();
    },
  };
  void (async () => {
    let rest = '';
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = parts.pop() ?? '';
        lines.push(...parts);
      }
      watch.ended = true;
    } catch (error) {
      watch.ended = String(error);
    }
  })();
  return watch;
}

const FILLER = { group: '', version: 'v1', resource: 'configmaps' } as const;

/** Writes something else until the server's revision is this one. */
export function fillTo(api: FakeKubeApi, revision: number): void {
  while (Number(api.store.resourceVersion) < revision) {
    api.store.create(FILLER, 'kube-system', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { generateName: 'filler-' },
    });
  }
}

/** A pod with one container, as a client sends it. */
export const podBody = (name: string, more: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...more },
  spec: { containers: [{ name: 'main', image: 'registry.example/app:1.4.2' }] },
});

/** A namespace. */
export const namespaceBody = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
