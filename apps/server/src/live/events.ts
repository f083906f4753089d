import { randomUUID } from 'node:crypto';
import {
  brokerFeedName,
  createBrokerChannel,
  orgScopeKey,
  type Broker,
  type ChannelSource,
  type Logger,
  type ServerOptions,
} from '@fleetwire/websocket-core/server';
import { can } from '../access/permissions.ts';
import type { UserIdentity } from '../accounts/access-token.ts';
import type { ConnectionDirectory } from './connections.ts';

/** What happened in an organisation. */
export interface ServerEvent {
  readonly id: string;
  readonly at: number;
  readonly kind: 'connected' | 'disconnected' | 'signed-in' | 'sign-in-failed' | 'signed-out';
  readonly username: string;
  readonly remoteAddress: string;
  /** Program that connected or disconnected. */
  readonly peer?: { readonly name: string; readonly version: string } | undefined;
  /** Close code and reason of a connection that ended. */
  readonly close?: { readonly code: number; readonly reason: string } | undefined;
}

const channel = 'server/events';

/**
 * The recoverable channel `server/events` of each organisation, kept in the broker. Failed sign-ins tell names and
 * addresses of strangers: they are for those who may read the audit log, who have a feed of their own.
 */
export interface EventLog {
  readonly channel: ChannelSource<UserIdentity>;
  /** Publishes; a broker that fails costs the event alone, and is logged. */
  record(orgId: string, event: Omit<ServerEvent, 'id' | 'at'>): void;
  /** The newest events that the identity may see, oldest first. */
  recent(identity: Pick<UserIdentity, 'orgId' | 'role'>, limit: number): Promise<ServerEvent[]>;
}

/** Creates the log on a broker. */
export function createEventLog(broker: Broker, logger: Logger): EventLog {
  const feedOf = (scopeKey: string): string => brokerFeedName(scopeKey, channel, undefined);
  const scopeOf = (identity: Pick<UserIdentity, 'orgId' | 'role'>): string =>
    can(identity, 'audit.read') ? auditScopeKey(identity.orgId) : orgScopeKey(identity.orgId);
  return {
    channel: createBrokerChannel<UserIdentity>({
      pattern: channel,
      class: 'recoverable',
      broker,
      authorize: ({ identity }) => ({ scopeKey: scopeOf(identity) }),
    }),
    record(orgId, event) {
      const whole: ServerEvent = { id: randomUUID(), at: Date.now(), ...event };
      const scopes = [auditScopeKey(orgId), ...(event.kind === 'sign-in-failed' ? [] : [orgScopeKey(orgId)])];
      for (const scopeKey of scopes) {
        broker.publish(feedOf(scopeKey), JSON.stringify(whole)).catch((error: unknown) => {
          logger.error({ err: error, kind: event.kind }, 'an event could not be published');
        });
      }
    },
    async recent(identity, limit) {
      const history = await broker.history(feedOf(scopeOf(identity)), undefined, limit);
      if (history.kind === 'gone') return [];
      return history.entries.flatMap(({ data }) => (data === null ? [] : [JSON.parse(data) as ServerEvent]));
    },
  };
}

/** Scope of those in an organisation who may read its audit log; no id of another one is written so. */
function auditScopeKey(orgId: string): string {
  return `${orgScopeKey(orgId)}/audit`;
}

/** Hooks of a server that note who connects and disconnects. */
export function recordConnections(
  connections: ConnectionDirectory,
  events: EventLog,
): Required<Pick<ServerOptions<UserIdentity>, 'onConnected' | 'onDisconnected'>> {
  return {
    onConnected(connection) {
      const { identity, peer, remoteAddress } = connection;
      connections.add(connection);
      events.record(identity.orgId, {
        kind: 'connected',
        username: identity.username,
        remoteAddress,
        peer,
      });
    },
    onDisconnected(connection, close) {
      const { identity, peer, remoteAddress } = connection;
      connections.remove(connection);
      events.record(identity.orgId, {
        kind: 'disconnected',
        username: identity.username,
        remoteAddress,
        peer,
        close,
      });
    },
  };
}
