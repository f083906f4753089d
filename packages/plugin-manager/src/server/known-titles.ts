/** Plugins whose titles are remembered; of more, those that were heard of first are forgotten. */
const maxTitles = 1_000;

/** What plugins are called, as the answers that were given have it. */
export interface KnownTitles {
  get(pluginId: string): string | undefined;
  /** Takes in what an answer says; gives the answer back. */
  heard<T extends { readonly id: string; readonly title: string }>(plugin: T): T;
}

/** Makes one that has heard of no plugin. */
export function createKnownTitles(): KnownTitles {
  const titles = new Map<string, string>();
  return {
    get: (pluginId) => titles.get(pluginId),
    heard(plugin) {
      titles.delete(plugin.id);
      titles.set(plugin.id, plugin.title);
      for (const oldest of titles.keys()) {
        if (titles.size <= maxTitles) break;
        titles.delete(oldest);
      }
      return plugin;
    },
  };
}
