import type { Connection } from './connection.ts';
import type { ConnectionSelector, Identity } from './types.ts';

/** Whether every member of the selector that is given fits. A selector without members fits nothing: it is a mistake, not a wish for all. */
export function selects(selector: ConnectionSelector, connection: Connection): boolean {
  return fits(selector, connection.knownIdentity, connection.id);
}

/** The same for an identity that has no connection yet. */
export function selectsIdentity(selector: ConnectionSelector, identity: Identity): boolean {
  return fits(selector, identity, undefined);
}

function fits(selector: ConnectionSelector, identity: Identity | undefined, connectionId: string | undefined): boolean {
  const members: readonly (readonly [string | undefined, string | undefined])[] = [
    [selector.connectionId, connectionId],
    [selector.orgId, identity?.orgId],
    [selector.userId, identity?.userId],
    [selector.jti, identity?.jti],
    [selector.agentId, identity?.agentId],
  ];
  const given = members.filter(([wanted]) => wanted !== undefined);
  return given.length > 0 && given.every(([wanted, actual]) => wanted === actual);
}
