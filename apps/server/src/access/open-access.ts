import type { Logger } from '@fleetwire/websocket-core/server';
import { accessTokenLifetimeMs, createAccessTokens, type AccessTokens } from '../accounts/access-token.ts';
import { openAccountStore, type AccountStore } from '../accounts/account-store.ts';
import { importAccountsFile } from '../accounts/import-accounts-file.ts';
import { createPasswordHasher, type PasswordHasher } from '../accounts/password.ts';
import { createPersonalTokens, type PersonalTokens } from '../accounts/personal-tokens.ts';
import { createRefreshTokens, type RefreshTokens } from '../accounts/refresh-tokens.ts';
import { createSigningKeys } from '../accounts/signing-keys.ts';
import type { Database } from '../database/open-database.ts';
import { createAuditLog, type AuditLog } from './audit-log.ts';
import { createLiveRoles, type LiveRoles } from './live-roles.ts';
import { createTransact, type Transact } from './transact.ts';

/** Who there is, what proves it, and what was done. */
export interface AccessServices {
  readonly store: AccountStore;
  readonly hasher: PasswordHasher;
  readonly personalTokens: PersonalTokens;
  readonly refreshTokens: RefreshTokens;
  readonly accessTokens: AccessTokens;
  readonly liveRoles: LiveRoles;
  readonly audit: AuditLog;
  readonly transact: Transact;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Opens accounts, tokens and audit of a database; takes over what a server of before left in the data folder. */
export async function openAccess(
  database: Database,
  folder: string,
  logger: Logger,
  now: () => number,
  hasher: PasswordHasher = createPasswordHasher(),
): Promise<AccessServices> {
  await importAccountsFile(database, folder, now, logger);
  const store = await openAccountStore(database, now);
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, 'the use of a token could not be noted');
  };
  const personalTokens = createPersonalTokens(database, now, onError);
  const audit = createAuditLog(database, now, logger);
  const liveRoles = createLiveRoles();
  const keys = createSigningKeys(database, now, accessTokenLifetimeMs);
  return {
    store,
    hasher,
    personalTokens,
    refreshTokens: createRefreshTokens(database, now),
    accessTokens: createAccessTokens({ database, keys, personalTokens, liveRoles, now }),
    liveRoles,
    audit,
    transact: createTransact(database, store, audit, now, onError),
    now,
  };
}
