import { expect, it } from 'vitest';
import { changeSearch, formatSort, joinNames, nextSort, parseListSearch, type ListSearch } from './list-search.ts';

it('an address with everything is taken apart', () => {
  expect(
    parseListSearch({
      resource: 'apps/v1/deployments',
      clusters: 'demo,prod/eu',
      ns: 'default,kube-system',
      q: 'web',
      labels: 'app=web',
      fields: 'status.phase=Running',
      sort: '-age',
      cols: 'name,ready',
      view: 'Mine',
    }),
  ).toEqual({
    resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    clusters: ['demo', 'prod/eu'],
    namespaces: ['default', 'kube-system'],
    filter: 'web',
    labelSelector: 'app=web',
    fieldSelector: 'status.phase=Running',
    sort: { column: 'age', descending: true },
    columns: ['name', 'ready'],
    view: 'Mine',
  });
});

it('an empty address means every cluster and namespace, and the columns that the server finds important', () => {
  expect(parseListSearch({})).toMatchObject({
    resource: undefined,
    clusters: [],
    namespaces: [],
    sort: undefined,
    columns: undefined,
  });
});

it('names that come twice, empty ones and a sort by nothing are left out', () => {
  expect(parseListSearch({ clusters: 'a,,b, a', sort: '-', resource: 'nonsense' })).toMatchObject({
    clusters: ['a', 'b'],
    sort: undefined,
    resource: undefined,
  });
});

it.each(['age', '-restarts'])('the sort %s is written as it is read', (sort) => {
  expect(formatSort(parseListSearch({ sort }).sort)).toBe(sort);
});

it('a column is sorted upwards, then downwards, then not at all; another begins upwards', () => {
  const up = nextSort(undefined, 'age');
  const down = nextSort(up, 'age');
  expect([up, down, nextSort(down, 'age'), nextSort(down, 'name')].map(formatSort)).toEqual([
    'age',
    '-age',
    undefined,
    'name',
  ]);
});

it('a change takes out what it empties and leaves the rest', () => {
  const search: ListSearch = { resource: 'v1/pods', q: 'x', ns: 'default' };
  expect(changeSearch(search, { q: '', ns: joinNames([]), sort: 'age' })).toEqual({
    resource: 'v1/pods',
    sort: 'age',
  });
});
