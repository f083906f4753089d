import { describe, expect, it, vi } from 'vitest';
import { openTestDatabase, testDatabases } from '../testing/databases.ts';
import { createAuditLog } from './audit-log.ts';

describe.each(testDatabases)('the audit log on $name', (databases) => {
  const test = it.skipIf(!databases.isPresent);
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

  test('gives the entries of an organisation newest first, in the order in which they came, by pages', async () => {
    let nowAt = 1_800_000_000_000;
    const database = await openTestDatabase(databases);
    const log = createAuditLog(database, () => nowAt, logger);
    const user = { userId: 'u', username: 'mia' };
    for (let count = 0; count < 25; count += 1) {
      // Several within one millisecond.
      if (count % 10 === 0) nowAt += 1;
      await log.record({ orgId: 'a', user, action: 'x', target: String(count), detail: { count } });
      await log.record({ orgId: 'b', action: 'y' });
    }
    const targets: (string | null)[] = [];
    for (let before: string | undefined; ;) {
      const page = await log.list('a', { before, limit: 10 });
      targets.push(...page.map(({ target }) => target));
      before = page.at(-1)?.id;
      if (page.length < 10) break;
    }
    expect(targets).toEqual(Array.from({ length: 25 }, (_, index) => String(24 - index)));
    const [entry] = await log.list('b', { before: undefined, limit: 1 });
    expect(entry).toEqual({
      id: expect.any(String) as string,
      at: nowAt,
      userId: null,
      username: null,
      action: 'y',
      target: null,
    });
    await database.destroy();
  });

  test('forgets what is older than it is told to keep', async () => {
    let nowAt = 1_800_000_000_000;
    const database = await openTestDatabase(databases);
    const log = createAuditLog(database, () => nowAt, logger);
    for (const [orgId, action] of [
      ['a', 'first'],
      ['b', 'second'],
      ['a', 'third'],
    ] as const) {
      await log.record({ orgId, action });
      nowAt += 1;
    }
    await log.prune(nowAt - 1);
    const page = { before: undefined, limit: 10 };
    expect((await log.list('a', page)).map(({ action }) => action)).toEqual(['third']);
    expect(await log.list('b', page)).toEqual([]);
    await database.destroy();
  });

  test('writes an entry with its transaction or not at all', async () => {
    const database = await openTestDatabase(databases);
    const log = createAuditLog(database, () => 0, logger);
    const failing = database.transaction().execute(async (transaction) => {
      await log.within(transaction).record({ orgId: 'a', action: 'user.create' });
      throw new Error('the power is out');
    });
    await expect(failing).rejects.toThrow('the power is out');
    expect(await log.list('a', { before: undefined, limit: 1 })).toEqual([]);
    await database.destroy();
    await expect(log.within(database).record({ orgId: 'a', action: 'user.create' })).rejects.toThrow();
  });

  test('tells some refusals of each user and organisation, and how many more there were', async () => {
    let monotonicNow = 0;
    const database = await openTestDatabase(databases);
    const log = createAuditLog(
      database,
      () => 1_800_000_000_000,
      logger,
      () => monotonicNow,
    );
    const refusals = async (orgId: string, by: string, count: number): Promise<void> => {
      for (let each = 0; each < count; each += 1)
        await log.refused({ orgId, action: 'access.refused', target: by }, by);
    };
    const all = (orgId: string) => log.list(orgId, { before: undefined, limit: 1_000 });
    await refusals('a', 'otto', 50);
    await refusals('a', 'mia', 1);
    expect(await all('a')).toHaveLength(21);
    await log.summarise();
    expect((await all('a'))[0]).toMatchObject({ action: 'access.refused-more', detail: { count: 30 } });
    await log.summarise();
    expect(await all('a')).toHaveLength(22);
    monotonicNow = 60_000;
    await refusals('a', 'otto', 5);
    expect(await all('a')).toHaveLength(24);
    // Many of them are no more than one organisation's log takes.
    for (let index = 0; index < 300; index += 1) await refusals('b', `user-${String(index)}`, 1);
    expect(await all('b')).toHaveLength(200);
    await log.summarise();
    expect((await all('b'))[0]).toMatchObject({ detail: { count: 100 } });
    await database.destroy();
  });

  test('costs nobody an action when it cannot be written, and says what is lost', async () => {
    const database = await openTestDatabase(databases);
    const log = createAuditLog(database, () => 0, logger);
    await database.destroy();
    await log.record({ orgId: 'a', action: 'user.create', target: 'mia' });
    expect(logger.error).toHaveBeenCalledWith(
      expect.objectContaining({ orgId: 'a', action: 'user.create', target: 'mia' }),
      'an audit entry is lost',
    );
  });
});
