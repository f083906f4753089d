import { expect, it } from 'vitest';
import { changeSearch, pageCount, pageIn, pluginTabs, tabOf, type PluginsSearch } from './plugins-search.ts';

it('an address names a tab, or stands for the first', () => {
  expect(tabOf(pluginTabs, 'updates')).toBe('updates');
  expect(tabOf(pluginTabs, undefined)).toBe('installed');
  expect(tabOf(pluginTabs, 'toString')).toBe('installed');
});

it('an address names a page, or stands for the first', () => {
  expect([3, 1, 0, -1, 1.5, 'x', '3', 1e9, undefined].map((page) => pageIn({ page }).page)).toEqual([
    3,
    ...Array.from({ length: 8 }, () => undefined),
  ]);
});

it('pages are as many as the total fills, one at least', () => {
  expect([0, 1, 20, 21, 41].map(pageCount)).toEqual([1, 1, 1, 2, 3]);
});

it('an empty part leaves the address', () => {
  const search: PluginsSearch = { tab: 'catalog', q: 'x', page: 2 };
  expect(changeSearch(search, { q: '', page: undefined })).toEqual({ tab: 'catalog' });
});
