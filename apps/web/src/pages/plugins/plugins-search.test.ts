import { expect, it } from 'vitest';
import { changeSearch, pageCount, pageOf, pluginTabs, tabOf, type PluginsSearch } from './plugins-search.ts';

it('an address names a tab, or stands for the first', () => {
  expect(tabOf(pluginTabs, 'updates')).toBe('updates');
  expect(tabOf(pluginTabs, undefined)).toBe('installed');
  expect(tabOf(pluginTabs, 'toString')).toBe('installed');
});

it('what is no page is the first', () => {
  expect(['3', '0', '-1', '1.5', 'x', '999999', undefined].map(pageOf)).toEqual([3, 1, 1, 1, 1, 1, 1]);
});

it('pages are as many as the total fills, one at least', () => {
  expect([0, 1, 20, 21, 41].map(pageCount)).toEqual([1, 1, 1, 2, 3]);
});

it('an empty part leaves the address', () => {
  const search: PluginsSearch = { tab: 'catalog', q: 'x', page: '2' };
  expect(changeSearch(search, { q: '', page: undefined })).toEqual({ tab: 'catalog' });
});
