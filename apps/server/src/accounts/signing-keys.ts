import { randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '../database/open-database.ts';

/** A key signs for this long; the next one is made by the first that signs afterwards. */
export const signingKeyLifetimeMs = 30 * 24 * 3_600_000;

/** Least time between two looks into the database for a key that is not known: anybody may name one. */
const reloadIntervalMs = 1_000;

/** A key of HS256. */
export interface SigningKey {
  readonly id: string;
  readonly secret: Uint8Array;
  readonly createdAt: number;
}

/** The keys that sign access tokens, shared by the replicas of a database. */
export interface SigningKeys {
  /** The key that signs now. */
  current(): Promise<SigningKey>;
  /** The key of that id, while tokens that it signed may live. */
  find(id: string): Promise<SigningKey | undefined>;
}

/** Creates the keys of a database. `tokenLifetimeMs` is how long a token lives. */
export function createSigningKeys(database: Database, now: () => number, tokenLifetimeMs: number): SigningKeys {
  /** Newest first. */
  let keys: readonly SigningKey[] = [];
  let loadedAt = -Infinity;

  const load = async (): Promise<void> => {
    const rows = await database
      .selectFrom('signing_keys')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
    keys = rows.map(({ id, secret, created_at: createdAt }) => ({
      id,
      secret: Buffer.from(secret, 'base64url'),
      createdAt,
    }));
    loadedAt = now();
  };
  const isFresh = (key: SigningKey | undefined): key is SigningKey =>
    key !== undefined && now() - key.createdAt < signingKeyLifetimeMs;

  let renewing: Promise<void> | undefined;
  const renew = async (): Promise<void> => {
    await load();
    if (isFresh(keys[0])) return;
    await rotate(database, now(), tokenLifetimeMs);
    await load();
  };

  return {
    async current() {
      if (!isFresh(keys[0])) {
        renewing ??= renew().finally(() => {
          renewing = undefined;
        });
        await renewing;
      }
      const [key] = keys;
      if (key === undefined) throw new TypeError('there is no signing key');
      return key;
    },
    async find(id) {
      const known = () => {
        const index = keys.findIndex((key) => key.id === id);
        // Newest first: the one before is the successor. Once it is old enough, every token of the key has expired.
        const successor = keys[index - 1];
        const isRetired = successor !== undefined && successor.createdAt <= now() - tokenLifetimeMs;
        return isRetired ? undefined : keys[index];
      };
      if (known() === undefined && Math.abs(now() - loadedAt) >= reloadIntervalMs) await load();
      return known();
    },
  };
}

/** Makes a new key, and forgets those whose successor is older than a token lives. Two replicas may each make one. */
async function rotate(database: Database, at: number, tokenLifetimeMs: number): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const successors = await transaction
      .selectFrom('signing_keys')
      .select('created_at')
      .where('created_at', '<=', at - tokenLifetimeMs)
      .orderBy('created_at', 'desc')
      .limit(1)
      .execute();
    // A key signed until its successor came; its last token has expired when that was long enough ago.
    const [successor] = successors;
    if (successor !== undefined)
      await transaction.deleteFrom('signing_keys').where('created_at', '<', successor.created_at).execute();
    await transaction
      .insertInto('signing_keys')
      .values({ id: randomUUID(), secret: randomBytes(32).toString('base64url'), created_at: at })
      .execute();
  });
}
