import { parseIndex } from '../../core/catalog-index.ts';
import { shown } from '../../core/check-shape.ts';
import { invalidResponse } from '../../core/invalid-response.ts';
import { withoutQuery } from '../../core/url-rules.ts';
import { defaultLimits } from '../../protocol/limits.ts';
import { pluginIdOf } from '../../protocol/plugin-id.ts';
import { fetchJson, type MetadataFetcher } from './fetch-json.ts';
import type { PluginSource } from './plugin-source.ts';
import { sourceOverIndex } from './source-over-index.ts';

/** What {@link createIndexSource} takes. */
export interface IndexSourceOptions {
  /** As in the policy. */
  readonly name: string;
  /** Of the index: `https://plugins.example.com/index.json`. */
  readonly url: string;
  readonly fetcher: MetadataFetcher;
  /** Default: false. */
  readonly isLocal?: boolean | undefined;
  /** Of the index. Default: 4 MiB. */
  readonly maxBytes?: number | undefined;
}

/** Plugins of a static index (see `parseIndex`) that any web server can serve; URLs may be relative to it. */
export function createIndexSource(options: IndexSourceOptions): PluginSource {
  const { name, url, fetcher, isLocal = false, maxBytes = defaultLimits.maxMetadataBytes } = options;
  return sourceOverIndex(
    name,
    async (signal) => {
      const what = `the index of ${name}`;
      const { value } = await fetchJson({ fetcher, url, maxBytes, isLocal, signal, what });
      return parseIndex(value, (mismatch) => invalidResponse(url, mismatch));
    },
    (archiveUrl, { ref }) => {
      // What has a scheme stays as it was written: the fetcher judges the text itself.
      if (/^[a-z][a-z0-9+.-]*:/i.test(archiveUrl)) return archiveUrl;
      if (URL.canParse(archiveUrl, url)) return new URL(archiveUrl, url).href;
      const expected = 'expected a URL, or a path relative to the index';
      throw invalidResponse(
        url,
        { expected, found: shown(withoutQuery(archiveUrl)), path: 'archive-url' },
        pluginIdOf(ref),
      );
    },
  );
}
