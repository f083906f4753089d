import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';

/** Folder of the built dashboard, or undefined when it has not been built. */
export function findWebApp(): string | undefined {
  const index = fileURLToPath(import.meta.resolve('@fleetwire/web/index.html'));
  return existsSync(index) ? dirname(index) : undefined;
}

/**
 * Serves the dashboard: files whose name holds their hash for ever, everything else to be asked for again, and the page
 * itself for every path that is a view of it.
 */
export function createWebApp(folder: string | undefined): Hono {
  const app = new Hono();
  if (folder === undefined) {
    app.get('*', (context) => context.text('The dashboard has not been built: run `pnpm build`.\n', 503));
    return app;
  }
  app.use(etag());
  app.use('/assets/*', cacheControl('public, max-age=31536000, immutable'), serveStatic({ root: folder }));
  // A missing script must not be answered with the page.
  app.all('/assets/*', (context) => context.notFound());
  app.use(cacheControl('no-cache'), serveStatic({ root: folder }));
  app.get('*', serveStatic({ root: folder, path: 'index.html' }));
  return app;
}

function cacheControl(value: string): MiddlewareHandler {
  return async (context, next) => {
    await next();
    if (context.res.ok) context.header('Cache-Control', value);
  };
}
