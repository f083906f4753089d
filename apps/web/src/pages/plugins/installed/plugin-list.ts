import type { PluginList, PluginSummary } from '@fleetwire/plugin-manager';

/** A list with what the server says of one plugin by now; a plugin that it does not have is not added. */
export function withSummary(list: PluginList | undefined, summary: PluginSummary): PluginList | undefined {
  if (list === undefined) return undefined;
  const items = list.items.map((item) => (item.managed && item.id === summary.id ? { ...item, ...summary } : item));
  return { ...list, items };
}

/** The plugins that a filter's words fit, by what they are called. */
export function filterPlugins(items: PluginList['items'], filter: string): PluginList['items'] {
  const words = filter.toLowerCase().split(/\s+/);
  return items.filter((item) => {
    const names = item.managed
      ? [item.title, item.id, item.pluginName, item.author ?? '', item.status]
      : [item.folderName];
    const text = names.join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** In the order of their titles; folders that are not managed last. */
export function sortPlugins(items: PluginList['items']): PluginList['items'] {
  const nameOf = (item: PluginList['items'][number]): string => (item.managed ? item.title : item.folderName);
  return [...items].sort(
    (a, b) =>
      Number(b.managed) - Number(a.managed) ||
      nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true }) ||
      a.folderName.localeCompare(b.folderName),
  );
}
