import { PluginError } from '../protocol/error.ts';
import { pluginIdOf, type PluginRef } from '../protocol/plugin-id.ts';
import type { Release } from '../protocol/release.ts';
import type { PluginStore } from './store/plugin-store.ts';

/** A version that a source could not be asked about. */
export interface UnansweredRelease {
  readonly ref: PluginRef;
  /** Absent for the newest, which a source alone can name. */
  readonly version: string | undefined;
  readonly signal: AbortSignal;
  /** Why it gave no answer. */
  readonly error: unknown;
}

/** What a source said before. */
export interface RecalledRelease {
  readonly release: Release;
  /** That it did not say it now, in words. */
  readonly notChecked: string;
}

/**
 * Where a source does not answer, what it said when the archive was kept counts. Throws the error that was given where
 * nothing was kept, nobody waits any more, or the source did answer, and E_OFFLINE where what was kept is damaged.
 */
export async function recallRelease(
  { cache }: Pick<PluginStore, 'cache'>,
  { ref, version, signal, error }: UnansweredRelease,
): Promise<RecalledRelease> {
  if (version === undefined || signal.aborted || !(error instanceof PluginError) || !error.retryable) throw error;
  const release = await cache.recall(ref, version).catch(() => undefined);
  if (release === undefined) throw error;
  if ((await cache.findRelease(release)) === undefined) {
    const pluginId = pluginIdOf(ref);
    const message = `the source does not answer, and the archive of ${pluginId} ${version} that was kept is damaged`;
    throw new PluginError('E_OFFLINE', message, { phase: 'resolve', pluginId, cause: error });
  }
  const why = `the source does not answer (${error.code}): what it said when the archive was fetched is taken for true`;
  return { release, notChecked: why };
}
