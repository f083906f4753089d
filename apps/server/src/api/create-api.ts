import type { Server } from '@fleetwire/websocket-core/server';
import type { AccessServices } from '../access/open-access.ts';
import type { EventLog } from '../live/events.ts';
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
  const { store, hasher, accessTokens, refreshTokens, personalTokens, liveRoles, audit, now } = access;
  const tokenRemoved = (orgId: string, userId: string, jti: string) => live.revoke({ orgId, userId, jti });
  const endSignIns = async (userId: string, butSessionId?: string): Promise<void> => {
    const ended = await refreshTokens.endAll(userId, butSessionId);
    await Promise.all(ended.map(({ orgId, sessionId }) => live.revoke({ orgId, userId, jti: sessionId })));
  };
  const endAccess = async (userId: string): Promise<void> => {
    await endSignIns(userId);
    const removed = await personalTokens.removeAll(userId);
    await Promise.all(removed.map(({ orgId, id }) => tokenRemoved(orgId, userId, id)));
  };
  return [
    ...createAuthRoutes({
      store,
      hasher,
      accessTokens,
      refreshTokens,
      clientOf,
      async record(user, kind, remoteAddress) {
        if (kind !== 'refresh-reused') events.record(user.orgId, { kind, username: user.username, remoteAddress });
        const isUser = kind === 'signed-in' || kind === 'signed-out';
        await audit.record({
          orgId: user.orgId,
          // Whoever failed to sign in, or took a refresh token, is not the user.
          user: isUser ? { userId: user.id, username: user.username } : undefined,
          action: `auth.${kind}`,
          target: user.username,
          detail: { remoteAddress },
        });
      },
      endSession: (userId, { orgId, sessionId }) => live.revoke({ orgId, userId, jti: sessionId }),
    }),
    ...createAccountRoutes({
      store,
      personalTokens,
      audit,
      tokenRemoved,
      now,
    }),
    ...createUserRoutes({
      store,
      hasher,
      audit,
      async roleChanged(orgId, userId, role) {
        liveRoles.change(orgId, userId, role);
        await live.authorizeAgain({ orgId, userId });
      },
      async memberRemoved(orgId, userId) {
        liveRoles.forget(orgId, userId);
        await live.revoke({ orgId, userId });
      },
      endSignIns,
      endAccess,
    }),
    ...createUserTokenRoutes({ store, personalTokens, audit, tokenRemoved }),
    ...createServerRoutes(server),
    ...createClusterRoutes(clusters),
    ...createLocalRoutes({
      store,
      hasher,
      personalTokens,
      audit,
      clusters,
      tokenRemoved,
      endAccess,
      tls,
      organisationAdded,
      now,
    }),
  ];
}
