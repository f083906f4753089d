import * as z from 'zod/mini';
import { shownAuthor, shownDescription, shownTitle } from '../../core/catalog-texts.ts';
import { catalogVersions, maxVersions } from '../../core/catalog-versions.ts';
import { checkShape, shown, type Mismatch } from '../../core/check-shape.ts';
import { invalidResponse } from '../../core/invalid-response.ts';
import { releaseFromAnnotations } from '../../core/release-annotations.ts';
import { defaultLimits } from '../../protocol/limits.ts';
import { parsePluginId, pluginIdOf, type PluginRef } from '../../protocol/plugin-id.ts';
import type { CatalogItem } from '../../protocol/release.ts';
import { fetchJson, type MetadataFetcher } from './fetch-json.ts';
import { maxSearchPage, type PluginSource } from './plugin-source.ts';

/** The kind of Headlamp plugins among Artifact Hub's kinds of repository. */
const headlampKind = 21;

/** Packages of one answer to a search; a page that was asked for has 60. */
const maxPackages = 1_000;

/** A list that is counted before its items are looked at. */
function atMost<T>(max: number, what: string, item: z.ZodMiniType<T>) {
  const isShort = (list: readonly unknown[]): boolean => list.length <= max;
  const counted = z.array(z.unknown()).check(z.refine(isShort, `expected at most ${String(max)} ${what}`));
  return z.pipe(counted, z.array(item));
}

const optionalText = z.nullish(z.string());
const repository = z.object({
  repository_id: z.string().check(z.regex(/^[A-Za-z0-9._-]{1,128}$/, 'expected an id')),
  name: z.string(),
  kind: z.nullish(z.number()),
  official: z.nullish(z.boolean()),
  user_alias: optionalText,
  organization_name: optionalText,
  organization_display_name: optionalText,
});
const summary = {
  name: z.string(),
  normalized_name: optionalText,
  display_name: optionalText,
  description: optionalText,
  version: z.string(),
  official: z.nullish(z.boolean()),
  stars: z.nullish(z.number()),
  repository,
};
const searchSchema = z.object({ packages: z.nullish(atMost(maxPackages, 'packages', z.object(summary))) });
const detailSchema = z.object({
  ...summary,
  readme: optionalText,
  home_url: optionalText,
  prerelease: z.nullish(z.boolean()),
  data: z.nullish(z.record(z.string(), z.unknown())),
  changes: z.optional(z.unknown()),
});
const listedVersion = z.object({ version: z.string(), prerelease: z.nullish(z.boolean()), ts: z.nullish(z.number()) });
const versionsSchema = z.object({ available_versions: z.nullish(atMost(maxVersions, 'versions', listedVersion)) });
type Summary = z.infer<z.ZodMiniObject<typeof summary>>;

/** What was said of a package, checked but for its versions: those count where they are asked for alone. */
interface Described {
  readonly found: z.infer<typeof detailSchema>;
  readonly value: unknown;
  readonly url: string;
}

function hasPluginId(ref: PluginRef): boolean {
  try {
    parsePluginId(pluginIdOf(ref));
    return true;
  } catch {
    return false;
  }
}

