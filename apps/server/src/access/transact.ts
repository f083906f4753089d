import { createAccountStore, type AccountStore } from '../accounts/account-store.ts';
import { createPersonalTokens, type PersonalTokens } from '../accounts/personal-tokens.ts';
import { createRefreshTokens, type RefreshTokens } from '../accounts/refresh-tokens.ts';
import { inTransaction } from '../database/in-transaction.ts';
import type { Database } from '../database/open-database.ts';
import type { AuditLog } from './audit-log.ts';

/** What can be changed in a transaction, with the entries that tell of it. */
export interface Changes {
  readonly store: AccountStore;
  readonly personalTokens: PersonalTokens;
  readonly refreshTokens: RefreshTokens;
  /** Rejects when the entry cannot be written: then nothing is changed. */
  readonly audit: Pick<AuditLog, 'record'>;
}

/**
 * Makes changes together or, where the work rejects, none of them. The work uses nothing of the database but what it is
 * given: SQLite has one connection, and anything else would wait for the end of the transaction. No password is hashed in
 * it, for the same reason.
 */
export type Transact = <T>(work: (changes: Changes) => Promise<T>) => Promise<T>;

/** Creates it for a database. `now` is in milliseconds since 1970. */
export function createTransact(
  database: Database,
  { home }: AccountStore,
  audit: AuditLog,
  now: () => number,
  onError: (error: unknown) => void,
): Transact {
  return (work) =>
    inTransaction(database, (transaction) =>
      work({
        store: createAccountStore(transaction, home, now),
        personalTokens: createPersonalTokens(transaction, now, onError),
        refreshTokens: createRefreshTokens(transaction, now),
        audit: audit.within(transaction),
      }),
    );
}
