import { randomBytes } from 'node:crypto';
import type { Logger } from '@fleetwire/websocket-core/server';
import { fromJson, toJson } from '../database/json.ts';
import type { Database } from '../database/open-database.ts';
import { RefusalLimits } from './refusal-limits.ts';

/** Something that somebody did, or tried to do. */
export interface AuditEntry {
  /** Sorts by time. */
  readonly id: string;
  readonly at: number;
  /** Null where it was nobody who had signed in. */
  readonly userId: string | null;
  readonly username: string | null;
  /** `user.create`, say. */
  readonly action: string;
  /** What it was done to: a name, or an id. */
  readonly target: string | null;
  readonly detail?: unknown;
}

/** An entry before it has an id and a time. */
export interface AuditRecord {
  readonly orgId: string;
  /** Who did it; absent for the server and for strangers. */
  readonly user?: { readonly userId: string; readonly username: string } | undefined;
  readonly action: string;
  readonly target?: string | undefined;
  /** Whatever JSON holds; never a secret. */
  readonly detail?: unknown;
}

/** What happened in each organisation; entries are added, and never changed. */
export interface AuditLog {
  /** Resolves when the entry is on the disk. One that could not be written is logged with what it says. */
  record(record: AuditRecord): Promise<void>;
  /** The same as a part of a transaction: it rejects, so that what it tells of is not done. */
  within(transaction: Database): Pick<AuditLog, 'record'>;
  /**
   * The same for what was refused to somebody, a user or an address by the name `by`; when that comes too often, the
   * entry is counted for {@link summarise} instead.
   */
  refused(record: AuditRecord, by: string): Promise<void>;
  /** Tells each organisation how many refusals got no entry since the last time. */
  summarise(): Promise<void>;
  /** Removes the entries of before that time, of all organisations. */
  prune(beforeAt: number): Promise<void>;
  /** Newest first, those before `before`, and of those the ones whose action begins with `prefix`. */
  list(
    orgId: string,
    page: { readonly before: string | undefined; readonly limit: number; readonly prefix?: string | undefined },
  ): Promise<AuditEntry[]>;
}

/**
 * Creates the log of a database. `now` is in milliseconds since 1970, `monotonicNow` in milliseconds of a clock that is
 * never set.
 */
export function createAuditLog(
  database: Database,
  now: () => number,
  logger: Logger,
  monotonicNow: () => number = () => performance.now(),
): AuditLog {
  let count = 0;
  const limits = new RefusalLimits(monotonicNow);

  const write = async (into: Database, { orgId, user, action, target, detail }: AuditRecord): Promise<void> => {
    const at = now();
    count += 1;
    await into
      .insertInto('audit')
      .values({
        id: auditId(at, count),
        org_id: orgId,
        at,
        user_id: user?.userId ?? null,
        username: user?.username ?? null,
        action,
        target: target ?? null,
        detail: toJson(detail),
      })
      .execute();
  };
  const record = async (entry: AuditRecord): Promise<void> => {
    const { orgId, user, action, target } = entry;
    await write(database, entry).catch((error: unknown) => {
      logger.error({ err: error, orgId, userId: user?.userId, action, target }, 'an audit entry is lost');
    });
  };

  return {
    record,
    within: (transaction) => ({ record: (entry) => write(transaction, entry) }),
    async refused(entry, by) {
      if (limits.take(entry.orgId, by)) await record(entry);
    },
    async summarise() {
      for (const [orgId, untold] of limits.takeUntold())
        await record({ orgId, action: 'access.refused-more', detail: { count: untold } });
    },
    async prune(beforeAt) {
      // Ids sort by time, and have an index.
      await database.deleteFrom('audit').where('id', '<', timeOf(beforeAt)).execute();
    },
    async list(orgId, { before, limit, prefix }) {
      const rows = await database
        .selectFrom('audit')
        .select(['id', 'at', 'user_id as userId', 'username', 'action', 'target', 'detail'])
        .where('org_id', '=', orgId)
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .$if(prefix !== undefined, (query) => query.where('action', 'like', `${prefix ?? ''}%`))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ detail, ...row }) => (detail === null ? row : { ...row, detail: fromJson(detail) }));
    },
  };
}

/**
 * Time, number of the entry in this process, randomness; digits and lower-case letters in fields of fixed width, so that
 * every collation sorts it in the order of time.
 */
function auditId(at: number, count: number): string {
  const number = (count % 36 ** 4).toString(36).padStart(4, '0');
  return `${timeOf(at)}${number}${randomBytes(6).toString('hex')}`;
}

function timeOf(at: number): string {
  return Math.max(0, at).toString(36).padStart(9, '0');
}
