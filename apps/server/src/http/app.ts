import { Hono, type Context } from 'hono';
import { compress } from 'hono/compress';
import { NONCE, secureHeaders } from 'hono/secure-headers';
import { redactUrl, type Logger } from '@fleetwire/websocket-core/server';
import { HasherBusyError } from '../accounts/password.ts';
import { docsPage } from '../api/docs-page.ts';
import { describeApi } from '../api/openapi.ts';
import type { Route } from '../api/route.ts';
import type { Metrics } from '../metrics.ts';
import { allowedHostsOnly, type HostCheck } from './allowed-hosts.ts';
import { isDashboardPath } from './dashboard-paths.ts';
import { Problem, problemResponse } from './problem.ts';
import { answerReadiness, type ReadinessChecks } from './readiness.ts';
import { createWebApp, type WebApp } from './web-app.ts';

/** What the HTTP surface is made of. */
export interface AppServices {
  /** The REST surface, and what serves it. */
  readonly routes: readonly Route[];
  readonly api: Hono;
  readonly version: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly readiness: ReadinessChecks;
  /** Undefined where the dashboard has not been built. */
  readonly web: WebApp | undefined;
  readonly isAllowedHost: HostCheck;
}

/** Paths that are no view of the dashboard, whatever follows. */
const reserved = ['/api/*', '/ws/*', '/internal/*'];

/** Builds the HTTP surface. */
export function createApp(services: AppServices): Hono {
  const { routes, api, version, metrics, logger, readiness, web, isAllowedHost } = services;
  const app = new Hono();
  app.use(async (context, next) => {
    const startedAt = performance.now();
    await next();
    const { method, url } = context.req;
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    logger.debug({ method, path: redactUrl(pathAndQuery(url)), status: context.res.status, ms }, 'request');
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        // What is inline needs it, and so does what is loaded: no file of the server runs that the page does not name.
        scriptSrc: [NONCE],
        // No nonce counts for workers. The dashboard has one, for READMEs; files of plugins begin none.
        workerSrc: [workerSource],
        // The component library sets styles on elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", socketSource],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
      // Plain HTTP on a loopback address; TLS will say it for itself.
      strictTransportSecurity: false,
      xFrameOptions: 'DENY',
    }),
  );
  app.use(compress());
  app.use(allowedHostsOnly(isAllowedHost));
  app.onError((error, context) => {
    if (error instanceof Problem) return problemResponse(context, error);
    if (error instanceof HasherBusyError)
      return problemResponse(context, new Problem(503, 'UNAVAILABLE', error.message, 1000));
    logger.error({ err: error, path: context.req.path }, 'a request failed');
    return problemResponse(context, new Problem(500, 'INTERNAL', 'the server failed to handle this'));
  });
  app.notFound((context) =>
    problemResponse(context, new Problem(404, 'NOT_FOUND', `there is nothing at ${context.req.path}`)),
  );

  app.get('/healthz', (context) => noStore(context).json({ status: 'ok' }));
  app.get('/readyz', (context) => answerReadiness(context, readiness));
  app.get('/metrics', async (context) =>
    noStore(context).body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }),
  );
  app.route('/', api);
  const description = describeApi(routes, version);
  app.get('/api/v1/openapi.json', (context) => context.json(description));
  app.get('/api/docs', (context) => context.html(docsPage(routes)));
  app.get('/ws', (context) =>
    problemResponse(context, new Problem(400, 'BAD_REQUEST', 'expected a WebSocket upgrade')),
  );
  for (const path of reserved) app.all(path, (context) => context.notFound());
  for (const path of ['/clusters/*', '/plugins/*'])
    app.all(path, async (context, next) => {
      const { path: asked } = context.req;
      if (isDashboardPath(asked)) return next();
      // A slash too many, as people and proxies add it.
      const view = asked.replace(/\/$/, '');
      return asked.startsWith('/plugins/') && isDashboardPath(view)
        ? context.redirect(view + new URL(context.req.url).search, 308)
        : context.notFound();
    });
  app.route('/', createWebApp(web));
  return app;
}

/** Some browsers do not count a WebSocket to the same host as 'self'. */
function socketSource(context: Context): string {
  const host = hostOf(context);
  return host === undefined ? "'self'" : `ws://${host} wss://${host}`;
}

/** Where the build of the dashboard has its scripts. CSP knows no IPv6 addresses: there READMEs are shown as plain text. */
function workerSource(context: Context): string {
  const host = hostOf(context);
  return host === undefined || host.startsWith('[') ? "'none'" : `${host}/assets/`;
}

/** The host that was asked, if it may stand in a header: nothing but what a host may hold. */
function hostOf(context: Context): string | undefined {
  const host = context.req.header('host') ?? '';
  return /^[\w.:[\]-]+$/.test(host) ? host : undefined;
}

function noStore(context: Context): Context {
  context.header('Cache-Control', 'no-store');
  return context;
}

function pathAndQuery(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
