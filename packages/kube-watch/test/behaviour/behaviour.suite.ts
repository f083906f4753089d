import { afterEach, describe, expect, it } from 'vitest';
import type { ObjectRef } from '../../src/client/index.ts';
import type { KubeObject, TableObject } from '../../src/index.ts';
import { configMaps, undoAll, type Carrier, type Setup } from './setup.ts';
import { view } from './view.ts';

type ConfigMap = KubeObject & { readonly data?: Readonly<Record<string, string>> };

/** What holds on every cluster, over every carrier; nothing here makes the cluster fail. */
export function behaviourSuite(carrier: Carrier, start: (carrier: Carrier) => Promise<Setup>): void {
  describe(`over ${carrier}`, () => {
    afterEach(undoAll);

    it('lists what there is, and shows what is added, changed and deleted', async () => {
      const setup = await start(carrier);
      await setup.create('a', { color: 'red' });
      const list = view(setup);
      await list.shows('a');
      await list.settled();
      expect(list.get('a')).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { color: 'red' } });
      await setup.create('b');
      await list.shows('a', 'b');
      const unchanged = list.get('b');
      await setup.update('a', { data: { color: 'blue' } });
      await list.until(() => {
        expect((list.get('a') as ConfigMap | undefined)?.data).toEqual({ color: 'blue' });
      });
      expect(list.get('b')).toBe(unchanged);
      await setup.remove('a');
      await list.shows('b');
      expect(list.state).toMatchObject({ itemCount: 1, isPartial: false, isStale: false, error: undefined });
    });

    it('[L4] never shows an unfinished list, and drops managedFields', async () => {
      const setup = await start(carrier);
      for (const name of ['a', 'b', 'c', 'd', 'e']) await setup.create(name);
      const list = view(setup, {}, { pageSize: 2 });
      await list.shows('a', 'b', 'c', 'd', 'e');
      await list.settled();
      await list.handle.refetch();
      expect(new Set(list.seen.map(({ items }) => items.length))).toEqual(new Set([0, 5]));
      expect(list.items.map(({ metadata }) => 'managedFields' in metadata)).toEqual([
        false,
        false,
        false,
        false,
        false,
      ]);
      await setup.create('f');
      await list.shows('a', 'b', 'c', 'd', 'e', 'f');
    });

    it('[L5] stops at maxItems and says that the list is partial', async () => {
      const setup = await start(carrier);
      for (const name of ['a', 'b', 'c']) await setup.create(name);
      const list = view(setup, {}, { maxItems: 2, pageSize: 1 });
      await list.until(() => {
        expect(list.state).toMatchObject({ isSynced: true, isPartial: true, itemCount: 2 });
      });
      expect(list.items).toHaveLength(2);
    });

    it('[W14] shows what is made anew under the same name as the other object that it is', async () => {
      const setup = await start(carrier);
      const { metadata: before } = await setup.create('a', { turn: 'first' });
      const list = view(setup);
      await list.settled();
      await setup.remove('a');
      const { metadata: after } = await setup.create('a', { turn: 'second' });
      await list.until(() => {
        expect(list.get('a')?.metadata.uid).toBe(after.uid);
      });
      expect(after.uid).not.toBe(before.uid);
      expect(list.names).toEqual(['a']);
    });

    it('[W19] follows one object by its name through deletion and creation', async () => {
      const setup = await start(carrier);
      await setup.create('a');
      await setup.create('b');
      const one = view(setup, { labelSelector: undefined, fieldSelector: 'metadata.name=a' });
      await one.shows('a');
      await one.settled();
      await setup.remove('a');
      await one.shows();
      await setup.create('a', { turn: 'second' });
      await one.shows('a');
    });

    it('shows what begins and ceases to match the selector', async () => {
      const setup = await start(carrier);
      await setup.create('a');
      await setup.create('b');
      const list = view(setup, { labelSelector: 'shown=yes' });
      await list.settled();
      expect(list.names).toEqual([]);
      await setup.update('a', { metadata: { labels: { shown: 'yes' } } });
      await list.shows('a');
      await setup.update('a', { metadata: { labels: { shown: null } } });
      await list.shows();
    });

    it('carries metadata alone when that is asked for', async () => {
      const setup = await start(carrier);
      await setup.create('a', { color: 'red' });
      const list = view(setup, { projection: 'metadata' });
      await list.settled();
      await setup.create('b', { color: 'blue' });
      await list.shows('a', 'b');
      for (const item of list.items) expect(Object.keys(item).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
    });

    it('carries rows and columns of a Table when that is asked for', async () => {
      const setup = await start(carrier);
      await setup.create('a', { color: 'red' });
      const list = view(setup, { projection: 'table' });
      await list.shows('a');
      await setup.create('b', { color: 'blue', size: 'large' });
      await list.shows('a', 'b');
      const { columns } = list.handle.snapshot;
      const names = columns?.map(({ name }) => name) ?? [];
      expect(names.slice(0, 2)).toEqual(['Name', 'Data']);
      const rows = list.items.map((item) => (item as TableObject).cells.slice(0, 2));
      expect(rows).toEqual([
        ['a', 1],
        ['b', 2],
      ]);
    });

    it('[L6] lists and watches the same target once, whoever holds it', async () => {
      const setup = await start(carrier);
      await setup.create('a');
      const first = view(setup);
      await first.settled();
      const second = view(setup, { labelSelector: `${setup.target.labelSelector ?? ''},` });
      expect(second.items).toBe(first.items);
      expect(setup.client.targets).toHaveLength(1);
      const { client, target } = setup;
      for (let turn = 0; turn < 3; turn += 1) client.watch(target).dispose();
      expect(client.targets).toHaveLength(1);
    });

    it('lists anew when it is asked to, and keeps what did not change', async () => {
      const setup = await start(carrier);
      await setup.create('a');
      const list = view(setup);
      await list.settled();
      const { items } = list;
      await list.handle.refetch();
      expect(list.items).toBe(items);
    });

    it('[U4] shows a patch at once and keeps what the API made of it', async () => {
      const setup = await start(carrier);
      await setup.create('a', { color: 'red' });
      const list = view(setup);
      await list.settled();
      const ref: ObjectRef = { cluster: setup.cluster, resource: configMaps, namespace: setup.namespace, name: 'a' };
      const written = setup.client.patch(ref, { data: { color: 'blue' } });
      expect((list.get('a') as ConfigMap).data).toEqual({ color: 'blue' });
      const answer = await written;
      expect((list.get('a') as ConfigMap).data).toEqual({ color: 'blue' });
      await list.until(() => {
        expect(list.get('a')?.metadata.resourceVersion).toBe(answer.metadata.resourceVersion);
      });
      const changes = list.seen.map(({ items }) => (items[0] as ConfigMap | undefined)?.data?.['color']);
      expect(changes.lastIndexOf('red')).toBeLessThan(changes.indexOf('blue'));
      const deleted = setup.client.delete(ref);
      expect(list.get('a')?.metadata.deletionTimestamp).toBeTypeOf('string');
      await deleted;
      await list.shows();
    });

    it('[U4] takes a write back that failed, and says why', async () => {
      const setup = await start(carrier);
      await setup.create('a', { color: 'red' });
      const list = view(setup);
      await list.settled();
      const before = list.get('a');
      const ref: ObjectRef = { cluster: setup.cluster, resource: configMaps, namespace: setup.namespace, name: 'a' };
      const patch = { metadata: { resourceVersion: '1' }, data: { color: 'blue' } };
      const written = setup.client.patch(ref, patch);
      expect((list.get('a') as ConfigMap).data).toEqual({ color: 'blue' });
      await expect(written).rejects.toMatchObject({ code: 'KUBE_CONFLICT', status: 409, reason: 'Conflict' });
      expect(list.get('a')).toBe(before);
    });

    it('applies on the server, and gives the details of a conflict', async () => {
      const setup = await start(carrier);
      const ref: ObjectRef = { cluster: setup.cluster, resource: configMaps, namespace: setup.namespace, name: 'a' };
      const labels = { 'app.kubernetes.io/part-of': 'kube-watch-behaviour' };
      const wanted = (color: string) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', labels },
        data: { color },
      });
      const list = view(setup);
      await list.settled();
      await setup.client.apply(ref, wanted('red'));
      await list.shows('a');
      const other = setup.client.apply(ref, wanted('blue'), { fieldManager: 'somebody-else' });
      await expect(other).rejects.toMatchObject({
        code: 'KUBE_CONFLICT',
        reason: 'Conflict',
        details: { details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.color' }] } },
      });
      await setup.client.apply(ref, wanted('blue'), { fieldManager: 'somebody-else', force: true });
      await list.until(() => {
        expect((list.get('a') as ConfigMap).data).toEqual({ color: 'blue' });
      });
    });

    it('[W9] says of a type that does not exist that it does not', async () => {
      const setup = await start(carrier);
      const list = view(setup, { resource: { group: 'example.com', version: 'v1', resource: 'nothings' } });
      await list.until(() => {
        expect(list.state).toMatchObject({ status: 'stopped', itemCount: 0, error: { status: 404 } });
      });
    });

    it('discovers resource types, and takes the first of a preference that the cluster has', async () => {
      const { client, cluster } = await start(carrier);
      const resources = await client.apiResources(cluster);
      const pods = resources.find(({ group, resource }) => group === undefined && resource === 'pods');
      expect(pods).toMatchObject({ version: 'v1', kind: 'Pod', namespaced: true, isPreferred: true });
      expect(pods?.verbs).toContain('watch');
      expect(pods?.subresources).toContain('log');
      const deployments = { group: 'apps', resource: 'deployments' };
      const found = await client.resolveResource(cluster, [
        { ...deployments, version: 'v9' },
        { ...deployments, version: 'v1' },
      ]);
      expect(found).toMatchObject({ ...deployments, version: 'v1', kind: 'Deployment' });
      await expect(client.resolveResource(cluster, [{ kind: 'Nothing' }])).rejects.toMatchObject({ status: 404 });
    });
  });
}
