import * as z from 'zod/mini';
import { idPartPattern } from '../protocol/id-part.ts';
import type { PluginRef } from '../protocol/plugin-id.ts';
import type { CatalogEntry, CatalogItem } from '../protocol/release.ts';
import { text } from '../protocol/text-schema.ts';
import { checkShape, type Mismatch } from './check-shape.ts';
import { byNewest, parseVersion } from './release-version.ts';

const idPart = z.string().check(z.regex(idPartPattern, 'expected up to 64 of a-z, 0-9, ".", "_" and "-"'));
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
 * changes?}]}]}`. Unknown
 * keys are left alone. Throws what `fail` makes of the first mismatch.
 */
export function parseIndex(value: unknown, fail: (mismatch: Mismatch) => Error): readonly IndexedPlugin[] {
  return checkShape(indexSchema, value, fail).plugins;
}

const isPrereleaseOf = ({ version, prerelease }: IndexedPlugin['versions'][number]): boolean =>
  prerelease === true || (parseVersion(version)?.prerelease.length ?? 0) > 0;

/** A plugin of an index with all its versions, newest first. */
export function indexedEntry(source: string, plugin: IndexedPlugin): CatalogEntry {
  const versions = plugin.versions
    .map((one) => ({ version: one.version, isPrerelease: isPrereleaseOf(one), publishedAt: one.publishedAt }))
    .sort((a, b) => byNewest(a.version, b.version));
  const { repo, name, title = name, description = '', author, homeUrl, readme, repositoryId } = plugin;
  const ref: PluginRef = { source, repo, name };
  const newest = versions.find(({ isPrerelease }) => !isPrerelease) ?? versions[0];
  return {
    ref,
    title,
    description,
    version: newest?.version ?? '',
    author,
    homeUrl,
    readme,
    repositoryId,
    versions,
  };
}

/** The plugins of an index whose name, title or description has every word of the query, as search results. */
export function searchIndex(source: string, plugins: readonly IndexedPlugin[], query: string): readonly CatalogItem[] {
  const words = query.toLowerCase().split(/\s+/);
  return plugins
    .filter(({ name, title = '', description = '' }) => {
      const said = `${name}\n${title}\n${description}`.toLowerCase();
      return words.every((word) => said.includes(word));
    })
    .map((plugin) => {
      const { ref, title, description, version, author } = indexedEntry(source, plugin);
      return { ref, title, description, version, author };
    });
}
