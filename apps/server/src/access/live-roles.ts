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
  /** How many changes there were: to be read before the role is, and given to {@link note} with it. */
  readonly version: number;
  /** The record of a member, with the role that the database had at that version; one that was changed since stays. */
  note(orgId: string, userId: string, role: Role, version: number): LiveRole;
  /** A member has another role. */
  change(orgId: string, userId: string, role: Role): void;
  /** The member has left; its connections are ended by whoever removes it. */
  forget(orgId: string, userId: string): void;
}

/** Creates the records; there are as many as members of this server have been seen. */
export function createLiveRoles(): LiveRoles {
  const records = new Map<string, { role: Role; changedAt: number }>();
  let version = 0;
  return {
    get version() {
      return version;
    },
    note(orgId, userId, role, readAt) {
      const key = keyOf(orgId, userId);
      const record = records.get(key) ?? { role, changedAt: 0 };
      // What was read before a change may come after it.
      if (record.changedAt <= readAt) record.role = role;
      records.set(key, record);
      return record;
    },
    change(orgId, userId, role) {
      version += 1;
      const record = records.get(keyOf(orgId, userId));
      if (record === undefined) records.set(keyOf(orgId, userId), { role, changedAt: version });
      else Object.assign(record, { role, changedAt: version });
    },
    forget(orgId, userId) {
      records.delete(keyOf(orgId, userId));
    },
  };
}

function keyOf(orgId: string, userId: string): string {
  return JSON.stringify([orgId, userId]);
}
