import type { CatalogEntry, CatalogItem, Release } from '../../protocol/release.ts';

/** A plugin within its source. */
export interface SourceRef {
  readonly repo: string;
  readonly name: string;
}

/** What to search for. */
export interface SearchOptions {
  /** Words; empty: everything. */
  readonly query: string;
  /** At most 60 are given. */
  readonly limit: number;
  readonly offset: number;
  readonly signal: AbortSignal;
}

/** One page of a search. */
export interface SearchPage {
  readonly items: readonly CatalogItem[];
  /** How many there are on all pages. */
  readonly total: number;
}

/**
 * Where plugins are found. Each method rejects with a `PluginError`: E_NOT_FOUND, E_RESPONSE_INVALID, E_HTTP_STATUS, and
 * what its fetcher throws; `release` also with what a release's annotations may be wrong in.
 *
 * A method has to stop its work, and to reject, when its signal is aborted: the manager waits for it no longer then, and
 * cannot end what goes on.
 */
export interface PluginSource {
  /** As in the policy; the first part of the ids of its plugins. */
  readonly name: string;
  search(options: SearchOptions): Promise<SearchPage>;
  describe(ref: SourceRef, signal: AbortSignal): Promise<CatalogEntry>;
  release(ref: SourceRef, version: string, signal: AbortSignal): Promise<Release>;
  /**
   * The same source for one look-up, which asks for a plugin and then for some of its versions: what it has read, it does
   * not read again. Absent: it is asked itself. One that wraps another and changes its answers has to wrap this too.
   */
  snapshot?(): PluginSource;
}

/** Most items of one page (Artifact Hub's own bound). */
export const maxSearchPage = 60;
