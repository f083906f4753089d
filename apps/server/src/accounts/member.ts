import type { Role } from '../access/permissions.ts';
import type { Database } from '../database/open-database.ts';

/** A user, as one of its organisations sees it. */
export interface Member {
  readonly id: string;
  readonly orgId: string;
  readonly username: string;
  readonly role: Role;
  /** When it joined the organisation. */
  readonly createdAt: number;
}

/** What is selected of `users` and `memberships` for a {@link Member}. */
export const memberColumns = [
  'users.id as id',
  'memberships.org_id as orgId',
  'users.username as username',
  'memberships.role as role',
  'memberships.created_at as createdAt',
] as const;

/** The member whose sign-in it is; undefined when that has ended. `at` is the time of day. */
export function memberOfSession(database: Database, sessionId: string, at: number): Promise<Member | undefined> {
  return database
    .selectFrom('login_sessions')
    .innerJoin('users', 'users.id', 'login_sessions.user_id')
    .innerJoin('memberships', (join) =>
      join
        .onRef('memberships.user_id', '=', 'login_sessions.user_id')
        .onRef('memberships.org_id', '=', 'login_sessions.org_id'),
    )
    .select(memberColumns)
    .where('login_sessions.id', '=', sessionId)
    .where('login_sessions.expires_at', '>', at)
    .executeTakeFirst();
}
