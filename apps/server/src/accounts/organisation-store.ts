import { randomUUID } from 'node:crypto';
import { inTransaction } from '../database/in-transaction.ts';
import type { Database } from '../database/open-database.ts';
import { insertUser, NameTakenError } from './user-store.ts';

/** A tenant. */
export interface Organisation {
  readonly id: string;
  readonly name: string;
}

/** The organisations of a server. */
export interface OrganisationStore {
  organisations(): Promise<Organisation[]>;
  /**
   * Adds an organisation whose administrator is a new user with that password; without one, a user that is there. Throws
   * a {@link NameTakenError} for the organisation and for a new user alike.
   */
  addOrganisation(
    name: string,
    admin: { readonly username: string; readonly passwordHash: string | undefined },
  ): Promise<Organisation>;
}

/** Name of the organisation that a new server begins with. */
const firstOrganisationName = 'default';

/** Creates the organisations of a database. `now` is in milliseconds since 1970. */
export function createOrganisationStore(database: Database, now: () => number): OrganisationStore {
  return {
    organisations: () => database.selectFrom('organisations').select(['id', 'name']).orderBy('name').execute(),
    addOrganisation: (name, { username, passwordHash }) =>
      inTransaction(database, async (transaction) => {
        const organisation = { id: randomUUID(), name };
        const createdAt = now();
        const inserted = await transaction
          .insertInto('organisations')
          .values({ ...organisation, created_at: createdAt })
          .onConflict((conflict) => conflict.column('name').doNothing())
          .executeTakeFirst();
        if (inserted.numInsertedOrUpdatedRows !== 1n) throw new NameTakenError(`the name ${name} is taken`);
        if (passwordHash !== undefined) await insertUser(transaction, { username, passwordHash, createdAt });
        // Holds the user's row: whoever sets a password looks there whether its user belongs to other organisations.
        const { id } = await transaction
          .updateTable('users')
          .set((expression) => ({ username: expression.ref('username') }))
          .where('username', '=', username)
          .returning('id')
          .executeTakeFirstOrThrow();
        await transaction
          .insertInto('memberships')
          .values({ user_id: id, org_id: organisation.id, role: 'admin', created_at: createdAt })
          .execute();
        return organisation;
      }),
  };
}

/** The first organisation of a database; makes it where there is none. */
export async function openFirstOrganisation(database: Database, now: () => number): Promise<Organisation> {
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
