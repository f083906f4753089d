import { expect, it } from 'vitest';
import type { PluginList, PluginSummary } from '@fleetwire/plugin-manager';
import { filterPlugins, sortPlugins, withSummary } from './plugin-list.ts';

function plugin(name: string, title = name): PluginSummary {
  return {
    managed: true,
    id: `hub:repo/${name}`,
    pluginName: name,
    folderName: `hub~repo~${name}`,
    title,
    version: '1.0.0',
    build: '1.0.0-abc',
    installedAt: 0,
    status: 'ok',
    isEnabled: true,
    isPinned: false,
    hasEntry: true,
    previous: [],
  };
}
const folder = { managed: false, pluginName: 'mine', folderName: 'mine' } as const;
const list: PluginList = { generation: 4, items: [folder, plugin('b', 'Zebra'), plugin('a', 'apple')] };

it('what the server says of one plugin changes that one alone', () => {
  const changed = withSummary(list, { ...plugin('a', 'apple'), isEnabled: false });
  expect(changed?.items.map((item) => item.managed && item.isEnabled)).toEqual([false, true, false]);
  expect(withSummary(list, plugin('other'))?.items).toHaveLength(3);
  expect(withSummary(undefined, plugin('a'))).toBeUndefined();
});

it('plugins stand by their titles, unmanaged folders last', () => {
  expect(sortPlugins(list.items).map(({ pluginName }) => pluginName)).toEqual(['a', 'b', 'mine']);
});

it('every word of the filter must fit', () => {
  expect(filterPlugins(list.items, 'ZEB repo').map(({ pluginName }) => pluginName)).toEqual(['b']);
  expect(filterPlugins(list.items, 'mine').map(({ pluginName }) => pluginName)).toEqual(['mine']);
  expect(filterPlugins(list.items, '')).toHaveLength(3);
});
