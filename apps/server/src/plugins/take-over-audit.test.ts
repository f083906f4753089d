import type { StoreAuditLine } from '@fleetwire/plugin-manager/server';
import { describe, expect, it, vi } from 'vitest';
import { createAuditLog } from '../access/audit-log.ts';
import { openTestDatabase, testDatabases } from '../testing/databases.ts';
import { createAuditTakeOver } from './take-over-audit.ts';

describe.each(testDatabases)('what is taken over from the audit of a store, on $name', (databases) => {
  const test = it.skipIf(!databases.isPresent);

  test('is each operation once, by the first of its lines, whether they come together or one by one', async () => {
    const database = await openTestDatabase(databases);
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const audit = createAuditLog(database, () => 0, logger);
    const take = createAuditTakeOver({ database, audit, organisations: { idOf: () => 'a' }, now: () => 0 });
    const line = (operationId: string, outcome: string): StoreAuditLine => ({
      ...{ at: 1, program: 'other', action: 'install', pluginId: 'a:b/c' },
      ...{ operationId, outcome },
    });
    await take([line('together', 'failed'), line('together', 'done')]);
    await take([line('apart', 'failed')]);
    await take([line('apart', 'done')]);
    const entries = await audit.list('a', { before: undefined, limit: 10 });
    expect(entries.map(({ action, detail }) => [action, (detail as StoreAuditLine).operationId])).toEqual([
      ['plugin.install.failed', 'apart'],
      ['plugin.install.failed', 'together'],
    ]);
    await database.destroy();
  });
});
