import type { CatalogSearch } from '@fleetwire/plugin-manager';
import { sourceOfId } from '../plugin-address.ts';

/** The sources that the page knows of: of what was found, of what failed, of what is installed, and the chosen one. */
export function sourcesOf(
  found: CatalogSearch | undefined,
  installedIds: readonly string[],
  chosen: string,
): readonly string[] {
  const names = [
    ...(found?.items ?? []).map(({ ref }) => ref.source),
    ...(found?.failures ?? []).map(({ source }) => source),
    ...installedIds.map(sourceOfId),
    chosen,
  ];
  return [...new Set(names)].filter((name) => name !== '').sort();
}
