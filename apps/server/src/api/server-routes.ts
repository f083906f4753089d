import { z } from 'zod';
import type { ConnectionDirectory } from '../live/connections.ts';
import type { EventLog } from '../live/events.ts';
import { healthKey, type HealthMonitor } from '../live/health.ts';
import { route, stateOf, type Route } from './route.ts';

/** What the routes under `/api/v1/server` show. */
export interface ServerRouteServices {
  readonly health: HealthMonitor;
  readonly connections: ConnectionDirectory;
  readonly events: EventLog;
}

/** Events that one answer brings. */
const maxEvents = 50;

const tag = 'Server';

const stateSchema = stateOf(z.unknown());

/**
 * `GET health`, `GET connections`, `GET events`: what the channels of the same names show, for a client whose WebSocket
 * is blocked. State channels are answered as `{items: [{key, version, value}]}`, events oldest first as `{items: […]}`.
 */
export function createServerRoutes({ health, connections, events }: ServerRouteServices): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/server/health',
      access: 'signed-in',
      tag,
      summary: 'The process: event-loop lag, memory, connections.',
      response: stateSchema,
      handle() {
        const value = health.sample();
        return { items: [{ key: healthKey, version: value.sampledAt, value }] };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/server/connections',
      access: 'signed-in',
      tag,
      summary: 'The live connections of the organisation.',
      response: stateSchema,
      handle({ identity }) {
        const present = connections.list(identity.orgId);
        return { items: present.map((value) => ({ key: value.id, version: value.since, value })) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/server/events',
      access: 'signed-in',
      tag,
      summary: 'What happened in the organisation lately, oldest first; failed sign-ins for `audit.read` alone.',
      response: z.object({ items: z.array(z.unknown()) }),
      handle: async ({ identity }) => ({ items: await events.recent(identity, maxEvents) }),
    }),
  ];
}
