import type { StoreAuditLine } from '@fleetwire/plugin-manager/server';
import type { AuditLog, AuditRecord } from '../access/audit-log.ts';
import { firstOrganisation, type Organisations } from '../access/organisations.ts';
import { inTransaction } from '../database/in-transaction.ts';
import type { Database } from '../database/open-database.ts';

/** More lines than the files of a store can hold, at 100 bytes each. */
const maxKeptLines = 100_000;

/** What the lines are taken over into. */
export interface TakeOverOptions {
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'within'>;
  readonly organisations: Pick<Organisations, 'idOf'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Makes what takes lines of other programs over into the audit of the first organisation, each operation once, by the
 * first of its lines: the entry and the note that the operation has one are written together. Rejects where they could not
 * be.
 */
export function createAuditTakeOver(options: TakeOverOptions): (lines: readonly StoreAuditLine[]) => Promise<void> {
  const { database, audit, organisations, now } = options;
  return (lines) => {
    const orgId = organisations.idOf(firstOrganisation);
    if (orgId === undefined) return Promise.reject(new Error(`expected an organisation ${firstOrganisation}`));
    const byId = new Map<string, StoreAuditLine>();
    for (const line of lines) if (!byId.has(line.operationId)) byId.set(line.operationId, line);
    return inTransaction(database, async (transaction) => {
      const taken = await transaction
        .selectFrom('plugin_audit_lines')
        .select('operation_id')
        .where('operation_id', 'in', [...byId.keys()])
        .execute();
      for (const { operation_id: id } of taken) byId.delete(id);
      if (byId.size === 0) return;
      await transaction
        .insertInto('plugin_audit_lines')
        .values([...byId.keys()].map((operationId) => ({ operation_id: operationId, taken_at: now() })))
        .execute();
      const { record } = audit.within(transaction);
      for (const line of byId.values()) await record({ orgId, ...entryOf(line) });
    });
  };
}

/** Forgets lines of long ago, which no file of the store holds any more. */
export async function forgetOldLines(database: Database): Promise<void> {
  const newestForgotten = await database
    .selectFrom('plugin_audit_lines')
    .select('taken_at')
    .orderBy('taken_at', 'desc')
    .offset(maxKeptLines)
    .limit(1)
    .executeTakeFirst();
  if (newestForgotten === undefined) return;
  await database.deleteFrom('plugin_audit_lines').where('taken_at', '<', newestForgotten.taken_at).execute();
}

/** As the server's own entries are called: what takes no time has one for its end alone. */
const brief: ReadonlySet<string> = new Set(['enable', 'disable', 'pin', 'unpin', 'repair-store']);

function entryOf(line: StoreAuditLine): Omit<AuditRecord, 'orgId'> {
  const { at, program = 'a program that does not say its name', action: named, outcome, pluginId, ...more } = line;
  const action = named === 'repair' && pluginId === undefined ? 'repair-store' : named;
  const isBrief = brief.has(action) && outcome === 'done';
  return {
    action: `plugin.${action}${isBrief ? '' : `.${outcome}`}`,
    target: pluginId ?? 'plugins',
    // The entry has the time at which the server came to know of it; the line, that of the deed.
    detail: { ...more, by: program, doneAt: at },
  };
}
