import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { KubeWatchClient } from '@fleetwire/kube-watch/client';
import { LogFollower } from './log-follower.ts';
import type { LogSource } from './log-sources.ts';

interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
  readonly write: (text: string) => void;
  readonly end: () => void;
}

let asked: Asked[];

/** A cluster whose logs are written by hand; a request that is aborted fails, as `fetch` does. */
const client = {
  fetch: async (_: string, path: string, { signal }: { readonly signal: AbortSignal }) => {
    const [address = '', query = ''] = path.split('?');
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        asked.push({
          path: address,
          query: new URLSearchParams(query),
          signal,
          write: (text) => {
            controller.enqueue(new TextEncoder().encode(text));
          },
          end: () => {
            controller.close();
          },
        });
        signal.addEventListener('abort', () => {
          controller.error(signal.reason);
        });
      },
    });
    return new Response(body);
  },
} as unknown as KubeWatchClient;

const source = (pod: string, container: string): LogSource => ({ namespace: 'shop', pod, container });
const [app, proxy] = [source('web', 'app'), source('web', 'proxy')];
const askedOf = ({ container }: LogSource): Asked[] =>
  asked.filter(({ query }) => query.get('container') === container);
const texts = (follower: LogFollower): string[] => follower.getSnapshot().lines.map(({ text }) => text);

beforeEach(() => {
  asked = [];
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run));
  vi.stubGlobal('cancelAnimationFrame', clearTimeout);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it('a container that is left and followed again goes on after its last line, whichever others there are', async () => {
  const follower = new LogFollower(client, 'demo', { previous: false, tailLines: 500 });
  follower.follow([app, proxy]);
  const undo = follower.subscribe(() => undefined);
  await vi.waitFor(() => {
    expect(asked).toHaveLength(2);
  });
  askedOf(app)[0]?.write('2026-01-01T00:00:01.1Z one\n2026-01-01T00:00:01.2Z two\n');
  await vi.waitFor(() => {
    expect(texts(follower)).toEqual(['one', 'two']);
  });

  follower.follow([app]);
  expect(askedOf(proxy)[0]?.signal.aborted).toBe(true);
  follower.follow([proxy]);
  follower.follow([app, proxy]);
  await vi.waitFor(() => {
    expect(askedOf(app)).toHaveLength(2);
  });
  const again = askedOf(app)[1];
  expect([again?.query.get('sinceTime'), again?.query.get('tailLines')]).toEqual(['2026-01-01T00:00:01.2Z', null]);
  // The whole second comes again.
  again?.write('2026-01-01T00:00:01.1Z one\n2026-01-01T00:00:01.2Z two\n2026-01-01T00:00:01.3Z three\n');
  await vi.waitFor(() => {
    expect(texts(follower)).toEqual(['one', 'two', 'three']);
  });
  expect(new Set(follower.getSnapshot().lines.map((line) => line.source))).toEqual(new Set(['shop/web/app']));
  undo();
  expect(again?.signal.aborted).toBe(true);
});

it('who stays followed keeps its stream while others come', async () => {
  const follower = new LogFollower(client, 'demo', { previous: false, tailLines: 500 });
  follower.follow([app]);
  const undo = follower.subscribe(() => undefined);
  follower.follow([app, proxy]);
  await vi.waitFor(() => {
    expect(asked.map(({ path }) => path)).toEqual(Array(2).fill('/api/v1/namespaces/shop/pods/web/log'));
  });
  expect([askedOf(app).length, askedOf(app)[0]?.signal.aborted]).toEqual([1, false]);
  await vi.waitFor(() => {
    expect(follower.getSnapshot().following).toBe(2);
  });
  undo();
});

it('the run before is read once, to its end', async () => {
  const follower = new LogFollower(client, 'demo', { previous: true, tailLines: 500 });
  follower.follow([app]);
  const undo = follower.subscribe(() => undefined);
  await vi.waitFor(() => {
    expect(asked).toHaveLength(1);
  });
  expect([asked[0]?.query.get('previous'), asked[0]?.query.get('follow')]).toEqual(['true', null]);
  asked[0]?.write('2026-01-01T00:00:01Z last words');
  asked[0]?.end();
  await vi.waitFor(() => {
    expect([texts(follower), follower.getSnapshot().following]).toEqual([['last words'], 0]);
  });
  undo();
});
