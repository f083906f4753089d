import { readFile } from 'node:fs/promises';
import type { Contributes } from '../../protocol/contributions.ts';
import { PluginError } from '../../protocol/error.ts';
import { maxModules } from '../plugin-verdict.ts';
import { isScript, judgeReference } from './judge-reference.ts';
import type { PackedFile } from './list-files.ts';
import { readModule, type ModuleShape } from './module-references.ts';
import { unregistered } from './unregistered.ts';

/**
 * Larger scripts are packed without a look at their imports: their syntax tree would take gigabytes. Below it acorn takes
 * seconds; but its time grows with the square of the names of one scope, and 100,000 take most of a minute.
 */
const maxReadBytes = 16 * 1_024 * 1_024;
/** Findings that are told. */
const maxTold = 10;
const unread =
  'JSX and TypeScript have to be built first, and so has syntax that is newer than what this program reads';

/** What {@link checkModules} looks at. */
export interface ModulesToCheck {
  /** Path of the entry among the files. */
  readonly entry: string;
  readonly files: readonly PackedFile[];
  /** Specifiers that the page supplies. */
  readonly shared: readonly string[];
  /** What package.json declares; absent: nothing. */
  readonly contributes?: Contributes | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the entry and the scripts that it imports, and gives what would be weaker than a single file, one line each.
 *
 * Throws E_ENTRY_INVALID where no page could load the entry: it is no ES module, exports no plugin, or imports what
 * neither the package nor the page has. What only an `import()` leads to may fail without the entry, and is a warning.
 */
export async function checkModules({
  entry,
  files,
  shared,
  contributes = {},
  signal,
}: ModulesToCheck): Promise<readonly string[]> {
  const scripts = files.filter(({ path }) => isScript(path) && path !== entry);
  if (scripts.length > maxModules) {
    throw refuse([
      `expected at most ${String(maxModules)} scripts beside the entry, as no dashboard loads more; ` +
        `${String(scripts.length)} would be packed: name what is needed in "files" of package.json, or bundle it`,
    ]);
  }
  const byPath = new Map(files.map((file) => [file.path, file]));
  const linked = new Set([entry]);
  const read = new Set<string>();
  const needed = [entry];
  const optional: string[] = [];
  const faults: string[] = [];
  const warnings: string[] = [];
  const shapes = new Map<string, StarShape>();
  const modules: ModuleShape[] = [];
  let isAllRead = true;
  let isBundled = true;
  for (;;) {
    signal?.throwIfAborted();
    // What is linked with the entry comes first, so that whatever else leads there cannot excuse it.
    const isNeeded = needed.length > 0;
    const path = needed.pop() ?? optional.pop();
    if (path === undefined) break;
    const file = byPath.get(path);
    if (file === undefined || read.has(path)) continue;
    read.add(path);
    if (file.size > maxReadBytes) {
      warnings.push(`${path}: its imports were not looked at, as it is larger than ${String(maxReadBytes)} bytes`);
      isAllRead = false;
      continue;
    }
    const shape = await shapeOf(file, isNeeded ? faults : warnings, warnings);
    if (shape === undefined) {
      isAllRead = false;
      continue;
    }
    modules.push(shape);
    const stars: (string | undefined)[] = [];
    shapes.set(path, { exportNames: shape.exportNames, stars });
    for (const reference of shape.references) {
      const { finding, follow } = judgeReference(path, reference, byPath, shared);
      const isLinked = isNeeded && reference.kind === 'static';
      if (finding !== undefined) {
        const place = `${path}:${String(reference.line)}:${String(reference.column)}`;
        const found = `${place}: ${JSON.stringify(reference.specifier.slice(0, 200))} ${finding.text}`;
        (finding.isFatal && isLinked ? faults : warnings).push(found);
        if (reference.kind === 'static' || reference.kind === 'dynamic') isBundled = false;
      }
      if (
        reference.kind === 'static' &&
        shape.stars.includes(reference.specifier) &&
        !shared.includes(reference.specifier)
      )
        stars.push(follow);
      if (follow === undefined || linked.has(follow)) continue;
      if (isLinked) linked.add(follow);
      (isLinked ? needed : optional).push(follow);
    }
  }
  checkExports(entry, shapes, faults);
  const hint = isBundled ? [] : [bundling(shared)];
  if (faults.length > 0) throw refuse([...limited(faults), ...hint]);
  // What was not read may register it.
  const unused = isAllRead ? unregistered(contributes, modules) : [];
  return [...limited(unused), ...limited(warnings), ...hint];
}

/** How to mend whatever there is about a second module; said once. */
function bundling(shared: readonly string[]): string {
  return (
    `bundle everything but what pages share (${shared.join(', ')}) into the entry, ` +
    'by Vite with build.rolldownOptions.output.codeSplitting: false, or by esbuild with --bundle --format=esm'
  );
}

/** A module that cannot be read is a fault; one that this program cannot read, though a browser may, is worth a word. */
async function shapeOf(file: PackedFile, faults: string[], warnings: string[]): Promise<ModuleShape | undefined> {
  const source = await readFile(file.source, 'utf8');
  try {
    return readModule(source);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { message, loc } = error as SyntaxError & {
      readonly loc?: { readonly line: number; readonly column: number };
    };
    const said = message.replace(/ \(\d+:\d+\)$/, '');
    const place = loc === undefined ? file.path : `${file.path}:${String(loc.line)}:${String(loc.column + 1)}`;
    if (/stack space/i.test(said)) warnings.push(`${place}: its imports were not looked at: ${said}`);
    else faults.push(`${place}: expected an ES module: ${said}; ${unread}`);
    return undefined;
  }
}

/** What a module exports, and whose names it exports again: paths, or undefined for what cannot be looked at. */
interface StarShape {
  readonly exportNames: ReadonlySet<string>;
  readonly stars: readonly (string | undefined)[];
}

function checkExports(entry: string, shapes: ReadonlyMap<string, StarShape>, faults: string[]): void {
  const shape = shapes.get(entry);
  if (shape === undefined || shape.exportNames.has('default') || exportsPlugin(entry, shapes)) return;
  const { exportNames, stars } = shape;
  const found = exportNames.size === 0 ? 'nothing' : [...exportNames].slice(0, 5).join(', ');
  const hint = stars.length > 0 ? '"export *" passes no default on' : 'CommonJS has to be built as ES modules';
  faults.unshift(
    `${entry}: expected an ES module that exports the plugin, as default or as "plugin"; it exports ${found} (${hint})`,
  );
}

/** Whether `plugin` is, or may be, among the names of a module. */
function exportsPlugin(entry: string, shapes: ReadonlyMap<string, StarShape>): boolean {
  const seen = new Set<string | undefined>([entry]);
  // A set is walked with what is added meanwhile.
  for (const path of seen) {
    const shape = path === undefined ? undefined : shapes.get(path);
    if (shape === undefined || shape.exportNames.has('plugin') || shape.exportNames.has('*')) return true;
    for (const star of shape.stars) seen.add(star);
  }
  return false;
}

function limited(texts: readonly string[]): readonly string[] {
  const more = texts.length - maxTold;
  return more > 0 ? [...texts.slice(0, maxTold), `and ${String(more)} more of the kind`] : texts;
}

function refuse(problems: readonly string[]): PluginError {
  const message = `no page could load the entry: ${problems.join('; ')}`;
  return new PluginError('E_ENTRY_INVALID', message, { phase: 'inspect', details: { problems } });
}
