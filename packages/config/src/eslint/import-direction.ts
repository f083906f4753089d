import type { Rule } from 'eslint';
import { dirname, relative, resolve, sep } from 'node:path';

/** Folders that a folder of a package's `src` may import beside itself; `''` is the root entry, `src/index.ts`. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  '': ['protocol', 'core'],
  protocol: [],
  core: ['protocol'],
  sdk: ['protocol'],
  // The REST and channel half of plugin-manager stands on its Node half.
  server: ['protocol', 'core', 'node'],
  browser: ['protocol', 'core', 'sdk'],
  react: ['protocol', 'core', 'client', 'browser', 'sdk'],
  redis: ['protocol', 'core', 'server'],
  sessions: ['protocol', 'core', 'server'],
};
const BY_DEFAULT = ['protocol', 'core'];

/** Folders whose code must run in a browser, so that what they import must as well. */
const BROWSER = new Set(['protocol', 'core', 'sdk', 'client', 'browser', 'react']);
const NODE_ONLY = /^node:|^ws$|^@fleetwire\/[^/]+\/(?:server|redis|sessions|agent|host|node)$/;

interface Place {
  /** The package's `src` folder. */
  readonly src: string;
  /** The environment folder within it, `''` for the root entry. */
  readonly folder: string;
}

function placeOf(file: string): Place | undefined {
  const match = /^(.*[\\/](packages|apps)[\\/][^\\/]+[\\/]src)[\\/](.*)$/.exec(file);
  const [, src, kind, rest] = match ?? [];
  if (src === undefined || rest === undefined) return undefined;
  // The dashboard runs in a browser as a whole; the other apps have no environment folders.
  if (kind === 'apps') return src.endsWith(`web${sep}src`) ? { src, folder: 'client' } : undefined;
  return { src, folder: rest.includes(sep) ? (rest.split(sep)[0] ?? '') : '' };
}

/**
 * Holds the direction of imports: `protocol ◄ core ◄ the environment folders` inside a package, and nothing that
 * only Node can run from a file that a browser loads. Tests are free.
 */
export const importDirection: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      direction: '{{from}} must not import from {{to}}: inside a package, protocol ◄ core ◄ the rest.',
      nodeOnly: '"{{specifier}}" runs only in Node, and this file must load in a browser.',
    },
  },
  create(context) {
    const file = context.filename;
    const place = placeOf(file);
    if (place === undefined || /\.test\.tsx?$/.test(file)) return {};
    const { src, folder } = place;

    function check(node: Rule.Node, specifier: string): void {
      if (BROWSER.has(folder) && NODE_ONLY.test(specifier)) {
        context.report({ node, messageId: 'nodeOnly', data: { specifier } });
        return;
      }
      if (!specifier.startsWith('.') || !file.includes(`${sep}packages${sep}`)) return;
      const target = relative(src, resolve(dirname(file), specifier));
      const to = target.includes(sep) ? (target.split(sep)[0] ?? '') : '';
      if (to === folder || (ALLOWED[folder] ?? BY_DEFAULT).includes(to)) return;
      const name = (part: string) => (part === '' ? 'src/' : `src/${part}/`);
      context.report({ node, messageId: 'direction', data: { from: name(folder), to: name(to) } });
    }

    function checkSource(node: Rule.Node & { source?: unknown }): void {
      const source = node.source as { readonly value?: unknown } | null | undefined;
      if (typeof source?.value === 'string') check(node, source.value);
    }

    return {
      ImportDeclaration: checkSource,
      ExportNamedDeclaration: checkSource,
      ExportAllDeclaration: checkSource,
      ImportExpression: checkSource,
    };
  },
};
