import { resolve } from 'node:path';
import { chooseRelease, NoneFits, requireCompatible, type PassedOverVersions } from '../core/compat.ts';
import { checkPlugin } from '../core/policy-checks.ts';
import type { PluginPolicy } from '../core/policy.ts';
import type { FetchPolicy } from '../core/url-rules.ts';
import { PluginError } from '../protocol/error.ts';
import type { PluginHost } from '../protocol/host.ts';
import { pluginIdOf, type PluginRef } from '../protocol/plugin-id.ts';
import type { CatalogEntry, CatalogItem, Release } from '../protocol/release.ts';
import type { InstalledState } from '../protocol/state.ts';
import { planInstall, type InstallPlan } from './plugin-manager-plan.ts';
import { maxSearchPage, type PluginSource } from './sources/plugin-source.ts';
import { sourceUntilAborted } from './sources/source-until-aborted.ts';

/** What to search for. */
export interface PluginSearch {
  /** Words; default: everything. */
  readonly query?: string | undefined;
  /** Name of one source; default: all. */
  readonly source?: string | undefined;
  /** Of each source; 60 at most. Default: 60. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
}

/** What the sources have found; those that failed are named. */
export interface PluginSearchResult {
  readonly items: readonly CatalogItem[];
  /** Of all sources that answered, on all pages. */
  readonly total: number;
  readonly failures: readonly { readonly source: string; readonly error: PluginError }[];
}

/** A release that an install takes, and newer versions that do not fit. */
export interface ResolvedInstall extends PassedOverVersions {
  readonly release: Release;
  /** What could not be checked, in words. */
  readonly notChecked: readonly string[];
}

/** What the catalogs say, seen through policy and host. */
export interface PluginCatalog {
  search(search?: PluginSearch, signal?: AbortSignal): Promise<PluginSearchResult>;
  describe(ref: PluginRef, signal?: AbortSignal): Promise<CatalogEntry>;
  resolve(ref: PluginRef, version: string | undefined, signal?: AbortSignal): Promise<ResolvedInstall>;
  plan(
    ref: PluginRef,
    version: string | undefined,
    installed: InstalledState | undefined,
    signal?: AbortSignal,
  ): Promise<InstallPlan>;
  /** The plan of a release that was found already. */
  planOf(found: Omit<ResolvedInstall, 'notChecked'>, installed: InstalledState | undefined): InstallPlan;
  fetchPolicyOf(source: string): FetchPolicy;
  /**
   * Of an archive that is a file of this machine, the index that names it: only a source that is one itself may name
   * such. Undefined for all others.
   */
  indexPathOf(source: string, archiveUrl: string): string | undefined;
}

const nonePassedOver: PassedOverVersions = { passedOver: [], passedOverCount: 0 };

/** What it looks at. */
export interface PluginCatalogOptions {
  readonly sources: readonly PluginSource[];
  readonly policy: PluginPolicy;
  readonly host: PluginHost;
}

/** Makes the view of the catalogs. */
export function createPluginCatalog({ policy, host, ...options }: PluginCatalogOptions): PluginCatalog {
  const sources = options.sources.map(sourceUntilAborted);
  const neverAborted = new AbortController().signal;

  function sourceOf(ref: PluginRef): PluginSource {
    checkPlugin(policy, ref);
    return knownSource(ref);
  }

  /** For one look-up. */
  function knownSource(ref: PluginRef): PluginSource {
    const source = sources.find(({ name }) => name === ref.source);
    if (source !== undefined) return source.snapshot?.() ?? source;
    const pluginId = pluginIdOf(ref);
    const known = sources.map(({ name }) => name);
    const message = `expected a plugin of ${known.join(', ') || '(no source)'}; ${pluginId} is of ${ref.source}`;
    throw new PluginError('E_SOURCE_DENIED', message, { phase: 'policy', pluginId, details: { known } });
  }

  const catalog: PluginCatalog = {
    async search({ query = '', source, limit = maxSearchPage, offset = 0 } = {}, signal = neverAborted) {
      const allowed = sources.filter(({ name }) => policy.sources.some((known) => known.name === name));
      const asked = allowed.filter(({ name }) => source === undefined || name === source);
      if (source !== undefined && asked.length === 0) {
        throw new PluginError('E_SOURCE_DENIED', `expected a source of the policy; got ${source.slice(0, 100)}`, {
          phase: 'policy',
        });
      }
      const pages = await Promise.all(
        asked.map(async (one) => {
          try {
            return await one.search({ query, limit: Math.min(limit, maxSearchPage), offset, signal });
          } catch (error) {
            return { items: [], total: 0, failure: { source: one.name, error: sourceError(error, { signal }) } };
          }
        }),
      );
      return {
        items: pages.flatMap(({ items }) => items),
        total: pages.reduce((sum, { total }) => sum + total, 0),
        failures: pages.flatMap((page) => ('failure' in page ? [page.failure] : [])),
      };
    },

    async describe(ref, signal = neverAborted) {
      return sourceOf(ref).describe(ref, signal);
    },

    async resolve(ref, version, signal = neverAborted) {
      const source = sourceOf(ref);
      if (version !== undefined) {
        const release = await source.release(ref, version, signal);
        return { release, notChecked: requireCompatible(release, host).notChecked, ...nonePassedOver };
      }
      const { release, check, passedOver, passedOverCount } = await chooseRelease({
        entry: await source.describe(ref, signal),
        host,
        prerelease: policy.prerelease,
        load: (known) => source.release(ref, known, signal),
      });
      return { release, notChecked: check.notChecked, passedOver, passedOverCount };
    },

    async plan(ref, version, installed, signal = neverAborted) {
      return catalog.planOf(await planned(ref, version, signal), installed);
    },

    planOf(found, installed) {
      const { ref, archiveUrl } = found.release;
      const fetchPolicy =
        catalog.indexPathOf(ref.source, archiveUrl) === undefined ? catalog.fetchPolicyOf(ref.source) : undefined;
      return planInstall({ ...found, installed, policy, host, fetchPolicy });
    },

    fetchPolicyOf(name) {
      const source = policy.sources.find((known) => known.name === name);
      const isLocal = source !== undefined && source.kind !== 'file' && source.isLocal;
      return { hosts: policy.hosts, redirectHosts: policy.redirectHosts, isLocal };
    },

    indexPathOf(name, archiveUrl) {
      const source = policy.sources.find((known) => known.name === name);
      return source?.kind === 'file' && archiveUrl.startsWith('file:') ? resolve(source.path) : undefined;
    },
  };

  /** What a plan is of: the version, or the newest that fits; or the newest of all, so that it can be said why not. */
  async function planned(
    ref: PluginRef,
    version: string | undefined,
    signal: AbortSignal,
  ): Promise<PassedOverVersions & Pick<ResolvedInstall, 'release'>> {
    // A plugin that the policy denies may be looked at.
    const source = knownSource(ref);
    if (version !== undefined) return { release: await source.release(ref, version, signal), ...nonePassedOver };
    const entry = await source.describe(ref, signal);
    const load = (known: string): Promise<Release> => source.release(ref, known, signal);
    try {
      return await chooseRelease({ entry, host, prerelease: policy.prerelease, load });
    } catch (error) {
      const newest = entry.versions.find(({ isPrerelease }) => !isPrerelease) ?? entry.versions[0];
      if (!(error instanceof NoneFits) || newest === undefined) throw error;
      return { release: await load(newest.version), ...error.considered };
    }
  }

  return catalog;
}

/** What a source threw, as callers know it: why it was stopped, where it was and says nothing of its own. */
export function sourceError(
  error: unknown,
  { pluginId, signal }: { readonly pluginId?: string; readonly signal?: AbortSignal | undefined } = {},
): PluginError {
  if (error instanceof PluginError) return error;
  if (signal?.aborted === true && signal.reason instanceof PluginError) return signal.reason;
  const message = error instanceof Error ? error.message : String(error);
  return new PluginError('E_RESPONSE_INVALID', `a source failed: ${message}`, {
    phase: 'resolve',
    pluginId,
    cause: error,
  });
}
