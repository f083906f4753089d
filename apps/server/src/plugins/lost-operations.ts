import { findStoreAuditLines, type StoreAuditLine } from '@fleetwire/plugin-manager/server';
import type { Logger } from '@fleetwire/websocket-core/server';
import type { AuditEntry, AuditLog } from '../access/audit-log.ts';
import { firstOrganisation, type Organisations } from '../access/organisations.ts';

/** As many of the newest entries about plugins are looked through; whatever is older was looked through before. */
const maxEntries = 1_000;

const startPattern = /^plugin\.(?:install|update|uninstall|rollback|repair)$/;
const endPattern = /^plugin\.[a-z]+\.(?:done|failed|cancelled|lost)$/;

/** Ends that the audit of the store knows. */
const outcomes: ReadonlySet<string> = new Set(['done', 'failed', 'cancelled']);

/** What the ends of operations are looked for in, and written to. */
export interface LostOperationsOptions {
  readonly audit: Pick<AuditLog, 'list' | 'record'>;
  readonly organisations: Pick<Organisations, 'idOf'>;
  /** Folder of the store. */
  readonly root: string;
  /** Whose lines in the audit of the store are the server's own. */
  readonly program: string;
  readonly logger: Logger;
}

/**
 * Writes the end of operations that were begun and have none: their process was cut off. Where the store's own audit still
 * got the end, it is that one; of the others it says that nobody waited for them: what became of them is in the store,
 * which is whole in any case. Called before any operation begins.
 */
export async function noteLostOperations(options: LostOperationsOptions): Promise<void> {
  const { audit, organisations } = options;
  const orgId = organisations.idOf(firstOrganisation);
  if (orgId === undefined) return;
  const entries = await audit.list(orgId, { before: undefined, limit: maxEntries, prefix: 'plugin.' });
  const lost = lostOf(entries);
  const ends = await endsOf(new Set(lost.flatMap((entry) => operationIdOf(entry) ?? [])), options);
  for (const { action, target, userId, username, detail } of lost) {
    const user = userId === null || username === null ? undefined : { userId, username };
    const { operationId } = detail as { readonly operationId: string };
    const { outcome, ...more } = ends.get(operationId) ?? { outcome: 'lost' };
    const entry = { orgId, user, action: `${action}.${outcome}`, target: target ?? undefined };
    await audit.record({ ...entry, detail: { operationId, ...more } });
  }
}

type End = Omit<StoreAuditLine, 'at' | 'program' | 'operationId' | 'action' | 'pluginId' | 'actor'>;

async function endsOf(
  operationIds: ReadonlySet<string>,
  { root, program, logger }: LostOperationsOptions,
): Promise<ReadonlyMap<string, End & { readonly doneAt: number }>> {
  try {
    const lines = await findStoreAuditLines({ root, program, operationIds });
    const known = [...lines].filter(([, { outcome }]) => outcomes.has(outcome));
    return new Map(
      known.map(
        ([id, { at, program: _, operationId: _id, action: _action, pluginId: _plugin, actor: _actor, ...end }]) => [
          id,
          { ...end, doneAt: at },
        ],
      ),
    );
  } catch (err) {
    logger.warn(
      { err },
      'the audit of the plugin store cannot be read: how operations ended that were cut off is not known',
    );
    return new Map();
  }
}

/** Starts without an end, oldest first. */
function lostOf(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  const ended = new Set(entries.filter(({ action }) => endPattern.test(action)).map(operationIdOf));
  return entries
    .filter((entry) => startPattern.test(entry.action) && !ended.has(operationIdOf(entry)))
    .filter((entry) => operationIdOf(entry) !== undefined)
    .toReversed();
}

function operationIdOf({ detail }: AuditEntry): string | undefined {
  const { operationId } = (detail ?? {}) as { readonly operationId?: unknown };
  return typeof operationId === 'string' ? operationId : undefined;
}
