import type { ClusterOwner } from '@fleetwire/kube-watch/server';
import { inTransaction } from '../database/in-transaction.ts';
import type { Database } from '../database/open-database.ts';
import type { SealedPlace } from './sealing.ts';

/** Clusters of one user in one organisation. */
export const maxOwnClusters = 20;

/** A row: whose cluster it is, and what only the key opens. */
export interface OwnClusterRow extends SealedPlace {
  readonly name: string;
  readonly sealed: string;
  readonly createdAt: number;
}

/** Why a change was not made. */
export type StoreRefusal =
  | { readonly kind: 'not-found' | 'too-many' }
  /** These names the owner has given to others, but for case. */
  | { readonly kind: 'taken'; readonly names: readonly string[] };

/** What a name has in common with those that people take for it. */
export function foldedName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** The clusters that users have added, as rows of the database. */
export interface OwnClusterStore {
  /** Those of an owner, or of all, oldest first. */
  list(owner?: ClusterOwner): Promise<readonly OwnClusterRow[]>;
  /** Adds all of them or none; `not-found`: the owner is no member any more. */
  add(owner: ClusterOwner, rows: readonly OwnClusterRow[]): Promise<StoreRefusal | undefined>;
  rename(owner: ClusterOwner, id: string, name: string): Promise<StoreRefusal | undefined>;
  /** False when the owner has no such cluster. */
  remove(owner: ClusterOwner, id: string): Promise<boolean>;
}

/** Creates the store of a database, or of a transaction in it. */
export function createOwnClusterStore(database: Database): OwnClusterStore {
  return {
    list: (owner) =>
      database
        .selectFrom('own_clusters')
        .select(['id', 'user_id as userId', 'org_id as orgId', 'name', 'sealed', 'created_at as createdAt'])
        .$if(owner !== undefined, (query) =>
          query.where('user_id', '=', owner?.userId ?? '').where('org_id', '=', owner?.orgId ?? ''),
        )
        .orderBy('created_at')
        .orderBy('name')
        .execute(),
    add: (owner, rows) =>
      changeOf(database, owner, async (transaction, present) => {
        if (present.length + rows.length > maxOwnClusters) return { kind: 'too-many' };
        const taken = new Set(present.map(({ name }) => foldedName(name)));
        const names = rows
          .map(({ name }) => name)
          .filter((name) => {
            const isTaken = taken.has(foldedName(name));
            taken.add(foldedName(name));
            return isTaken;
          });
        if (names.length > 0) return { kind: 'taken', names };
        await transaction
          .insertInto('own_clusters')
          .values(
            rows.map(({ id, name, sealed, createdAt }) => ({
              id,
              user_id: owner.userId,
              org_id: owner.orgId,
              name,
              sealed,
              created_at: createdAt,
            })),
          )
          .execute();
        return undefined;
      }),
    rename: (owner, id, name) =>
      changeOf(database, owner, async (transaction, present) => {
        if (!present.some((each) => each.id === id)) return { kind: 'not-found' };
        if (present.some((each) => each.id !== id && foldedName(each.name) === foldedName(name)))
          return { kind: 'taken', names: [name] };
        await transaction.updateTable('own_clusters').set({ name }).where('id', '=', id).execute();
        return undefined;
      }),
    async remove({ userId, orgId }, id) {
      const { numDeletedRows } = await database
        .deleteFrom('own_clusters')
        .where('id', '=', id)
        .where('user_id', '=', userId)
        .where('org_id', '=', orgId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

/** Makes a change to the clusters of an owner, one at a time, while it is a member. */
function changeOf(
  database: Database,
  { userId, orgId }: ClusterOwner,
  change: (
    transaction: Database,
    present: readonly { readonly id: string; readonly name: string }[],
  ) => Promise<StoreRefusal | undefined>,
): Promise<StoreRefusal | undefined> {
  return inTransaction(database, async (transaction) => {
    // Holds the membership: two requests must not add the last one both, nor one for a member who is being removed.
    const { numUpdatedRows } = await transaction
      .updateTable('memberships')
      .set((expression) => ({ role: expression.ref('role') }))
      .where('user_id', '=', userId)
      .where('org_id', '=', orgId)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return { kind: 'not-found' };
    const present = await transaction
      .selectFrom('own_clusters')
      .select(['id', 'name'])
      .where('user_id', '=', userId)
      .where('org_id', '=', orgId)
      .execute();
    return change(transaction, present);
  });
}
