import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { newFolder } from '../testing/new-folder.ts';
import { openOwnClusterEntries } from './own-cluster-entries.ts';
import type { OwnClusterRow } from './own-cluster-store.ts';
import { createSealing } from './sealing.ts';
import { openSecretKey } from './secret-key.ts';

const anna = { orgId: 'org', userId: 'anna' };
const bert = { orgId: 'org', userId: 'bert' };
const sealing = createSealing(openSecretKey(undefined, newFolder()));
const context = { name: 'ctx', server: 'https://192.0.2.1', namespace: 'team', token: 'hush' };

async function row(owner: typeof anna, id: string, value: unknown = context): Promise<OwnClusterRow> {
  const place = { ...owner, id };
  return { ...place, name: id, sealed: await sealing.seal(place, value), createdAt: 0 };
}

async function open(rows: OwnClusterRow[], options: { isEnabled?: boolean; isAllowed?: boolean } = {}) {
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const list = vi.fn(async (owner?: typeof anna) =>
    rows.filter(({ userId }) => (owner ?? { userId }).userId === userId),
  );
  const { isEnabled = true, isAllowed = true } = options;
  const entries = await openOwnClusterEntries({
    store: { list },
    logger,
    sealing,
    isEnabled,
    isAllowedAddress: () => isAllowed,
    via: '1.1 us',
  });
  const changed = vi.fn();
  entries.source.onChange(changed);
  return { entries, list, changed, logger };
}

describe('the clusters of users as a source', () => {
  it('have their owner, no organisation, and an identity of their own whatever the credentials are', async () => {
    const { entries } = await open([await row(anna, 'a'), await row(bert, 'b')]);
    const [first, second] = entries.source.clusters;
    expect(first).toMatchObject({ name: 'a', orgs: [], owner: anna, identity: 'shared' });
    expect(await first?.connection.requestOptions()).toMatchObject({
      headers: { authorization: 'Bearer hush', via: '1.1 us' },
    });
    expect(first?.connection.identityKey).not.toBe(second?.connection.identityKey);
    expect(entries.of(bert).map(({ row: { id } }) => id)).toEqual(['b']);
    expect(JSON.stringify(entries.of(anna).map((entry) => [entry.row, entry.context]))).not.toContain('hush');
  });

  it('stay the same objects while nothing changes, and keep their connection under another name', async () => {
    const rows = [await row(anna, 'a'), await row(anna, 'b'), await row(bert, 'c')];
    const { entries, changed } = await open(rows);
    const before = entries.source.clusters;
    await entries.reload(anna);
    expect(changed).not.toHaveBeenCalled();
    rows[0] = { ...(rows[0] as OwnClusterRow), name: 'renamed' };
    await entries.reload(bert);
    expect(changed).not.toHaveBeenCalled();
    await entries.reload(anna);
    expect(changed).toHaveBeenCalledTimes(1);
    const byName = new Map(entries.source.clusters.map((definition) => [definition.name, definition]));
    expect([...byName.keys()].toSorted()).toEqual(['b', 'c', 'renamed']);
    expect(byName.get('b')).toBe(before[1]);
    expect(byName.get('c')).toBe(before[2]);
    expect(byName.get('renamed')?.connection).toBe(before[0]?.connection);
    rows.splice(0, 2);
    await entries.reload(anna);
    expect(entries.source.clusters).toEqual([before[2]]);
  });

  it('are what was read last, however long a reading takes', async () => {
    const rows = [await row(anna, 'a')];
    const { entries, list } = await open(rows);
    let answer = (_rows: OwnClusterRow[]): void => undefined;
    list.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const former = [...rows];
    const first = entries.reload(anna);
    rows.splice(0);
    const second = entries.reload(anna);
    await vi.waitFor(() => expect(list).toHaveBeenCalledTimes(2));
    answer(former);
    await Promise.all([first, second]);
    expect(entries.source.clusters).toEqual([]);
  });

  it('are read again some seconds after a reading that failed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const rows = [await row(anna, 'a')];
    const { entries, list, changed, logger } = await open(rows);
    rows.push(await row(anna, 'b'));
    list.mockRejectedValue(new Error('away'));
    await entries.reload(anna);
    await entries.reload(anna);
    expect([vi.getTimerCount(), logger.error.mock.calls.length]).toEqual([1, 2]);
    list.mockImplementation(() => Promise.resolve(rows));
    vi.runAllTimers();
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1));
    expect(entries.source.clusters).toHaveLength(2);
    list.mockRejectedValueOnce(new Error('away'));
    await entries.reload(anna);
    entries.source.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('say why they cannot be used, each for itself, and are there all the same', async () => {
    const good = await row(anna, 'good');
    const moved = { ...(await row(bert, 'moved')), ...anna };
    const otherKey = createSealing(openSecretKey(undefined, newFolder()));
    const closed = { ...good, id: 'closed', sealed: await otherKey.seal({ ...anna, id: 'closed' }, context) };
    const rows = [good, moved, closed, await row(anna, 'odd', { ...context, server: 'http://192.0.2.1' })];
    const { entries, logger } = await open([...rows, { ...good, id: 'cut', sealed: good.sealed.slice(0, -3) }]);
    expect(entries.of(anna).map(({ row: { id }, problem, context: shown }) => [id, problem, shown])).toEqual([
      ['good', undefined, { server: 'https://192.0.2.1', namespace: 'team' }],
      ['moved', expect.stringMatching(/damaged/), undefined],
      ['closed', expect.stringMatching(/another key/), undefined],
      ['odd', expect.stringMatching(/damaged/), undefined],
      ['cut', expect.stringMatching(/damaged/), undefined],
    ]);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    for (const { definition, problem } of entries.of(anna).slice(1))
      await expect(definition.connection.requestOptions()).rejects.toThrow(problem);
  });

  it.each([
    ['the operator lets users have none', { isEnabled: false }, /no clusters of their own/],
    ['its address is not allowed any more', { isAllowed: false }, /no network that is allowed.*\(ownClusterNetworks\)/],
  ])('dial nothing when %s', async (_why, options, problem) => {
    const { entries, logger } = await open([await row(anna, 'a')], options);
    const [entry] = entries.of(anna);
    expect(entry).toMatchObject({ problem, context: { server: 'https://192.0.2.1' } });
    await expect(entry?.definition.connection.requestOptions()).rejects.toThrow(problem);
    expect(entry?.definition.connection.server).toBe('https://defective.invalid');
    expect(logger.warn).not.toHaveBeenCalled();
  });
});
