import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BrowserContext, Page, WebSocket } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { launch, visit } from '../src/dashboard.ts';
import { startFleet, type Fleet } from '../src/fleet.ts';
import { startServer } from '../src/server-process.ts';

/** Of a list that no other view looks at. */
const path = '/api/v1/configmaps';
const web = fileURLToPath(new URL('../../apps/web/', import.meta.url));
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const poll = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 30_000 });

describe.skipIf(chromiumPath === undefined)('the dashboard as developers run it, in StrictMode', () => {
  it('mounts everything twice and watches once, and no more after it was left', async () => {
    const fleet = await startFleet(['east']);
    undo.push(() => fleet.dispose());
    fleet.api('east').store.create({ group: '', version: 'v1', resource: 'configmaps' }, 'default', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings' },
    });
    const server = await startServer({ env: { KUBECONFIG: fleet.kubeconfig } });
    undo.push(() => server.stop('SIGKILL'));
    const browser = await launch();
    undo.push(() => browser.close());
    const { page, context, complaints, signIn } = await visit(browser);
    // A page that a test answers for comes from no known network, and is refused this machine's sockets.
    await context.grantPermissions(['local-network-access'], { origin: server.url });
    await serveDevelopmentBuild(context, server.url);
    const held = subscriptions(page);
    await signIn(server.url);
    expect(await page.evaluate(reactMode)).toEqual({ isDevelopment: true, isStrict: true });
    const to = (name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
    const row = page.getByTestId('rows').getByRole('row').filter({ hasText: 'settings' });
    await to('Connections');
    await page.getByRole('heading', { name: 'Connections' }).waitFor();
    expect(held()).toEqual([]);
    for (let round = 1; round <= 3; round += 1) {
      await to('Config maps');
      await row.waitFor();
      await page.getByTestId('liveness').filter({ hasText: 'Live' }).waitFor();
      await poll(held).toEqual(['subscribed']);
      await to('Connections');
      await page.getByRole('heading', { name: 'Connections' }).waitFor();
    }
    expect(requests(fleet)).toEqual({ lists: 1, watches: 1 });
    // Client and server keep for some seconds what may be wanted again, also for the overview.
    await poll(held).toEqual(['subscribed', 'unsubscribed']);
    await poll(() => fleet.api('east').stats.openWatches).toBe(0);
    await to('Config maps');
    await row.waitFor();
    await poll(held).toEqual(['subscribed', 'unsubscribed', 'subscribed']);
    expect(requests(fleet).watches).toBe(2);
    expect(complaints).toEqual([]);
  });
});

/** Answers for what the browser loads with a development build of the dashboard, made for this test. */
async function serveDevelopmentBuild(context: BrowserContext, url: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetwire-web-'));
  undo.push(() => rm(folder, { recursive: true }));
  const vite = join(web, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--mode', 'development', '--minify', 'false', '--outDir', folder, '--emptyOutDir'];
  await promisify(execFile)(process.execPath, args, { cwd: web, env: { ...process.env, NODE_ENV: 'development' } });
  await context.route(`${url}/**`, async (route) => {
    const request = route.request();
    const { pathname } = new URL(request.url());
    const file = request.resourceType() === 'document' ? '/index.html' : pathname;
    const isBuilt = file === '/index.html' || file.startsWith('/assets/');
    const contentType = contentTypes[extname(file)];
    if (!isBuilt || contentType === undefined) await route.continue();
    else await route.fulfill({ body: await readFile(join(folder, file)), contentType });
  });
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
};

/** Runs in the page: React's mode, as the fiber below the root says it. Bit 16 is that of StrictMode's second mounting. */
function reactMode(): { readonly isDevelopment: boolean; readonly isStrict: boolean } {
  interface Fiber {
    readonly mode: number;
    readonly child: Fiber | null;
  }
  const root = document.getElementById('root') as unknown as Readonly<Record<string, Fiber>> | null;
  const key = Object.keys(root ?? {}).find((name) => name.startsWith('__reactContainer$')) ?? '';
  const fiber = root?.[key]?.child?.child;
  return { isDevelopment: fiber != null && '_debugHookTypes' in fiber, isStrict: ((fiber?.mode ?? 0) & 16) !== 0 };
}

/** What the page has asked of its sockets about the list, in order. */
function subscriptions(page: Page): () => readonly string[] {
  const seen: string[] = [];
  page.on('websocket', (socket) => {
    watchSocket(socket, seen);
  });
  return () => [...seen];
}

function watchSocket(socket: WebSocket, seen: string[]): void {
  /** Requests on their way: which of their items is the list's. */
  const asked = new Map<number, number>();
  const channels = new Set<number>();
  socket.on('framesent', ({ payload }) => {
    const { id, method, params } = JSON.parse(payload.toString()) as {
      readonly id: number;
      readonly method?: string;
      readonly params?: {
        readonly ch?: number;
        readonly items?: readonly { readonly params?: { readonly path?: string } }[];
      };
    };
    if (method === 'subscribe') {
      const index = params?.items?.findIndex((item) => item.params?.path === path) ?? -1;
      if (index !== -1) asked.set(id, index);
    } else if (method === 'unsubscribe' && params?.ch !== undefined && channels.delete(params.ch)) {
      seen.push('unsubscribed');
    }
  });
  socket.on('framereceived', ({ payload }) => {
    const { id, result } = JSON.parse(payload.toString()) as {
      readonly id?: number;
      readonly result?: { readonly items?: readonly { readonly ch?: number }[] };
    };
    const index = id === undefined ? undefined : asked.get(id);
    const ch = index === undefined ? undefined : result?.items?.[index]?.ch;
    if (ch === undefined) return;
    channels.add(ch);
    seen.push('subscribed');
  });
}

function requests(fleet: Fleet): { readonly lists: number; readonly watches: number } {
  const asked = fleet
    .api('east')
    .stats.requests.filter((request) => request.path === path && request.query['limit'] !== '1');
  const watches = asked.filter(({ isWatch }) => isWatch).length;
  return { lists: asked.length - watches, watches };
}
