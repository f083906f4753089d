import { Hono, type MiddlewareHandler } from 'hono';
import { credentialsOf } from '@fleetwire/websocket-core/server';
import type { AccessTokens, UserIdentity } from '../accounts/access-token.ts';
import type { ConnectionDirectory } from '../live/connections.ts';
import type { EventLog } from '../live/events.ts';
import { healthKey, type HealthMonitor } from '../live/health.ts';
import { Problem } from './problem.ts';

/** What the routes under `/api/v1/server` show. */
export interface ServerRouteServices {
  readonly accessTokens: AccessTokens;
  readonly health: HealthMonitor;
  readonly connections: ConnectionDirectory;
  readonly events: EventLog;
}

interface Env {
  Variables: { identity: UserIdentity };
}

/** Events that one answer brings. */
const maxEvents = 50;

/**
 * `GET health`, `GET connections`, `GET events`: what the channels of the same names show, for a client whose WebSocket
 * is blocked. State channels are answered as `{items: [{key, version, value}]}`, events oldest first as `{items: […]}`.
 */
export function createServerRoutes({ accessTokens, health, connections, events }: ServerRouteServices): Hono<Env> {
  const routes = new Hono<Env>();
  routes.use(requireIdentity(accessTokens));
  routes.get('/health', (context) => {
    const value = health.sample();
    return context.json({ items: [{ key: healthKey, version: value.sampledAt, value }] });
  });
  routes.get('/connections', (context) => {
    const present = connections.list(context.var.identity.orgId);
    return context.json({ items: present.map((value) => ({ key: value.id, version: value.since, value })) });
  });
  routes.get('/events', async (context) =>
    context.json({ items: await events.recent(context.var.identity.orgId, maxEvents) }),
  );
  return routes;
}

function requireIdentity(accessTokens: AccessTokens): MiddlewareHandler<Env> {
  return async (context, next) => {
    // The header alone: a token in a URL ends up in logs and histories.
    const { token } = credentialsOf({ headers: { authorization: context.req.header('authorization') } });
    const verdict = await accessTokens.verify(token);
    if ('refused' in verdict) {
      throw new Problem(
        401,
        'UNAUTHENTICATED',
        `the access token is ${token === undefined ? 'missing' : verdict.refused}`,
      );
    }
    context.set('identity', verdict.identity);
    context.header('Cache-Control', 'no-store');
    await next();
  };
}
