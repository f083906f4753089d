import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Role } from '../access/permissions.ts';
import type { Database } from '../database/open-database.ts';
import type { Schema } from '../database/schema.ts';

/** A tenant. */
export interface Organisation {
  readonly id: string;
  readonly name: string;
}

/** A user, as one of its organisations sees it. */
export interface Member {
  readonly id: string;
  readonly orgId: string;
  readonly username: string;
  readonly role: Role;
  /** When it joined the organisation. */
  readonly createdAt: number;
}

/** What a sign-in is checked against. */
export interface Credentials {
  readonly userId: string;
  readonly passwordHash: string;
}

/** Why a change was not made. */
export type ChangeRefusal = 'not-found' | 'last-admin';

/** Names of users are unique on a server, whatever their organisations; so are those of organisations. */
export class NameTakenError extends Error {
  override readonly name = 'NameTakenError';
}

/** Users, organisations and who is what in which. */
export interface AccountStore {
  /** The first organisation; its id tells this server's cookies from those of others on the same host. */
  readonly home: Organisation;
  organisations(): Promise<Organisation[]>;
  /**
   * Adds an organisation whose administrator is a new user with that password; without one, a user that is there. Throws
   * a {@link NameTakenError} for the organisation and for a new user alike.
   */
  addOrganisation(
    name: string,
    admin: { readonly username: string; readonly passwordHash: string | undefined },
  ): Promise<Organisation>;
  userCount(): Promise<number>;
  credentials(username: string): Promise<Credentials | undefined>;
  passwordHash(userId: string): Promise<string | undefined>;
  /** The organisations of a user, the one that it joined first in front. */
  membershipsOf(userId: string): Promise<(Organisation & { readonly role: Role })[]>;
  member(orgId: string, userId: string): Promise<Member | undefined>;
  /** A user as the organisation of that name sees it; without a name, as the one that it joined first. */
  memberToSignIn(userId: string | undefined, organisation: string | undefined): Promise<Member | undefined>;
  memberByName(orgId: string, username: string): Promise<Member | undefined>;
  /** Members by name, those after `after`. */
  members(orgId: string, page: { readonly after: string; readonly limit: number }): Promise<Member[]>;
  /** Adds a user with its membership. Throws a {@link NameTakenError}. */
  addMember(
    orgId: string,
    user: { readonly username: string; readonly passwordHash: string; readonly role: Role },
  ): Promise<Member>;
  /** An organisation keeps an administrator. */
  setRole(orgId: string, userId: string, role: Role): Promise<ChangeRefusal | undefined>;
  /** Ends a membership with its sign-ins and tokens, and the user with its last one. */
  removeMember(orgId: string, userId: string): Promise<ChangeRefusal | undefined>;
  /** With `former`, only while the user still has that one; false when nothing was set. */
  setPassword(userId: string, passwordHash: string, former?: string): Promise<boolean>;
}

/** Name of the organisation that a new server begins with. */
const firstOrganisationName = 'default';

