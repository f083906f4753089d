import type { Role } from './permissions.ts';

/** The role of one member, shared by every identity that speaks for it. */
export interface LiveRole {
  readonly role: Role;
}

/**
 * Roles of the members that have been seen. An identity refers to its record here instead of holding a copy, so that a
 * change shows at once on connections that were opened before it.
 */
export interface LiveRoles {
  /** The record of a member, with the role that the database has now. */
  note(orgId: string, userId: string, role: Role): LiveRole;
  /** The member has left; its connections are ended by whoever removes it. */
  forget(orgId: string, userId: string): void;
}

/** Creates the records; there are as many as members of this server have been seen. */
export function createLiveRoles(): LiveRoles {
  const records = new Map<string, { role: Role }>();
  return {
    note(orgId, userId, role) {
      const key = keyOf(orgId, userId);
      const record = records.get(key) ?? { role };
      record.role = role;
      records.set(key, record);
      return record;
    },
    forget(orgId, userId) {
      records.delete(keyOf(orgId, userId));
    },
  };
}

function keyOf(orgId: string, userId: string): string {
  return JSON.stringify([orgId, userId]);
}
