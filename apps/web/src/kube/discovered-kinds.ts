import type { ApiResource } from '@fleetwire/kube-watch';
import { builtInKinds, kindEntry, kindGroups, type KindEntry } from './kinds.ts';
import { formatResourceKey } from './resource-key.ts';

/** A kind with the other names by which it is found: `po`, `pod`, `Pod`. */
export interface NamedKind extends KindEntry {
  readonly names: readonly string[];
}

/**
 * The kinds that can be listed in any of the clusters, each in its preferred version, by heading and then as the built-in
 * ones come, the rest by name. The built-in ones alone until discovery has answered.
 */
export function discoveredKinds(byCluster: ReadonlyMap<string, readonly ApiResource[]>): readonly NamedKind[] {
  const found = new Map<string, NamedKind>();
  for (const types of byCluster.values()) {
    for (const type of types) {
      if (!type.isPreferred || !type.verbs.includes('list')) continue;
      const key = formatResourceKey(type);
      const names = [type.kind, type.singular ?? '', ...(type.shortNames ?? [])].filter((name) => name !== '');
      found.set(key, { ...kindEntry(key, type.kind), names });
    }
  }
  if (found.size === 0) return builtInKinds.map((entry) => ({ ...entry, names: [] }));
  const place = new Map(builtInKinds.map(({ key }, index) => [key, index]));
  const last = builtInKinds.length;
  return [...found.values()].sort(
    (a, b) =>
      kindGroups.indexOf(a.group) - kindGroups.indexOf(b.group) ||
      (place.get(a.key) ?? last) - (place.get(b.key) ?? last) ||
      a.title.localeCompare(b.title),
  );
}
