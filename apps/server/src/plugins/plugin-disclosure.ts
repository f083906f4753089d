import type { PluginDetails, PluginList, PluginSummary } from '@fleetwire/plugin-manager';

/** Artifact Hub's own address: everybody knows it. */
const publicHub = 'https://artifacthub.io/';

/** A list as it is told to those who may not manage plugins: mirrors that only the inside knows are not in it. */
export function openListOf(list: PluginList): PluginList {
  return { ...list, items: list.items.map((item) => (item.managed ? withoutMirror(item) : item)) };
}

/** The same of one plugin: nor are folders of this machine. */
export function openDetailsOf(details: PluginDetails): PluginDetails {
  const open = withoutMirror(details);
  if (open.provenance === undefined) return open;
  const { urlChain: _, ...provenance } = open.provenance;
  return { ...open, provenance };
}

function withoutMirror<T extends PluginSummary>(plugin: T): T {
  const { artifacthubURL: page } = plugin;
  return page === undefined || page.startsWith(publicHub) ? plugin : { ...plugin, artifacthubURL: undefined };
}
