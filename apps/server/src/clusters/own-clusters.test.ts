import { describe, expect, it, vi } from 'vitest';
import { newFolder } from '../testing/new-folder.ts';
import type { OwnClusterRow, OwnClusterStore } from './own-cluster-store.ts';
import { openOwnClusters } from './own-clusters.ts';
import { createSealing } from './sealing.ts';
import { openSecretKey } from './secret-key.ts';

const anna = { orgId: 'org', userId: 'anna', username: 'anna' };
const context = { name: 'prod', server: 'https://192.0.2.1', namespace: 'team', token: 'hush' };

describe('a change of the clusters of a user', () => {
  it('that was made is answered so, also where the rows cannot be read again', async () => {
    const rows: OwnClusterRow[] = [];
    const list = vi.fn(() => Promise.resolve([...rows]));
    const store: OwnClusterStore = {
      list,
      add: (_owner, added) => Promise.resolve(void rows.push(...added)),
      rename: (_owner, id, name) => {
        rows.forEach((row, index) => {
          if (row.id === id) rows[index] = { ...row, name };
        });
        return Promise.resolve(undefined);
      },
      remove: () => Promise.resolve(rows.splice(0).length > 0),
    };
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const clusters = await openOwnClusters({
      store,
      transact: (work) => work({ store, audit: { record: () => Promise.resolve() } }),
      sealing: createSealing(openSecretKey(undefined, newFolder())),
      isAllowedAddress: () => true,
      isEnabled: true,
      sharedNames: () => [],
      via: '1.1 us',
      logger,
      now: () => 7,
    });
    list.mockRejectedValueOnce(new Error('away'));
    const [added] = await clusters.add(anna, [context]);
    expect(added).toMatchObject({ name: 'prod', server: 'https://192.0.2.1', namespace: 'team', createdAt: 7 });
    expect(logger.error).toHaveBeenCalledTimes(1);
    await clusters.reload(anna);
    expect(clusters.list(anna)).toEqual([added]);
    list.mockRejectedValueOnce(new Error('away'));
    expect(await clusters.rename(anna, added?.id ?? '', 'home')).toEqual({ ...added, name: 'home' });
    list.mockRejectedValueOnce(new Error('away'));
    await clusters.remove(anna, added?.id ?? '');
    clusters.source.dispose();
  });
});
