import { listSearchKeys, type ListSearch } from './list-search.ts';

/** A list's state under a name. */
export interface SavedView {
  readonly name: string;
  readonly search: ListSearch;
}

/** More could not be found again in a menu. */
const maxViews = 40;
const maxNameCharacters = 60;

/** Reads what was stored; what makes no sense is left out. */
export function parseViews(json: unknown): readonly SavedView[] {
  if (!Array.isArray(json)) return [];
  return json.flatMap((each: unknown) => {
    const { name, search } = (each ?? {}) as { readonly name?: unknown; readonly search?: unknown };
    if (typeof name !== 'string' || name === '' || typeof search !== 'object' || search === null) return [];
    return [{ name, search: pick(search as Readonly<Record<string, unknown>>) }];
  });
}

/** With the state saved under the name; one of that name is replaced, and beyond the bound the oldest goes. */
export function saveView(views: readonly SavedView[], name: string, search: ListSearch): readonly SavedView[] {
  const trimmed = name.trim().slice(0, maxNameCharacters);
  if (trimmed === '') return views;
  const { view: _, ...rest } = search;
  return [...views.filter((each) => each.name !== trimmed), { name: trimmed, search: rest }].slice(-maxViews);
}

/** Without the view of the name. */
export function deleteView(views: readonly SavedView[], name: string): readonly SavedView[] {
  return views.filter((each) => each.name !== name);
}

/** What the address becomes when a view is applied. */
export function applyView({ name, search }: SavedView): ListSearch {
  return { ...search, view: name };
}

/** Whether the list is no more as the view has it. */
export function isChanged({ search }: SavedView, now: ListSearch): boolean {
  return listSearchKeys.some((key) => key !== 'view' && search[key] !== now[key]);
}

function pick(search: Readonly<Record<string, unknown>>): ListSearch {
  return Object.fromEntries(
    listSearchKeys.flatMap((key) => {
      const value = search[key];
      return typeof value === 'string' && value !== '' && key !== 'view' ? [[key, value]] : [];
    }),
  );
}
