import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** What a shared module is, as the server puts it into the import map of the page. */
export interface SharedModule {
  /** Path on the origin of the page. */
  readonly url: string;
  /** Subresource Integrity, `sha384-…`. */
  readonly integrity: string;
}

/** Modules that plugins import from the page, so that there is one of each, and what the page writes of them. */
export const sharedSpecifiers = [
  'react',
  'react-dom',
  'react/jsx-runtime',
  '@fleetwire/plugin-manager/sdk',
  '@fleetwire/kube-watch/react',
] as const;

/** Where the page has its import map; the server puts it there in production, this plugin in development. */
const placeholder = '<!--import-map-->';
const prefix = '\0shared-module:';
/** Name of the file beside index.html. */
const listName = 'shared-modules.json';

/**
 * Builds a module for each specifier that has all its names and holds nothing itself: what is behind the names is what the
 * dashboard itself imports. The page does not load these modules; the first plugin does.
 */
export function sharedModules(specifiers: readonly string[] = sharedSpecifiers): Plugin {
  const references = new Map<string, string>();
  let isServing = false;
  let root = '';
  return {
    name: 'shared-modules',
    configResolved(config) {
      isServing = config.command === 'serve';
      root = config.root;
    },
    buildStart() {
      if (isServing) return;
      for (const specifier of specifiers) {
        const name = `shared-${specifier.replace(/^@/, '').replaceAll('/', '-')}`;
        const id = `${prefix}${specifier}`;
        references.set(specifier, this.emitFile({ type: 'chunk', id, name, preserveSignature: 'strict' }));
      }
    },
    resolveId(id) {
      return id.startsWith(prefix) ? id : undefined;
    },
    load(id) {
      return id.startsWith(prefix) ? moduleOf(id.slice(prefix.length), root) : undefined;
    },
    writeBundle(options) {
      const folder = options.dir ?? root;
      const list: Record<string, SharedModule> = {};
      for (const [specifier, reference] of references) {
        const file = this.getFileName(reference);
        const digest = createHash('sha384')
          .update(readFileSync(join(folder, file)))
          .digest('base64');
        list[specifier] = { url: `/${file}`, integrity: `sha384-${digest}` };
      }
      writeFileSync(join(folder, listName), `${JSON.stringify(list, undefined, 2)}\n`);
    },
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        if (!isServing) return html;
        const imports = Object.fromEntries(
          // How Vite writes the id of a virtual module into an address.
          specifiers.map((specifier) => [specifier, `/@id/${prefix.replace('\0', '__x00__')}${specifier}`]),
        );
        const importMap = { tag: 'script', attrs: { type: 'importmap' }, children: JSON.stringify({ imports }) };
        return { html: html.replace(placeholder, ''), tags: [{ ...importMap, injectTo: 'head-prepend' as const }] };
      },
    },
  };
}

/** React is CommonJS, whose names `export *` does not see. */
function moduleOf(specifier: string, root: string): string {
  if (!/^react(?:-dom)?(?:\/|$)/.test(specifier)) return `export * from '${specifier}';\n`;
  const module = createRequire(join(root, 'package.json'))(specifier) as object;
  return `export { default, ${Object.keys(module).join(', ')} } from '${specifier}';\n`;
}
