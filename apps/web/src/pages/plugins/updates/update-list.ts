import type { PluginSummary, PluginUpdateList, Release } from '@fleetwire/plugin-manager';
import { isSilence } from '../source-words.ts';

type UpdateItem = PluginUpdateList['items'][number];

/** A plugin that there is a newer version of. */
export type AvailableUpdate = Extract<UpdateItem, { readonly state: 'available' }>;

/** A plugin of which nobody could say. */
export type UnknownUpdate = Extract<UpdateItem, { readonly state: 'unknown' }>;

/** The answer, sorted by what is to be done. */
export interface SortedUpdates {
  readonly available: readonly AvailableUpdate[];
  readonly pinned: readonly UpdateItem[];
  readonly unknown: readonly UnknownUpdate[];
  readonly upToDateCount: number;
}

/** Sorts what the server says by what is to be done. */
export function sortUpdates({ items }: PluginUpdateList): SortedUpdates {
  return {
    available: items.filter((item): item is AvailableUpdate => item.state === 'available'),
    pinned: items.filter(({ state }) => state === 'pinned'),
    unknown: items.filter((item): item is UnknownUpdate => item.state === 'unknown'),
    upToDateCount: items.filter(({ state }) => state === 'up-to-date').length,
  };
}

/** Plugins of which nobody could say, for one cause. */
export interface UnknownGroup {
  /** The source that did not answer; absent where the cause is of the one plugin. */
  readonly source?: string | undefined;
  readonly ids: readonly string[];
  readonly failure: UnknownUpdate['failure'];
}

/** An HTTP status that stays so is an answer, about the one plugin. */
function isOfSource(failure: UnknownUpdate['failure']): boolean {
  return isSilence(failure) && (failure.code !== 'E_HTTP_STATUS' || failure.retryable);
}

/** Those of a source that did not answer together, in the order in which they came. */
export function groupUnknown(unknown: readonly UnknownUpdate[]): readonly UnknownGroup[] {
  const groups = new Map<string, UnknownGroup>();
  for (const { id, failure } of unknown) {
    const source = isOfSource(failure) ? id.split(':')[0] : undefined;
    const key = source === undefined ? id : `${source} ${failure.code}`;
    const known = groups.get(key);
    groups.set(key, known === undefined ? { source, ids: [id], failure } : { ...known, ids: [...known.ids, id] });
  }
  return [...groups.values()];
}

/**
 * Leaves out what no longer fits what is installed: the list of installed plugins is live, the answer about updates is a
 * few minutes old.
 */
export function reconcileUpdates(
  { items }: PluginUpdateList,
  installed: ReadonlyMap<string, PluginSummary>,
): PluginUpdateList {
  const current = items.flatMap((item): readonly UpdateItem[] => {
    const plugin = installed.get(item.id);
    if (plugin === undefined || plugin.version !== item.installedVersion) return [];
    const { id, installedVersion } = item;
    return [plugin.isPinned ? { id, installedVersion, state: 'pinned' } : item];
  });
  return { items: current };
}

/** Headings of changes in their order; kinds as Artifact Hub has them (artifacthub.io/changes). */
const headings: readonly (readonly [kind: string, heading: string])[] = [
  ['security', 'Security'],
  ['removed', 'Removed'],
  ['changed', 'Changed'],
  ['deprecated', 'Deprecated'],
  ['added', 'Added'],
  ['fixed', 'Fixed'],
];

/** Changes of one kind. */
export interface ChangeGroup {
  readonly heading: string;
  readonly descriptions: readonly string[];
}

/** Changes under their headings, what may need care first; those of no kind or another last. */
export function changesByKind(changes: Release['changes']): readonly ChangeGroup[] {
  const known = new Set(headings.map(([kind]) => kind));
  const of = (fits: (kind: string) => boolean): readonly string[] =>
    (changes ?? []).filter(({ kind }) => fits(kind?.toLowerCase() ?? '')).map(({ description }) => description);
  return [
    ...headings.map(([kind, heading]) => ({ heading, descriptions: of((each) => each === kind) })),
    { heading: 'Other', descriptions: of((each) => !known.has(each)) },
  ].filter(({ descriptions }) => descriptions.length > 0);
}
