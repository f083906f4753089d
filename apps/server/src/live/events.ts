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
import type { UserIdentity } from '../accounts/access-token.ts';
import { plainAddress, type ConnectionDirectory } from './connections.ts';

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

/** The recoverable channel `server/events` of each organisation, kept in the broker. */
export interface EventLog {
  readonly channel: ChannelSource<UserIdentity>;
  /** Publishes; a broker that fails costs the event alone, and is logged. */
  record(orgId: string, event: Omit<ServerEvent, 'id' | 'at'>): void;
  /** The newest events, oldest first. */
  recent(orgId: string, limit: number): Promise<ServerEvent[]>;
}

/** Creates the log on a broker. */
export function createEventLog(broker: Broker, logger: Logger): EventLog {
  const feedOf = (orgId: string): string => brokerFeedName(orgScopeKey(orgId), channel, undefined);
  return {
    channel: createBrokerChannel<UserIdentity>({
      pattern: channel,
      class: 'recoverable',
      broker,
      authorize: ({ identity }) => ({ scopeKey: orgScopeKey(identity.orgId) }),
    }),
    record(orgId, event) {
      const whole: ServerEvent = { id: randomUUID(), at: Date.now(), ...event };
      broker.publish(feedOf(orgId), JSON.stringify(whole)).catch((error: unknown) => {
        logger.error({ err: error, kind: event.kind }, 'an event could not be published');
      });
    },
    async recent(orgId, limit) {
      const history = await broker.history(feedOf(orgId), undefined, limit);
      if (history.kind === 'gone') return [];
      return history.entries.flatMap(({ data }) => (data === null ? [] : [JSON.parse(data) as ServerEvent]));
    },
  };
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
        remoteAddress: plainAddress(remoteAddress),
        peer,
      });
    },
    onDisconnected(connection, close) {
      const { identity, peer, remoteAddress } = connection;
      connections.remove(connection);
      events.record(identity.orgId, {
        kind: 'disconnected',
        username: identity.username,
        remoteAddress: plainAddress(remoteAddress),
        peer,
        close,
      });
    },
  };
}
