import { open } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseIndex } from '../../core/catalog-index.ts';
import { shown } from '../../core/check-shape.ts';
import { invalidResponse } from '../../core/invalid-response.ts';
import { withoutQuery } from '../../core/url-rules.ts';
import { PluginError } from '../../protocol/error.ts';
import { defaultLimits } from '../../protocol/limits.ts';
import { pluginIdOf } from '../../protocol/plugin-id.ts';
import { parseJson } from './fetch-json.ts';
import type { PluginSource } from './plugin-source.ts';
import { sourceOverIndex } from './source-over-index.ts';

/** What {@link createFileSource} takes. */
export interface FileSourceOptions {
  /** As in the policy. */
  readonly name: string;
  /** Of the index on this machine. */
  readonly path: string;
  /** Of the index. Default: 4 MiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * Plugins of an index on this machine (see `parseIndex`), without any network. Archives are named relative to it, and
 * must be in its folder or below: releases then have `file:` URLs. Archives with an https URL are fetched as any other.
 *
 * Its errors: E_NOT_FOUND where there is no index, E_RESPONSE_INVALID, E_RESPONSE_TOO_LARGE, E_PATH_TRAVERSAL, E_STORE.
 */
export function createFileSource({
  name,
  path,
  maxBytes = defaultLimits.maxMetadataBytes,
}: FileSourceOptions): PluginSource {
  const file = resolve(path);
  return sourceOverIndex(
    name,
    async (signal) => {
      const value = parseJson(await readBounded(file, maxBytes, signal), file);
      return parseIndex(value, (mismatch) => invalidResponse(file, mismatch));
    },
    (archiveUrl, { ref }) => {
      // What a query may hold is for nobody to see.
      const shownUrl = withoutQuery(archiveUrl);
      const pluginId = pluginIdOf(ref);
      const hasScheme = /^[a-z][a-z0-9+.-]*:/i.test(archiveUrl);
      if (hasScheme && !/^file:/i.test(archiveUrl)) return archiveUrl;
      const target = pathOf(archiveUrl, file);
      if (target === undefined) {
        const expected = 'expected a path relative to the index, or an https URL';
        throw invalidResponse(file, { expected, found: shown(shownUrl), path: 'archive-url' }, pluginId);
      }
      const below = relative(dirname(file), target);
      if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) {
        const message = `expected an archive below ${dirname(file)}, got ${shown(shownUrl)}`;
        throw new PluginError('E_PATH_TRAVERSAL', message, {
          phase: 'resolve',
          pluginId,
          details: { archiveUrl: shownUrl },
        });
      }
      return pathToFileURL(target).href;
    },
  );
}

function pathOf(archiveUrl: string, index: string): string | undefined {
  try {
    return fileURLToPath(new URL(archiveUrl, pathToFileURL(index)));
  } catch {
    return undefined;
  }
}

/** The text of a file of at most `maxBytes`; what is no regular file may have no end. */
async function readBounded(file: string, maxBytes: number, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  try {
    await using handle = await open(file);
    const status = await handle.stat();
    if (!status.isFile())
      throw invalidResponse(file, { expected: 'expected a regular file', found: 'another kind of file', path: '' });
    if (status.size > maxBytes) {
      const message = `${file}: expected an index of at most ${String(maxBytes)} bytes, got ${String(status.size)}`;
      throw new PluginError('E_RESPONSE_TOO_LARGE', message, { phase: 'resolve', details: { file, maxBytes } });
    }
    return await handle.readFile({ encoding: 'utf8', signal });
  } catch (cause) {
    if (cause instanceof PluginError || signal.aborted) throw cause;
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new PluginError(isMissing ? 'E_NOT_FOUND' : 'E_STORE', `the index ${file} cannot be read`, {
      phase: 'resolve',
      details: { file },
      cause,
    });
  }
}
