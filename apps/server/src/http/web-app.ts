import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import type { Page } from './page.ts';

/** The built dashboard. */
export interface WebApp {
  readonly folder: string;
  readonly page: Page;
}

/** Folder of the built dashboard, or undefined when it has not been built. */
export function findWebApp(): string | undefined {
  const index = fileURLToPath(import.meta.resolve('@fleetwire/web/index.html'));
  return existsSync(index) ? dirname(index) : undefined;
}

/**
 * Serves the dashboard: files whose name holds their hash for ever, everything else to be asked for again, and the page
 * itself for every path that is a view of it. The page holds the nonce of its answer, so it has no entity tag: a page of
 * before with the header of now would not run.
 */
export function createWebApp(web: WebApp | undefined): Hono {
  const app = new Hono();
  if (web === undefined) {
    app.get('*', (context) => context.text('The dashboard has not been built: run `pnpm build`.\n', 503));
    return app;
  }
  const { folder, page } = web;
  // The page itself is never served as it is.
  const files = new Set(readdirSync(folder).flatMap((name) => (name === 'index.html' ? [] : `/${name}`)));
  const sendPage = async (context: Context): Promise<Response> => {
    const nonce = context.get('secureHeadersNonce') as string;
    context.header('Cache-Control', 'no-cache');
    return context.html(await page.render(nonce));
  };
  app.use('/assets/*', etag(), cacheControl('public, max-age=31536000, immutable'), serveStatic({ root: folder }));
  // A missing script must not be answered with the page.
  app.all('/assets/*', (context) => context.notFound());
  app.get('*', (context, next) => (files.has(context.req.path) ? next() : sendPage(context)));
  app.get('*', etag(), cacheControl('no-cache'), serveStatic({ root: folder }));
  return app;
}

function cacheControl(value: string): MiddlewareHandler {
  return async (context, next) => {
    await next();
    if (context.res.ok) context.header('Cache-Control', value);
  };
}