/** Opens the accounts of a database; makes the first organisation where there is none. `now` is in milliseconds since 1970. */
export async function openAccountStore(database: Database, now: () => number): Promise<AccountStore> {
  const home = await findHome(database, now);
  const ofOrganisation = (orgId: string) =>
    database
      .selectFrom('memberships')
      .innerJoin('users', 'users.id', 'memberships.user_id')
      .select([
        'users.id as id',
        'memberships.org_id as orgId',
        'users.username as username',
        'memberships.role as role',
        'memberships.created_at as createdAt',
      ])
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
    home,
    organisations: () => database.selectFrom('organisations').select(['id', 'name']).orderBy('name').execute(),
    async addOrganisation(name, { username, passwordHash }) {
      const organisation = { id: randomUUID(), name };
      return database.transaction().execute(async (transaction) => {
        const at = { created_at: now() };
        const inserted = await transaction
          .insertInto('organisations')
          .values({ ...organisation, ...at })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .executeTakeFirst();
        if (inserted.numInsertedOrUpdatedRows !== 1n) throw new NameTakenError(`the name ${name} is taken`);
        if (passwordHash !== undefined) {
          const made = await transaction
            .insertInto('users')
            .values({ id: randomUUID(), username, password_hash: passwordHash, ...at })
            .onConflict((conflict) => conflict.column('username').doNothing())
            .executeTakeFirst();
          if (made.numInsertedOrUpdatedRows !== 1n) throw new NameTakenError(`the name ${username} is taken`);
        }
        const { id } = await transaction
          .selectFrom('users')
          .select('id')
          .where('username', '=', username)
          .executeTakeFirstOrThrow();
        await transaction
          .insertInto('memberships')
          .values({ user_id: id, org_id: organisation.id, role: 'admin', ...at })
          .execute();
        return organisation;
      });
    },
    async userCount() {
      const { count } = await database
        .selectFrom('users')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    credentials: (username) =>
      database
        .selectFrom('users')
        .select(['id as userId', 'password_hash as passwordHash'])
        .where('username', '=', username)
        .executeTakeFirst(),
    async passwordHash(userId) {
      const user = await database
        .selectFrom('users')
        .select('password_hash')
        .where('id', '=', userId)
        .executeTakeFirst();
      return user?.password_hash;
    },
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
    async addMember(orgId, { username, passwordHash, role }) {
      const member: Member = { id: randomUUID(), orgId, username, role, createdAt: now() };
      await database.transaction().execute(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('users')
          .values({ id: member.id, username, password_hash: passwordHash, created_at: member.createdAt })
          .onConflict((conflict) => conflict.column('username').doNothing())
          .executeTakeFirst();
        if (numInsertedOrUpdatedRows !== 1n) throw new NameTakenError(`the name ${username} is taken`);
        await transaction
          .insertInto('memberships')
          .values({ user_id: member.id, org_id: orgId, role, created_at: member.createdAt })
          .execute();
      });
      return member;
    },
    setRole: (orgId, userId, role) =>
      changeMember(database, orgId, userId, role === 'admin', async (transaction) => {
        await transaction
          .updateTable('memberships')
          .set({ role })
          .where('org_id', '=', orgId)
          .where('user_id', '=', userId)
          .execute();
      }),
    removeMember: (orgId, userId) =>
      changeMember(database, orgId, userId, false, async (transaction) => {
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
      }),
    async setPassword(userId, passwordHash, former) {
      const { numUpdatedRows } = await database
        .updateTable('users')
        .set({ password_hash: passwordHash })
        .where('id', '=', userId)
        .$if(former !== undefined, (query) => query.where('password_hash', '=', former ?? ''))
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

async function findHome(database: Database, now: () => number): Promise<Organisation> {
  const find = () =>
    database
      .selectFrom('organisations')
      .select(['id', 'name'])
      .orderBy('created_at')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
  const present = await find();
  if (present !== undefined) return present;
  await database
    .insertInto('organisations')
    .values({ id: randomUUID(), name: firstOrganisationName, created_at: now() })
    // Another replica may have been first.
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  const made = await find();
  if (made === undefined) throw new TypeError('the first organisation was not made');
  return made;
}

/** Makes a change to a member, unless it would leave the organisation without an administrator. */
function changeMember(
  database: Database,
  orgId: string,
  userId: string,
  staysAdmin: boolean,
  change: (transaction: Transaction<Schema>) => Promise<void>,
): Promise<ChangeRefusal | undefined> {
  return database.transaction().execute(async (transaction) => {
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
      .select('user_id')
      .where('org_id', '=', orgId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (member === undefined) return 'not-found';
    const isLastAdmin = admins.length === 1 && admins[0]?.user_id === userId;
    if (isLastAdmin && !staysAdmin) return 'last-admin';
    await change(transaction);
    return undefined;
  });
}
