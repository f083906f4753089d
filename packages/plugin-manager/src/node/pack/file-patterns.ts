import { PluginError } from '../../protocol/error.ts';

/** Whether a file, by its path below the folder with `/`, is packed. */
export type FileFilter = (path: string) => boolean;

/** Packed whatever `files` says, as npm does. */
const always = /^(?:package\.json|readme(?:\.[^/]*)?|licen[cs]e(?:\.[^/]*)?)$/i;

/** Never packed, at whatever depth; nor is a name that begins with a dot, which is where secrets and tools' leavings are. */
const never = new Set(['node_modules', 'CVS', 'npm-debug.log', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock']);

/** Whether a file or folder of this name is left out, whatever `files` says. */
export function isLeftOut(name: string): boolean {
  return name.startsWith('.') || never.has(name) || name.endsWith('.orig');
}

/**
 * The filter that `files` of package.json means: names of files, names of folders (all that is below), the globs `*`,
 * `**` and `?`, and `!` before what is left out again; the last that fits decides. Without `files`, everything fits.
 * Neither `.npmignore` nor `.gitignore` is read. Throws E_MANIFEST_INVALID for other globs and for paths that lead out.
 */
export function fileFilterOf(files: readonly string[] | undefined): FileFilter {
  if (files === undefined) return () => true;
  const rules = files.map(ruleOf);
  return (path) => always.test(path) || (rules.findLast(({ pattern }) => pattern.test(path))?.isIncluded ?? false);
}

/** Those of `files` that name nothing: they are misspelt, or what they name has not been built. */
export function unusedPatterns(files: readonly string[], paths: readonly string[]): readonly string[] {
  return files.filter((text, index) => {
    const { pattern, isIncluded } = ruleOf(text, index);
    return isIncluded && !paths.some((path) => pattern.test(path));
  });
}

function ruleOf(text: string, index: number): { readonly pattern: RegExp; readonly isIncluded: boolean } {
  const isIncluded = !text.startsWith('!');
  const glob = (isIncluded ? text : text.slice(1)).replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
  if (/[[\]{}()\\]/.test(glob) || glob.split('/').includes('..')) {
    throw new PluginError(
      'E_MANIFEST_INVALID',
      `package.json: expected files[${String(index)}] to be a path in the folder, with "*", "**" and "?" at most; ` +
        `got ${JSON.stringify(text)}`,
      { phase: 'manifest', details: { index, found: text } },
    );
  }
  // What names a folder means all that is below it; "." means everything.
  const source = glob === '' || glob === '.' ? '.*' : `${glob.split('/').map(segment).join('')}(?:/.*)?`;
  return { pattern: new RegExp(`^${source}$`, 'su'), isIncluded };
}

function segment(glob: string, index: number, all: readonly string[]): string {
  const isLast = index === all.length - 1;
  if (glob === '**') return isLast ? '.*' : '(?:[^/]+/)*';
  const source = glob.replace(/[.+^$|*?]/g, (char) => ({ '*': '[^/]*', '?': '[^/]' })[char] ?? `\\${char}`);
  return isLast ? source : `${source}/`;
}
