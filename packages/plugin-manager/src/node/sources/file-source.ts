import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseIndex } from '../../core/catalog-index.ts';
import { shown } from '../../core/check-shape.ts';
import { invalidResponse } from '../../core/invalid-response.ts';
import { withoutQuery } from '../../core/url-rules.ts';
import { PluginError } from '../../protocol/error.ts';
import { defaultLimits } from '../../protocol/limits.ts';
import { pluginIdOf } from '../../protocol/plugin-id.ts';
import { stopError } from '../fetch/retries.ts';
import { openRegularFile } from '../open-regular-file.ts';
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
 * Its errors: E_NOT_FOUND where there is no index, E_STORE where it cannot be read (both may pass, and are `retryable`),
 * E_RESPONSE_INVALID, E_RESPONSE_TOO_LARGE, E_PATH_TRAVERSAL.
 */
export function createFileSource({
  name,
  path,
  maxBytes = defaultLimits.maxMetadataBytes,
}: FileSourceOptions): PluginSource {
  const file = resolve(path);
  const label = `the index of ${name}`;
  return sourceOverIndex(
    name,
    async (signal) => {
      const value = parseJson(await readBounded(file, label, maxBytes, signal), label);
      return parseIndex(value, (mismatch) => invalidResponse(label, mismatch));
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
        throw invalidResponse(label, { expected, found: shown(shownUrl), path: 'archive-url' }, pluginId);
      }
      const below = relative(dirname(file), target);
      if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) {
        const message = `expected an archive below the folder of ${label}, got ${shown(shownUrl)}`;
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

/** The text of a file of at most `maxBytes`. `label` names it to those who need not know where it is. */
async function readBounded(file: string, label: string, maxBytes: number, signal: AbortSignal): Promise<string> {
  if (signal.aborted) throw stopError(signal, 'resolve');
  try {
    await using opened = await openRegularFile(file);
    if (opened === undefined)
      throw invalidResponse(label, { expected: 'expected a regular file', found: 'another kind of file', path: '' });
    const { handle, status } = opened;
    if (status.size > maxBytes) {
      const message = `${label}: expected at most ${String(maxBytes)} bytes, got ${String(status.size)}`;
      throw new PluginError('E_RESPONSE_TOO_LARGE', message, { phase: 'resolve', details: { maxBytes } });
    }
    return await handle.readFile({ encoding: 'utf8', signal });
  } catch (cause) {
    if (cause instanceof PluginError) throw cause;
    if (signal.aborted) throw stopError(signal, 'resolve');
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an unknown failure';
    // A folder that is not mounted now may be soon, as a server may answer again.
    throw new PluginError(reason === 'ENOENT' ? 'E_NOT_FOUND' : 'E_STORE', `${label} cannot be read (${reason})`, {
      phase: 'resolve',
      retryable: true,
      details: { reason },
      cause,
    });
  }
}
