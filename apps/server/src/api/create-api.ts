import type { Server } from '@fleetwire/websocket-core/server';
import type { AccessServices } from '../access/open-access.ts';
import type { EventLog } from '../live/events.ts';
import type { EndedAccess } from '../access/end-access.ts';
import type { ClientOf } from '../http/client-of.ts';
import { createAccountRoutes } from './account-routes.ts';
import { createAuthRoutes } from './auth-routes.ts';
import { createClusterRoutes } from './cluster-routes.ts';
import { createLocalRoutes, type LocalServices } from './local-routes.ts';
import type { Route } from './route.ts';
import { createServerRoutes, type ServerRouteServices } from './server-routes.ts';
import { createUserRoutes } from './user-routes.ts';
import { createUserTokenRoutes } from './user-token-routes.ts';

/** What the REST surface is made of. */
export interface ApiServices {
  readonly access: AccessServices;
  /** Ends connections and streams, or asks anew what they may do. */
  readonly live: Pick<Server, 'revoke' | 'authorizeAgain'>;
  readonly clientOf: ClientOf;
  readonly events: EventLog;
  readonly server: ServerRouteServices;
  readonly clusters: LocalServices['clusters'];
  readonly tls: LocalServices['tls'];
  readonly organisationAdded: LocalServices['organisationAdded'];
}

/** Every route of the REST surface, each with what it asks of its caller. */
export function createApi(services: ApiServices): Route[] {
  const { access, live, clientOf, events, server, clusters, tls, organisationAdded } = services;
  const { store, hasher, accessTokens, personalTokens, liveRoles, audit, transact, now } = access;
  const accessEnded = async (ended: readonly EndedAccess[]): Promise<void> => {
    await Promise.all(ended.map((each) => live.revoke(each)));
  };
  return [
    ...createAuthRoutes({ store, hasher, accessTokens, transact, audit, events, clientOf, accessEnded }),
    ...createAccountRoutes({ store, personalTokens, audit, transact, accessEnded, now }),
    ...createUserRoutes({
      store,
      hasher,
      transact,
      async roleChanged(orgId, userId, role) {
        liveRoles.change(orgId, userId, role);
        await live.authorizeAgain({ orgId, userId });
      },
      async memberRemoved(orgId, userId) {
        liveRoles.forget(orgId, userId);
        await live.revoke({ orgId, userId });
      },
      accessEnded,
    }),
    ...createUserTokenRoutes({ store, personalTokens, transact, accessEnded }),
    ...createServerRoutes(server),
    ...createClusterRoutes(clusters),
    ...createLocalRoutes({ store, hasher, transact, clusters, accessEnded, tls, organisationAdded, now }),
  ];
}
