import { expect, it } from 'vitest';
import type { TableColumnDefinition } from '@fleetwire/kube-watch';
import { listColumns, shownColumns, toggleColumn } from './list-columns.ts';

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
  const columns = listColumns(pods, one);
  expect(ids(columns)).toEqual(['name', 'namespace', 'ready', 'status', 'restarts', 'ip', 'nominated-node', 'age']);
  expect(ids(shownColumns(columns, undefined))).toEqual(['name', 'ready', 'status', 'restarts', 'age']);
  expect(columns.find(({ id }) => id === 'ip')?.index).toBe(5);
});

it('several clusters and namespaces have columns of their own', () => {
  const columns = listColumns(pods, { isNamespaced: true, manyNamespaces: true, manyClusters: true });
  expect(ids(shownColumns(columns, undefined)).slice(0, 3)).toEqual(['name', 'cluster', 'namespace']);
  expect(ids(listColumns(pods, { ...one, isNamespaced: false }))).not.toContain('namespace');
});

it('a server that prints nothing leaves name and age', () => {
  expect(ids(shownColumns(listColumns(undefined, one), undefined))).toEqual(['name', 'age']);
  expect(ids(shownColumns(listColumns([], one), undefined))).toEqual(['name', 'age']);
});

it('a chosen set is shown in the order of the list, the name always, and nothing that is not there', () => {
  const columns = listColumns(pods, one);
  expect(ids(shownColumns(columns, ['ip', 'status', 'nonsense']))).toEqual(['name', 'status', 'ip']);
});

it('switching a column there and back is the default again', () => {
  const columns = listColumns(pods, one);
  const more = toggleColumn(columns, undefined, 'ip');
  expect(more).toEqual(['name', 'ready', 'status', 'restarts', 'ip', 'age']);
  expect(toggleColumn(columns, more, 'ip')).toBeUndefined();
});

it('printed columns of the same name, or with one of ours, are told apart', () => {
  const columns = listColumns(
    ['Name', 'Cluster', 'Cluster', '★'].map((name) => definition(name)),
    one,
  );
  expect(ids(columns)).toEqual(['name', 'namespace', 'cluster-2', 'cluster-3', 'column', 'age']);
});
