import type { Transaction } from 'kysely';
import type { Role } from '../access/permissions.ts';
import { inTransaction } from '../database/in-transaction.ts';
import type { Database } from '../database/open-database.ts';
import type { Schema } from '../database/schema.ts';
import { memberColumns, type Member } from './member.ts';
import type { Organisation } from './organisation-store.ts';
import { insertUser } from './user-store.ts';

/** Why a change was not made. */
export type ChangeRefusal = 'not-found' | 'last-admin' | 'changed';

/** Who is what in which organisation. */
export interface MemberStore {
  /** The organisations of a user, the one that it joined first in front. */
  membershipsOf(userId: string): Promise<(Organisation & { readonly role: Role })[]>;
  member(orgId: string, userId: string): Promise<Member | undefined>;
  /** A user as the organisation of that name sees it; without a name, as the one that it joined first. */
  memberToSignIn(userId: string | undefined, organisation: string | undefined): Promise<Member | undefined>;
  memberByName(orgId: string, username: string): Promise<Member | undefined>;
  /** Members by name, those after `after`. */
  members(orgId: string, page: { readonly after: string; readonly limit: number }): Promise<Member[]>;
  /** Adds a user with its membership. Throws a `NameTakenError`. */
  addMember(
    orgId: string,
    user: { readonly username: string; readonly passwordHash: string; readonly role: Role },
  ): Promise<Member>;
  /**
   * An organisation keeps an administrator. With `former`, only while the member still has that role. Returns the role
   * that it replaced.
   */
  setRole(
    orgId: string,
    userId: string,
    role: Role,
    former?: Role,
  ): Promise<ChangeRefusal | { readonly replaced: Role }>;
  /** Ends a membership with its sign-ins and tokens, and the user with its last one. */
  removeMember(orgId: string, userId: string): Promise<ChangeRefusal | undefined>;
}

/** Creates the members of a database. `now` is in milliseconds since 1970. */
export function createMemberStore(database: Database, now: () => number): MemberStore {
  const ofOrganisation = (orgId: string) =>
    database
      .selectFrom('memberships')
      .innerJoin('users', 'users.id', 'memberships.user_id')
      .select(memberColumns)
      .where('memberships.org_id', '=', orgId);

  const membershipsOf = (userId: string) =>
    database
      .selectFrom('memberships')
      .innerJoin('organisations', 'organisations.id', 'memberships.org_id')
      .select(['organisations.id as id', 'organisations.name as name', 'memberships.role as role'])
      .where('memberships.user_id', '=', userId)
      .orderBy('memberships.created_at')
      .orderBy('organisations.id')
      .execute();

  return {
    membershipsOf,
    member: (orgId, userId) => ofOrganisation(orgId).where('users.id', '=', userId).executeTakeFirst(),
    async memberToSignIn(userId, organisation) {
      if (userId === undefined) return undefined;
      const memberships = await membershipsOf(userId);
      const membership = memberships.find(({ name }) => organisation === undefined || name === organisation);
      return membership === undefined
        ? undefined
        : ofOrganisation(membership.id).where('users.id', '=', userId).executeTakeFirst();
    },
    memberByName: (orgId, username) => ofOrganisation(orgId).where('users.username', '=', username).executeTakeFirst(),
    members: (orgId, { after, limit }) =>
      ofOrganisation(orgId).where('users.username', '>', after).orderBy('users.username').limit(limit).execute(),
    addMember: (orgId, { username, passwordHash, role }) =>
      inTransaction(database, async (transaction) => {
        const createdAt = now();
        const id = await insertUser(transaction, { username, passwordHash, createdAt });
        await transaction
          .insertInto('memberships')
          .values({ user_id: id, org_id: orgId, role, created_at: createdAt })
          .execute();
        return { id, orgId, username, role, createdAt };
      }),
    setRole: (orgId, userId, role, former) =>
      changeMember(database, orgId, userId, role === 'admin', former, async (transaction) => {
        await transaction
          .updateTable('memberships')
          .set({ role })
          .where('org_id', '=', orgId)
          .where('user_id', '=', userId)
          .execute();
      }),
    async removeMember(orgId, userId) {
      const result = await changeMember(database, orgId, userId, false, undefined, async (transaction) => {
        await transaction
          .deleteFrom('login_sessions')
          .where('org_id', '=', orgId)
          .where('user_id', '=', userId)
          .execute();
        await transaction.deleteFrom('memberships').where('org_id', '=', orgId).where('user_id', '=', userId).execute();
        await transaction
          .deleteFrom('users')
          .where('id', '=', userId)
          .where((expression) =>
            expression.not(
              expression.exists(expression.selectFrom('memberships').select('org_id').where('user_id', '=', userId)),
            ),
          )
          .execute();
      });
      return typeof result === 'string' ? result : undefined;
    },
  };
}

/** Makes a change to a member who is `former` still, unless it would leave the organisation without an administrator. */
function changeMember(
  database: Database,
  orgId: string,
  userId: string,
  staysAdmin: boolean,
  former: Role | undefined,
  change: (transaction: Transaction<Schema>) => Promise<void>,
): Promise<ChangeRefusal | { readonly replaced: Role }> {
  return inTransaction(database, async (transaction) => {
    // Holds the organisation's row: two administrators who demote each other at once must not both succeed.
    await transaction
      .updateTable('organisations')
      .set((expression) => ({ name: expression.ref('name') }))
      .where('id', '=', orgId)
      .execute();
    const admins = await transaction
      .selectFrom('memberships')
      .select('user_id')
      .where('org_id', '=', orgId)
      .where('role', '=', 'admin')
      .execute();
    const member = await transaction
      .selectFrom('memberships')
      .select('role')
      .where('org_id', '=', orgId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (member === undefined) return 'not-found';
    if (former !== undefined && member.role !== former) return 'changed';
    const isLastAdmin = admins.length === 1 && admins[0]?.user_id === userId;
    if (isLastAdmin && !staysAdmin) return 'last-admin';
    await change(transaction);
    return { replaced: member.role };
  });
}
