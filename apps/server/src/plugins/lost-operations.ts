import type { AuditEntry, AuditLog } from '../access/audit-log.ts';
import { firstOrganisation, type Organisations } from '../access/organisations.ts';

/** As many of the newest entries about plugins are looked through; whatever is older was looked through before. */
const maxEntries = 1_000;

const startPattern = /^plugin\.(?:install|update|uninstall|rollback|repair)$/;
const endPattern = /^plugin\.[a-z]+\.(?:done|failed|cancelled|lost)$/;

/**
 * Writes the end of operations that were begun and have none: their process was cut off. What became of them is in the
 * store, which is whole in any case; here it says that nobody waited for them. Called before any operation begins.
 */
export async function noteLostOperations(
  audit: Pick<AuditLog, 'list' | 'record'>,
  organisations: Pick<Organisations, 'idOf'>,
): Promise<void> {
  const orgId = organisations.idOf(firstOrganisation);
  if (orgId === undefined) return;
  const entries = await audit.list(orgId, { before: undefined, limit: maxEntries, prefix: 'plugin.' });
  for (const { action, target, userId, username, detail } of lostOf(entries)) {
    const user = userId === null || username === null ? undefined : { userId, username };
    const { operationId } = detail as { readonly operationId: string };
    await audit.record({ orgId, user, action: `${action}.lost`, target: target ?? undefined, detail: { operationId } });
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
