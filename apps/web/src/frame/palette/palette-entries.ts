import type { ClusterInfo } from '@fleetwire/kube-watch';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import type { IconName } from '../../ui/icons.tsx';
import type { KindEntry } from '../../kube/kinds.ts';
import { fuzzyFilter } from './fuzzy-match.ts';

/** Something that the palette leads to. */
export interface PaletteEntry {
  /** The address it leads to, or the key of a command; also what tells entries apart. */
  readonly href: string;
  readonly title: string;
  /** What it is, in a word; searched too. */
  readonly kind: 'Page' | 'Action' | 'Command' | 'Cluster' | 'Resources' | 'Namespace';
  /** Other words by which it is found. */
  readonly detail?: string | undefined;
  /** What it is from, where that is not the dashboard. */
  readonly from?: string | undefined;
}

/** How many the palette remembers, and how many it shows at most. */
const maxRecent = 6;
export const maxShownEntries = 50;

/** Icons of the kinds of entries. */
export const entryIcons: Readonly<Record<PaletteEntry['kind'], IconName>> = {
  Page: 'overview',
  Action: 'plus',
  Command: 'plugin',
  Cluster: 'clusters',
  Resources: 'kind',
  Namespace: 'namespace',
};

const pages: readonly PaletteEntry[] = [
  { href: '/', title: 'Overview', kind: 'Page' },
  { href: '/clusters', title: 'Clusters', kind: 'Page' },
  { href: '/connections', title: 'Connections', kind: 'Page' },
  { href: '/plugins', title: 'Plugins', kind: 'Page', detail: 'installed' },
  { href: '/plugins?tab=catalog', title: 'Plugin catalog', kind: 'Page', detail: 'install' },
  { href: '/plugins?tab=updates', title: 'Plugin updates', kind: 'Page' },
  { href: '/clusters?add=kubeconfig', title: 'Add kubeconfig', kind: 'Action', detail: 'clusters' },
];

/** The commands of plugins; `titleOf` names a plugin. */
export function commandEntries(
  commands: readonly Registered<'command'>[],
  titleOf: (pluginId: string) => string,
): readonly PaletteEntry[] {
  return commands.map(({ key, pluginId, value: { title } }) => {
    const from = titleOf(pluginId);
    return { href: key, title, kind: 'Command', detail: from, from };
  });
}

/** Everything that one can go to, pages first. */
export function paletteEntries(
  clusters: readonly ClusterInfo[],
  kinds: readonly (KindEntry & { readonly names?: readonly string[] })[],
  namespaces: readonly string[],
): readonly PaletteEntry[] {
  return [
    ...pages,
    ...kinds.map(({ key, title, names = [] }): PaletteEntry => ({
      href: `/clusters/list?resource=${key}`,
      title,
      kind: 'Resources',
      detail: [key, ...names].join(' '),
    })),
    ...clusters.map(({ name }): PaletteEntry => ({
      href: `/clusters/list?resource=v1/pods&clusters=${encodeURIComponent(name)}`,
      title: name,
      kind: 'Cluster',
    })),
    ...namespaces.map((name): PaletteEntry => ({
      href: `/clusters/list?resource=v1/pods&ns=${encodeURIComponent(name)}`,
      title: name,
      kind: 'Namespace',
    })),
  ];
}

/** What an entry is found by. */
export function textOfEntry({ title, kind, detail = '' }: PaletteEntry): string {
  return `${title} ${kind} ${detail}`;
}

/**
 * What Enter goes to: what is marked in the list or, while that is still the list of an earlier query, what fits this one
 * best. Nobody has seen the others, whatever is marked.
 */
export function chosenEntry(
  query: string,
  entries: readonly PaletteEntry[],
  list: { readonly query: string; readonly shown: readonly PaletteEntry[]; readonly index: number },
): PaletteEntry | undefined {
  return list.query === query ? list.shown[list.index] : fuzzyFilter(query, entries, textOfEntry)[0];
}

/** With those that were gone to of late first. */
export function recentFirst(entries: readonly PaletteEntry[], recent: readonly string[]): readonly PaletteEntry[] {
  const byHref = new Map(entries.map((entry) => [entry.href, entry]));
  const first = recent.flatMap((href) => byHref.get(href) ?? []);
  return [...first, ...entries.filter((entry) => !first.includes(entry))];
}

/** The addresses gone to of late, the newest first, with `href` as the newest. */
export function withRecent(recent: readonly string[], href: string): readonly string[] {
  return [href, ...recent.filter((each) => each !== href)].slice(0, maxRecent);
}

/** Reads what was remembered. */
export function parseRecent(json: unknown): readonly string[] {
  return Array.isArray(json) ? json.filter((each) => typeof each === 'string').slice(0, maxRecent) : [];
}
