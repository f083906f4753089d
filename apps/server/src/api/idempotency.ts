import { createHash, createHmac } from 'node:crypto';
import type { Sealing } from '../clusters/sealing.ts';
import type { SecretKey } from '../clusters/secret-key.ts';
import type { Database } from '../database/open-database.ts';
import { Problem } from '../http/problem.ts';

/** How long the answer to a request is kept for the same request. */
export const idempotencyMs = 24 * 3_600_000;

/** When to ask again for the answer to a request that is under way. */
const retryAfterMs = 1_000;

/** A request that has not ended after so long was most likely cut off: to wait for its answer is no use. */
const patienceMs = 60_000;

/** A request with an `Idempotency-Key`, which was let through and checked. */
export interface KeyedRequest {
  readonly orgId: string;
  readonly userId: string;
  /** Method and path. */
  readonly route: string;
  readonly key: string;
  readonly body: unknown;
}

/** An answer, and whether it is the one of before. */
export interface Idempotent {
  readonly answer: unknown;
  readonly isReplayed: boolean;
}

/** Sees to it that a request that is sent again makes nothing twice. */
export interface Idempotency {
  /**
   * Runs the handler, or answers as before. A failure is not kept, and an answer that `isReplayable` refuses is forgotten:
   * the handler runs anew. Throws a {@link Problem} where the same key came with another body, while the same is under
   * way, and where what became of it cannot be told.
   */
  run(
    request: KeyedRequest,
    handle: () => Promise<unknown>,
    isReplayable?: (answer: unknown) => boolean,
  ): Promise<Idempotent>;
}

/**
 * Creates it for a database (draft-ietf-httpapi-idempotency-key-header). Answers may hold secrets, so they are sealed. Of
 * a request there are hashes alone: of its key, and of its body by that key and the secret one together, since a plain
 * hash of a body would let passwords in it be guessed. Entries are those of the requests of a day that did what they asked.
 */
export function createIdempotency(
  database: Database,
  secretKey: SecretKey,
  sealing: Sealing,
  now: () => number,
): Idempotency {
  const bodyHashOf = ({ key, body }: KeyedRequest): string => {
    const inner = createHmac('sha256', secretKey.bytes).update(`idempotency ${key}`).digest();
    const hash = createHmac('sha256', inner).update(JSON.stringify(body) ?? '');
    return `${secretKey.id}.${hash.digest('base64url')}`;
  };

  return {
    async run(request, handle, isReplayable = () => true) {
      const { orgId, userId, route, key } = request;
      const id = createHash('sha256')
        .update(JSON.stringify([orgId, userId, route, key]))
        .digest('base64url');
      const place = { orgId, userId, id };
      const bodyHash = bodyHashOf(request);
      await database
        .deleteFrom('idempotent_requests')
        .where('created_at', '<=', now() - idempotencyMs)
        .execute();
      const begin = async (): Promise<boolean> => {
        const { numInsertedOrUpdatedRows } = await database
          .insertInto('idempotent_requests')
          .values({ id, body_hash: bodyHash, created_at: now(), answer: null })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows === 1n;
      };
      const entry = () => database.selectFrom('idempotent_requests').where('id', '=', id);
      if (!(await begin())) {
        const before = await entry()
          .select(['body_hash as bodyHash', 'created_at as createdAt', 'answer'])
          .executeTakeFirst();
        // It has failed meanwhile.
        if (before === undefined) throw underWay(retryAfterMs);
        if (!before.bodyHash.startsWith(`${secretKey.id}.`)) throw untold();
        if (before.bodyHash !== bodyHash)
          throw new Problem(422, 'BAD_REQUEST', 'this Idempotency-Key came with another body before');
        if (before.answer === null) throw underWay(now() - before.createdAt > patienceMs ? undefined : retryAfterMs);
        const opened = await sealing.open(place, before.answer);
        if ('failure' in opened) throw untold();
        if (isReplayable(opened.value)) return { answer: opened.value, isReplayed: true };
        // The very answer that was read: of two that ask at once, one begins.
        await database
          .deleteFrom('idempotent_requests')
          .where('id', '=', id)
          .where('answer', '=', before.answer)
          .execute();
        if (!(await begin())) throw underWay(retryAfterMs);
      }
      let answer: unknown;
      try {
        answer = await handle();
      } catch (error) {
        await database.deleteFrom('idempotent_requests').where('id', '=', id).execute();
        throw error;
      }
      const sealed = await sealing.seal(place, answer);
      await database.updateTable('idempotent_requests').set({ answer: sealed }).where('id', '=', id).execute();
      return { answer, isReplayed: false };
    },
  };
}

function underWay(waitMs: number | undefined): Problem {
  return new Problem(
    409,
    'CONFLICT',
    'a request with this Idempotency-Key is under way, or was cut off by the end of the server: ask again, or look what is there',
    waitMs,
  );
}

function untold(): Problem {
  return new Problem(
    409,
    'CONFLICT',
    'a request with this Idempotency-Key was made under another secret key of the server: look what is there',
  );
}