/** What {@link createArtifactHubSource} takes. */
export interface ArtifactHubOptions {
  /** As in the policy. */
  readonly name: string;
  /** Of Artifact Hub or a mirror of it: `https://artifacthub.io`; `/api/v1/…` is added. */
  readonly url: string;
  readonly fetcher: MetadataFetcher;
  /** Default: false. */
  readonly isLocal?: boolean | undefined;
  /** Of one answer. Default: 4 MiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * Headlamp plugins of Artifact Hub (https://artifacthub.io/docs/api/), or of what answers as it does. An answer for
 * another package, version or kind than was asked for is refused.
 */
export function createArtifactHubSource(options: ArtifactHubOptions): PluginSource {
  const { name: source, fetcher, isLocal = false, maxBytes = defaultLimits.maxMetadataBytes } = options;
  const base = `${options.url.replace(/\/+$/, '')}/api/v1/packages`;

  const nameOf = (found: Summary): string => found.normalized_name ?? found.name;

  function itemOf(found: Summary): CatalogItem {
    const { repository: repo } = found;
    return {
      ref: { source, repo: repo.name, name: nameOf(found) },
      title: shownTitle(found.display_name, found.name),
      description: shownDescription(found.description),
      version: found.version,
      author: shownAuthor(repo.organization_display_name ?? repo.organization_name ?? repo.user_alias),
      isOfficial: found.official === true || repo.official === true,
      stars: found.stars ?? undefined,
    };
  }

  async function detail(ref: PluginRef, version: string | undefined, signal: AbortSignal): Promise<Described> {
    const pluginId = pluginIdOf(ref);
    const path = [ref.repo, ref.name, ...(version === undefined ? [] : [version])].map(encodeURIComponent).join('/');
    const url = `${base}/headlamp/${path}`;
    const what = version === undefined ? pluginId : `${pluginId} ${version}`;
    const { value } = await fetchJson({ fetcher, url, maxBytes, isLocal, signal, pluginId, what });
    const found = checkShape(detailSchema, value, (mismatch) => invalidResponse(url, mismatch, pluginId));
    const mustBe = (at: string, expected: unknown, got: unknown): void => {
      if (got === expected) return;
      throw invalidResponse(url, { expected: `expected ${shown(expected)}`, found: shown(got), path: at }, pluginId);
    };
    mustBe('repository.name', ref.repo, found.repository.name);
    mustBe('name', ref.name, nameOf(found));
    mustBe('repository.kind', headlampKind, found.repository.kind ?? headlampKind);
    if (version !== undefined) mustBe('version', version, found.version);
    return { found, value, url };
  }

  return {
    name: source,

    async search({ query, limit, offset, signal }) {
      const page = Math.min(Math.max(Math.trunc(limit), 1), maxSearchPage);
      const parameters = new URLSearchParams({
        kind: String(headlampKind),
        limit: String(page),
        offset: String(Math.max(Math.trunc(offset), 0)),
      });
      if (query.trim() !== '') parameters.set('ts_query_web', query.trim());
      const url = `${base}/search?${parameters.toString()}`;
      const what = 'the search of packages';
      const { value, headers } = await fetchJson({ fetcher, url, maxBytes, isLocal, signal, what });
      const found = checkShape(searchSchema, value, (mismatch) => invalidResponse(url, mismatch));
      const count = headers['pagination-total-count'];
      if (typeof count !== 'string' || !/^\d{1,9}$/.test(count)) {
        const expected = 'expected a number of packages';
        throw invalidResponse(url, { expected, found: shown(count), path: 'header Pagination-Total-Count' });
      }
      // A name that is no part of an id cannot be asked for; one such package must not hide the others.
      const items = (found.packages ?? [])
        .filter(({ repository: { kind } }) => (kind ?? headlampKind) === headlampKind)
        .map(itemOf)
        .filter(({ ref }) => hasPluginId(ref));
      return { items, total: Number(count) };
    },

    async describe({ repo, name }, signal) {
      const { found, value, url } = await detail({ source, repo, name }, undefined, signal);
      const fail = (mismatch: Mismatch) => invalidResponse(url, mismatch, pluginIdOf({ source, repo, name }));
      const { available_versions: listed } = checkShape(versionsSchema, value, fail);
      return {
        ...itemOf(found),
        repositoryId: found.repository.repository_id,
        readme: found.readme ?? undefined,
        homeUrl: found.home_url ?? undefined,
        versions: catalogVersions([
          { version: found.version, isPrerelease: found.prerelease ?? undefined },
          ...(listed ?? []).map(({ version, prerelease, ts }) => ({
            version,
            isPrerelease: prerelease ?? undefined,
            // Artifact Hub counts in seconds.
            publishedAt: typeof ts === 'number' ? ts * 1_000 : undefined,
          })),
        ]),
      };
    },

    async release({ repo, name }, version, signal) {
      const ref = { source, repo, name };
      const { found } = await detail(ref, version, signal);
      return releaseFromAnnotations({
        ref,
        version,
        repositoryId: found.repository.repository_id,
        isPrerelease: found.prerelease ?? false,
        annotations: found.data ?? {},
        changes: found.changes,
      });
    },
  };
}
