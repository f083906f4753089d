import {
  orgScopeKey,
  type ChannelSource,
  type ConnectionHandle,
  type FeedSink,
} from '@fleetwire/websocket-core/server';
import type { UserIdentity } from '../accounts/access-token.ts';

/** One live connection, as the people of its organisation see it. */
export interface ServerConnection {
  readonly id: string;
  readonly user: { readonly id: string; readonly username: string };
  readonly peer: { readonly name: string; readonly version: string };
  /** When it was opened. */
  readonly since: number;
  readonly remoteAddress: string;
}

type Handle = ConnectionHandle<UserIdentity>;

/** The connections of this server by organisation, and the state channel `server/connections` that shows them. */
export interface ConnectionDirectory {
  readonly channel: ChannelSource<UserIdentity>;
  add(connection: Handle): void;
  remove(connection: Handle): void;
  list(orgId: string): ServerConnection[];
}

/** Creates an empty directory. */
export function createConnectionDirectory(): ConnectionDirectory {
  const connections = new Map<string, Map<string, ServerConnection>>();
  const sinks = new Map<string, Set<FeedSink>>();
  const ofScope = (scopeKey: string): ServerConnection[] => [...(connections.get(scopeKey)?.values() ?? [])];

  return {
    add(connection) {
      const scopeKey = orgScopeKey(connection.identity.orgId);
      const item = describe(connection);
      const present = connections.get(scopeKey) ?? new Map<string, ServerConnection>();
      connections.set(scopeKey, present.set(item.id, item));
      for (const sink of sinks.get(scopeKey) ?? []) sink.change({ set: [{ key: item.id, value: item }] });
    },
    remove(connection) {
      const scopeKey = orgScopeKey(connection.identity.orgId);
      const present = connections.get(scopeKey);
      if (present?.delete(connection.id) !== true) return;
      if (present.size === 0) connections.delete(scopeKey);
      for (const sink of sinks.get(scopeKey) ?? []) sink.change({ del: [{ key: connection.id }] });
    },
    list: (orgId) => ofScope(orgScopeKey(orgId)),
    channel: {
      pattern: 'server/connections',
      class: 'state',
      authorize: ({ identity }) => ({ scopeKey: orgScopeKey(identity.orgId) }),
      open({ scopeKey }, sink) {
        const present = sinks.get(scopeKey) ?? new Set();
        sinks.set(scopeKey, present.add(sink));
        sink.replace(ofScope(scopeKey).map((item) => ({ key: item.id, value: item })));
        return {
          dispose() {
            present.delete(sink);
            if (present.size === 0 && sinks.get(scopeKey) === present) sinks.delete(scopeKey);
          },
        };
      },
    },
  };
}

function describe({ id, identity, peer, openedAt, remoteAddress }: Handle): ServerConnection {
  return {
    id,
    user: { id: identity.userId, username: identity.username },
    peer,
    since: openedAt,
    remoteAddress,
  };
}
