import * as z from 'zod/mini';
import type { CatalogEntry, CatalogItem } from '../protocol/release.ts';
import { text } from '../protocol/text-schema.ts';
import { shownAuthor, shownDescription, shownTitle } from './catalog-texts.ts';
import { catalogVersions } from './catalog-versions.ts';
import { checkShape, type Mismatch } from './check-shape.ts';
import { idPart } from './field-schemas.ts';
import { parseVersion } from './release-version.ts';

/** Versions of all plugins of an index together: each is looked at whenever the index is read. */
const maxIndexVersions = 20_000;

const versionSchema = z.object({
  version: z
    .string()
    .check(z.refine((value: string) => parseVersion(value) !== undefined, 'expected a Semantic Version 2.0.0')),
  prerelease: z.optional(z.boolean()),
  publishedAt: z.optional(z.number().check(z.nonnegative())),
  annotations: z.record(z.string(), z.unknown()),
  changes: z.optional(z.unknown()),
});
const pluginSchema = z.object({
  repo: idPart,
  name: idPart,
  repositoryId: text(1, 128),
  title: z.optional(z.string()),
  description: z.optional(z.string()),
  author: z.optional(z.string()),
  homeUrl: z.optional(z.string()),
  readme: z.optional(z.string()),
  versions: z.array(versionSchema).check(z.refine((list) => list.length > 0, 'expected at least one version')),
});
const isUnique = (list: readonly { readonly repo: string; readonly name: string }[]): boolean =>
  new Set(list.map(({ repo, name }) => `${repo}/${name}`)).size === list.length;
const indexSchema = z.object({
  schemaVersion: z.literal(1),
  plugins: z.array(pluginSchema).check(z.refine(isUnique, 'expected each plugin once')),
});

/** A plugin of a static index; annotations are those of Artifact Hub. */
export type IndexedPlugin = z.infer<typeof pluginSchema>;

/**
 * The plugins of a static index: `{schemaVersion: 1, plugins: [{repo, name, repositoryId, title?, description?, author?,
 * homeUrl?, readme?, versions: [{version, prerelease?, publishedAt? (milliseconds since 1970), annotations,
 * changes?}]}]}`. Unknown keys are left alone. At most 20,000 versions in all; how many of one plugin are too many is said
 * where they are to be listed.
 *
 * Throws what `fail` makes of the first mismatch.
 */
export function parseIndex(value: unknown, fail: (mismatch: Mismatch) => Error): readonly IndexedPlugin[] {
  // Before any of it is looked at closely: a hostile index of some megabytes holds a hundred thousand.
  checkCounts(value, fail);
  return checkShape(indexSchema, value, fail).plugins;
}

function checkCounts(value: unknown, fail: (mismatch: Mismatch) => Error): void {
  let sum = 0;
  for (const plugin of listAt(value, 'plugins')) sum += Math.max(1, listAt(plugin, 'versions').length);
  if (sum <= maxIndexVersions) return;
  throw fail({
    expected: `expected at most ${String(maxIndexVersions)} versions`,
    found: String(sum),
    path: 'plugins',
  });
}

function listAt(value: unknown, key: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return [];
  const list = (value as Readonly<Record<string, unknown>>)[key];
  return Array.isArray(list) ? list : [];
}

/** A plugin of an index with all its versions, newest first. */
export function indexedEntry(source: string, plugin: IndexedPlugin): CatalogEntry {
  const versions = catalogVersions(
    plugin.versions.map(({ version, prerelease, publishedAt }) => ({ version, isPrerelease: prerelease, publishedAt })),
  );
  const { repo, name, homeUrl, readme, repositoryId } = plugin;
  const newest = versions.find(({ isPrerelease }) => !isPrerelease) ?? versions[0];
  return {
    ref: { source, repo, name },
    title: shownTitle(plugin.title, name),
    description: shownDescription(plugin.description),
    version: newest?.version ?? '',
    author: shownAuthor(plugin.author),
    homeUrl,
    readme,
    repositoryId,
    versions,
  };
}

/** Which of the plugins that were found are shown. */
export interface IndexPage {
  readonly start: number;
  readonly count: number;
}

/** The plugins of an index whose name, title or description has every word of the query: one page, and how many there are. */
export function searchIndex(
  source: string,
  plugins: readonly IndexedPlugin[],
  query: string,
  { start, count }: IndexPage,
): { readonly items: readonly CatalogItem[]; readonly total: number } {
  const words = query.toLowerCase().split(/\s+/);
  const found = plugins.filter(({ name, title = '', description = '' }) => {
    const said = `${name}\n${title}\n${description}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
  const items = found.slice(start, start + count).map((plugin) => {
    const { ref, title, description, version, author } = indexedEntry(source, plugin);
    return { ref, title, description, version, author };
  });
  return { items, total: found.length };
}
