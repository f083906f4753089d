import type { Database } from '../database/open-database.ts';
import { createMemberStore, type MemberStore } from './member-store.ts';
import {
  createOrganisationStore,
  openFirstOrganisation,
  type Organisation,
  type OrganisationStore,
} from './organisation-store.ts';
import { createUserStore, type UserStore } from './user-store.ts';

/** Users, organisations and who is what in which. */
export interface AccountStore extends OrganisationStore, UserStore, MemberStore {
  /** The first organisation; its id tells this server's cookies from those of others on the same host. */
  readonly home: Organisation;
}

/** Opens the accounts of a database; makes the first organisation where there is none. `now` is in milliseconds since 1970. */
export async function openAccountStore(database: Database, now: () => number): Promise<AccountStore> {
  return createAccountStore(database, await openFirstOrganisation(database, now), now);
}

/** The accounts of a database, or of a transaction, whose first organisation is known. */
export function createAccountStore(database: Database, home: Organisation, now: () => number): AccountStore {
  return {
    home,
    ...createOrganisationStore(database, now),
    ...createUserStore(database),
    ...createMemberStore(database, now),
  };
}
