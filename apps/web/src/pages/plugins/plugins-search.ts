/** Tabs of the page, by what stands in its address. */
export const pluginTabs = { installed: 'Installed', catalog: 'Catalog', updates: 'Updates' } as const;

/** One of {@link pluginTabs}. */
export type PluginTab = keyof typeof pluginTabs;

/** Tabs of the page of one plugin. */
export const detailTabs = { about: 'About', versions: 'Versions', adds: 'What it adds', origin: 'Origin' } as const;

/** One of {@link detailTabs}. */
export type DetailTab = keyof typeof detailTabs;

/** Texts that the address of the page can hold. `open`: the update that is looked at; `op`: the operation. */
export const pluginsSearchKeys = ['tab', 'q', 'source', 'open', 'op'] as const;

/** Everything that the address of one plugin can hold. `install`: the version that is about to be installed; `package`: the name it has in its package.json. */
export const pluginSearchKeys = ['tab', 'version', 'install', 'package', 'op'] as const;

/** State of the page as its address holds it; nothing is kept as an empty text. */
export type PluginsSearch = { readonly [K in (typeof pluginsSearchKeys)[number]]?: string } & {
  /** Of the catalog; absent for the first. */
  readonly page?: number;
};

/** State of the page of one plugin as its address holds it. */
export type PluginSearch = { readonly [K in (typeof pluginSearchKeys)[number]]?: string };

/** In `install`: the newest version that fits. */
export const newestVersion = 'newest';

/** The tab that an address names; the first one where it names none. */
export function tabOf<T extends string>(tabs: Readonly<Record<T, string>>, text: string | undefined): T {
  const [first] = Object.keys(tabs) as [T];
  return text !== undefined && Object.hasOwn(tabs, text) ? (text as T) : first;
}

/** Changes some of what an address holds; an undefined or empty one is taken out. */
export function changeSearch<S extends object>(search: S, change: { readonly [K in keyof S]?: S[K] | undefined }): S {
  const changed: Record<string, unknown> = { ...search, ...change };
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined && value !== '')) as S;
}

/** Results on one page of the catalog. */
export const pageSize = 20;

/** The server takes no page that begins further behind. */
const maxPage = 100_000 / pageSize;

/** The page of the catalog that an address names; none for the first, and for what is no page. */
export function pageIn({ page }: Readonly<Record<string, unknown>>): Pick<PluginsSearch, 'page'> {
  return Number.isInteger(page) && Number(page) > 1 && Number(page) <= maxPage ? { page: Number(page) } : {};
}

/** How many pages there are: one at least. */
export function pageCount(total: number): number {
  return Math.max(1, Math.ceil(total / pageSize));
}
