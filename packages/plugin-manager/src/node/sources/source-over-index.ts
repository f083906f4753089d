import { indexedEntry, searchIndex, type IndexedPlugin } from '../../core/catalog-index.ts';
import { maxVersions } from '../../core/catalog-versions.ts';
import { invalidResponse } from '../../core/invalid-response.ts';
import { releaseFromAnnotations } from '../../core/release-annotations.ts';
import { PluginError } from '../../protocol/error.ts';
import { pluginIdOf } from '../../protocol/plugin-id.ts';
import type { Release } from '../../protocol/release.ts';
import { maxSearchPage, type PluginSource, type SourceRef } from './plugin-source.ts';

/** A source over an index that is read anew each time, so that a change of it is seen at once; once by a `snapshot`. */
export function sourceOverIndex(
  name: string,
  load: (signal: AbortSignal) => Promise<readonly IndexedPlugin[]>,
  /** The archive's URL, which an index may give relative to itself. */
  resolveArchive: (url: string, release: Release) => string,
): PluginSource {
  const notFound = (ref: SourceRef, version?: string): PluginError => {
    const pluginId = pluginIdOf({ source: name, ...ref });
    const what = version === undefined ? pluginId : `${pluginId} ${version}`;
    return new PluginError('E_NOT_FOUND', `the index of ${name} has no ${what}`, { phase: 'resolve', pluginId });
  };

  async function find({ repo, name: plugin }: SourceRef, signal: AbortSignal): Promise<IndexedPlugin> {
    const found = (await load(signal)).find((one) => one.repo === repo && one.name === plugin);
    if (found === undefined) throw notFound({ repo, name: plugin });
    return found;
  }

  return {
    name,
    async search({ query, limit, offset, signal }) {
      const start = Math.max(Math.trunc(offset), 0);
      const count = Math.min(Math.max(Math.trunc(limit), 1), maxSearchPage);
      return searchIndex(name, await load(signal), query, { start, count });
    },
    async describe(ref, signal) {
      const plugin = await find(ref, signal);
      const { length } = plugin.versions;
      if (length <= maxVersions) return indexedEntry(name, plugin);
      const expected = `expected at most ${String(maxVersions)} versions`;
      const pluginId = pluginIdOf({ source: name, ...ref });
      throw invalidResponse(`the index of ${name}`, { expected, found: String(length), path: 'versions' }, pluginId);
    },
    async release(ref, version, signal) {
      const plugin = await find(ref, signal);
      const found = plugin.versions.find((one) => one.version === version);
      if (found === undefined) throw notFound(ref, version);
      const release = releaseFromAnnotations({
        ref: { source: name, repo: ref.repo, name: ref.name },
        version,
        repositoryId: plugin.repositoryId,
        isPrerelease: found.prerelease,
        annotations: found.annotations,
        changes: found.changes,
      });
      return { ...release, archiveUrl: resolveArchive(release.archiveUrl, release) };
    },
    snapshot() {
      let loaded: ReturnType<typeof load> | undefined;
      return sourceOverIndex(name, (signal) => (loaded ??= load(signal)), resolveArchive);
    },
  };
}
