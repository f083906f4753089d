import type { PackedFile } from './list-files.ts';
import type { ModuleReference } from './module-references.ts';

/** What a reference comes to in the page. */
export interface JudgedReference {
  /** Absent where it is as it should be. `isFatal`: its module can never be linked. */
  readonly finding?: { readonly isFatal: boolean; readonly text: string } | undefined;
  /** Script of the package that is loaded with it. */
  readonly follow?: string | undefined;
}

const fatal = (text: string): JudgedReference => ({ finding: { isFatal: true, text } });
const weak = (text: string): JudgedReference => ({ finding: { isFatal: false, text } });

const required =
  'is asked for by require(), which no page has: make it an import, by esmExternalRequirePlugin of Vite, ' +
  'or bundle an ES module of what asks for it';

/** Whether a browser takes it for a script, by the type that the server sends. */
export function isScript(path: string): boolean {
  return /\.m?js$/.test(path);
}

/** Judges a reference of the module `from`. `files`: those of the package; `shared`: what the page supplies. */
export function judgeReference(
  from: string,
  reference: ModuleReference,
  files: ReadonlyMap<string, PackedFile>,
  shared: readonly string[],
): JudgedReference {
  const { kind, specifier, isTyped } = reference;
  if (kind === 'url') return judgeUrl(from, specifier, files);
  if (kind === 'require') {
    // What else is required may be for other hosts than browsers, behind a question.
    return shared.includes(specifier) ? weak(required) : {};
  }
  if (shared.includes(specifier)) return {};
  const isRelative = /^\.{0,2}\//.test(specifier);
  if (!isRelative && !/^(?:https?|data|blob):/i.test(specifier)) {
    const hint = specifier === 'react/jsx-dev-runtime' ? ', but for development: build for production' : '';
    return fatal(`is supplied by no page${hint}`);
  }
  const path = isRelative ? pathOf(from, specifier) : undefined;
  if (path === undefined) {
    if (specifier.startsWith('.')) return fatal('leads out of the package');
    return weak('is not of the package, and no digest of it holds what comes');
  }
  if (!files.has(path)) {
    const meant = [`${path}.js`, `${path}.mjs`, `${path}/index.js`].find((each) => files.has(each));
    const hint = meant === undefined ? '' : `, but ${meant} is: browsers add nothing to a name`;
    return fatal(`is not among the files that are packed${hint}`);
  }
  if (isScript(path)) {
    const text =
      'is a second file, which pages that are open when the plugin is installed do not compare with its digest';
    return { ...weak(text), follow: path };
  }
  return isTyped ? {} : fatal('is no script (.js, .mjs), and browsers import nothing else');
}

function judgeUrl(from: string, specifier: string, files: ReadonlyMap<string, PackedFile>): JudgedReference {
  if (URL.canParse(specifier)) return {};
  const path = pathOf(from, specifier);
  if (path === undefined || !files.has(path)) return weak('is not among the files that are packed');
  if (/\.wasm$/.test(path)) return weak('is WebAssembly, and the page of the dashboard compiles none');
  return isScript(path) ? weak('is a script, and the page starts no workers from files of a plugin') : {};
}

/** What a relative address means, below the folder of the plugin; undefined for what is outside it. */
function pathOf(from: string, specifier: string): string | undefined {
  const folder = 'https://plugin.invalid/-/build/';
  const base = folder + from.split('/').map(encodeURIComponent).join('/');
  if (!URL.canParse(specifier, base)) return undefined;
  const { origin, pathname } = new URL(specifier, base);
  const address = origin + pathname;
  if (!address.startsWith(folder)) return undefined;
  try {
    return decodeURIComponent(address.slice(folder.length));
  } catch {
    return undefined;
  }
}
