import type { KubeResource } from '@fleetwire/kube-watch';
import { parseResourceKey } from '../../kube/resource-key.ts';

/** Everything that a list's address can hold, each as the text it has there. */
export const listSearchKeys = ['resource', 'clusters', 'ns', 'q', 'labels', 'fields', 'sort', 'cols', 'view'] as const;

/** The state of a list as its address holds it; nothing is kept as an empty text. */
export type ListSearch = { readonly [K in (typeof listSearchKeys)[number]]?: string };

/** What is sorted by, and which way. */
export interface SortBy {
  /** A column's id. */
  readonly column: string;
  readonly descending: boolean;
}

/** The state of a list, taken apart. */
export interface ListState {
  readonly resource: KubeResource | undefined;
  /** Empty for every cluster. */
  readonly clusters: readonly string[];
  /** Empty for every namespace. */
  readonly namespaces: readonly string[];
  readonly filter: string;
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly sort: SortBy | undefined;
  /** Ids of the columns that are shown; undefined for those that the server finds important. */
  readonly columns: readonly string[] | undefined;
  /** Name of the saved view that it began with. */
  readonly view: string | undefined;
}

/** Takes an address's state apart; what makes no sense is left out. */
export function parseListSearch(search: ListSearch): ListState {
  const { resource, clusters, ns, q = '', labels = '', fields = '', sort, cols, view } = search;
  return {
    resource: resource === undefined ? undefined : parseResourceKey(resource),
    clusters: splitNames(clusters),
    namespaces: splitNames(ns),
    filter: q,
    labelSelector: labels,
    fieldSelector: fields,
    sort: parseSort(sort),
    columns: cols === undefined ? undefined : splitNames(cols),
    view,
  };
}

/** The address's part for a list of names; undefined for none. Names hold no comma (RFC 1123 labels, context names). */
export function joinNames(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : names.join(',');
}

/** The address's part for a sort: `age`, `-restarts`. */
export function formatSort(sort: SortBy | undefined): string | undefined {
  return sort === undefined ? undefined : `${sort.descending ? '-' : ''}${sort.column}`;
}

/** What a click on a column's head leads to: ascending, descending, and then the list's own order again. */
export function nextSort(sort: SortBy | undefined, column: string): SortBy | undefined {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? undefined : { column, descending: true };
}

/** Changes some of a state's parts; an undefined or empty one is taken out. */
export function changeSearch(
  search: ListSearch,
  change: { readonly [K in keyof ListSearch]?: string | undefined },
): ListSearch {
  const changed: Record<string, string | undefined> = { ...search, ...change };
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined && value !== ''));
}

function splitNames(text: string | undefined): readonly string[] {
  return [...new Set((text ?? '').split(',').map((name) => name.trim()))].filter((name) => name !== '');
}

function parseSort(text: string | undefined): SortBy | undefined {
  const column = text?.replace(/^-/, '') ?? '';
  return column === '' ? undefined : { column, descending: text?.startsWith('-') === true };
}
