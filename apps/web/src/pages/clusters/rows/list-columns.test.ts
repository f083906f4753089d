import { expect, it } from 'vitest';
import type { TableColumnDefinition } from '@fleetwire/kube-watch';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import { cellText, rowSortValue, type ListRow } from './list-row.ts';
import { listColumns, shownColumns, toggleColumn, withPluginColumns } from './list-columns.ts';

const definition = (name: string, priority = 0, type = 'string'): TableColumnDefinition => ({
  name,
  type,
  format: name === 'Name' ? 'name' : '',
  description: '',
  priority,
});
const pods = ['Name', 'Ready', 'Status', 'Restarts', 'Age'].map((name) => definition(name));
pods.push(definition('IP', 1), definition('Nominated Node', 1));
const one = { isNamespaced: true, manyNamespaces: false, manyClusters: false };
const ids = (columns: readonly { readonly id: string }[]): string[] => columns.map(({ id }) => id);

it('columns are the name, then what the server prints, and the age; those of less importance are not shown', () => {
  const columns = listColumns([pods], one);
  expect(ids(columns)).toEqual(['name', 'namespace', 'ready', 'status', 'restarts', 'ip', 'nominated-node', 'age']);
  expect(ids(shownColumns(columns, undefined))).toEqual(['name', 'ready', 'status', 'restarts', 'age']);
  expect(columns.find(({ id }) => id === 'ip')?.indexIn('demo', 'default')).toBe(5);
});

it('several clusters and namespaces have columns of their own', () => {
  const columns = listColumns([pods], { isNamespaced: true, manyNamespaces: true, manyClusters: true });
  expect(ids(shownColumns(columns, undefined)).slice(0, 3)).toEqual(['name', 'cluster', 'namespace']);
  expect(ids(listColumns([pods], { ...one, isNamespaced: false }))).not.toContain('namespace');
});

it('a server that prints nothing leaves name and age', () => {
  expect(ids(shownColumns(listColumns([], one), undefined))).toEqual(['name', 'age']);
  expect(ids(shownColumns(listColumns([[]], one), undefined))).toEqual(['name', 'age']);
});

it('a chosen set is shown in the order of the list, the name always, and nothing that is not there', () => {
  const columns = listColumns([pods], one);
  expect(ids(shownColumns(columns, ['ip', 'status', 'nonsense']))).toEqual(['name', 'status', 'ip']);
});

it('switching a column there and back is the default again', () => {
  const columns = listColumns([pods], one);
  const more = toggleColumn(columns, undefined, 'ip');
  expect(more).toEqual(['name', 'ready', 'status', 'restarts', 'ip', 'age']);
  expect(toggleColumn(columns, more, 'ip')).toBeUndefined();
});

it('printed columns of the same name, or with one of ours, are told apart', () => {
  const columns = listColumns([['Name', 'Cluster', 'Cluster', '★'].map((name) => definition(name))], one);
  expect(ids(columns)).toEqual(['name', 'namespace', 'cluster-2', 'cluster-3', 'column', 'age']);
});

it('each cluster’s cells stand under their own headings, by name, and nothing where it prints none', () => {
  const older = ['Name', 'Status', 'Restarts', 'Age'].map((name) => definition(name));
  const columns = listColumns([pods, older], { ...one, manyClusters: true }, (cluster) =>
    cluster === 'old' ? older : pods,
  );
  const row = (cluster: string, cells: readonly unknown[]): ListRow => ({
    key: cluster,
    cluster,
    object: { metadata: { name: 'p', namespace: 'shop', uid: 'u', resourceVersion: '1' }, cells },
    revision: 0,
    changedIn: undefined,
  });
  const [recent, old] = [row('recent', ['p', '1/1', 'Running', '3', '1d']), row('old', ['p', 'Running', '3', '1d'])];
  const texts = (each: ListRow): string[] =>
    ['ready', 'status', 'restarts', 'ip'].map((id) =>
      cellText(each, columns.find((column) => column.id === id) ?? expect.fail()),
    );
  expect(texts(recent)).toEqual(['1/1', 'Running', '3', '']);
  expect(texts(old)).toEqual(['', 'Running', '3', '']);
  const restarts = columns.find(({ id }) => id === 'restarts') ?? expect.fail();
  expect([rowSortValue(recent, restarts), rowSortValue(old, restarts)]).toEqual([3, 3]);
});

it('every column that some cluster prints is there, as the first prints it that has it, behind what that one prints before', () => {
  const old = ['Name', 'Status', 'Node', 'Age'].map((name) => definition(name, name === 'Node' ? 1 : 0));
  const recent = [...pods.map((each) => ({ ...each, description: 'recent' })), definition('Node')];
  const columns = listColumns([old, recent], { ...one, manyClusters: true });
  const cells = columns.filter(({ source }) => source === 'cell');
  expect(ids(cells)).toEqual(['ready', 'status', 'restarts', 'ip', 'nominated-node', 'node']);
  expect(cells.map(({ description }) => description)).toEqual(['recent', '', 'recent', 'recent', 'recent', '']);
  expect(cells.find(({ id }) => id === 'node')?.isDefault).toBe(false);
});

it('the age is shown where any cluster prints one, and a cell of a cluster that has not told its columns has no text', () => {
  const ageless = [definition('Name'), definition('Status')];
  const columns = listColumns([ageless, pods], { ...one, manyClusters: true }, (cluster) =>
    cluster === 'silent' ? undefined : pods,
  );
  expect(ids(shownColumns(columns, undefined)).at(-1)).toBe('age');
  const indices = ['status', 'ready'].map((id) => columns.find((each) => each.id === id)?.indexIn('silent', 'shop'));
  expect(indices).toEqual([undefined, undefined]);
});

it('a column of a plugin stands before the age, is shown by default, and can be hidden like the rest', () => {
  const contribution: Registered<'listColumn'> = {
    key: 'hub:acme/images#listColumn/images',
    pluginId: 'hub:acme/images',
    kind: 'listColumn',
    value: { id: 'images', title: 'Images', target: 'pods', component: () => null },
    isDeclared: false,
  };
  const scope = { isNamespaced: true, manyNamespaces: true, manyClusters: false };
  const columns = listColumns([], scope);
  expect(withPluginColumns(columns, [])).toBe(columns);
  const all = withPluginColumns(columns, [contribution]);
  expect(all.map(({ title }) => title)).toEqual(['Name', 'Namespace', 'Images', 'Age']);
  expect(shownColumns(all, undefined)).toEqual(all);
  const chosen = toggleColumn(all, undefined, 'hub:acme/images#images');
  expect(shownColumns(all, chosen).map(({ title }) => title)).toEqual(['Name', 'Namespace', 'Age']);
  // Its plugin went: what was chosen of the rest stays.
  expect(shownColumns(columns, ['name', 'hub:acme/images#images']).map(({ title }) => title)).toEqual(['Name']);
});
