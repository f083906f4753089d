import { createRequire } from 'node:module';
import type { Plugin } from 'vite';

/** What the parser of Markdown asks for names of characters, such as `&amp;`. */
const decoder = 'decode-named-character-reference';

/**
 * Gives that package as it is for a worker. Vite takes the one for browsers, which needs a `document`; to ask for the one
 * for workers everywhere would bring what others have for servers.
 */
export function markdownInWorkers(): Pick<Plugin, 'name' | 'enforce'> & {
  resolveId: (id: string, importer?: string) => string | undefined;
} {
  return {
    name: 'markdown-in-workers',
    enforce: 'pre',
    resolveId: (id, importer) =>
      id === decoder && importer !== undefined ? createRequire(importer).resolve(id) : undefined,
  };
}
