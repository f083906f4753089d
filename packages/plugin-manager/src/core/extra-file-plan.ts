import { PluginError } from '../protocol/error.ts';
import type { PluginLimits } from '../protocol/limits.ts';
import type { ExtraFile } from '../protocol/release.ts';
import type { ArchivePlan } from './archive-plan.ts';
import { collisionKey, pathSegments } from './tar/path-rules.ts';
import { withoutQuery } from './url-rules.ts';

/** Where extra files land below the plugin's folder, as Headlamp has it. */
const extraFolder = 'bin';

/** An extra file, and where what is taken of it lands. */
export interface ExtraFilePlan {
  readonly file: ExtraFile;
  /** A `.tar.gz`; otherwise it is taken as it is. */
  readonly isArchive: boolean;
  readonly moves: readonly {
    /** In the archive, with its top folder; the last segment of the URL for what is none. */
    readonly input: string;
    /** Below the plugin's folder. */
    readonly path: string;
  }[];
}

/**
 * Where extra files land, by the rules of an archive's paths, and never where the archive of the plugin has something.
 *
 * Throws a {@link PluginError}: E_PATH_TRAVERSAL, E_PATH_INVALID, E_PATH_TOO_LONG, E_ENTRY_DUPLICATE, E_ENTRY_MISSING for
 * what is taken of a file that is called otherwise, E_RESPONSE_INVALID for an archive of which nothing is taken, and
 * E_ARCHIVE_ENTRIES. Nothing is taken twice: so what is counted of an extra file bounds what is placed of it.
 */
export function planExtraFiles(
  files: readonly ExtraFile[],
  plan: ArchivePlan,
  limits: PluginLimits,
): readonly ExtraFilePlan[] {
  const taken = new Map<string, { readonly path: string; readonly isFile: boolean }>();
  for (const path of plan.directories) taken.set(collisionKey(path), { path, isFile: false });
  for (const { path } of plan.files) taken.set(collisionKey(path), { path, isFile: true });

  function place(output: string, index: number): string {
    const at = { phase: 'inspect', index, entry: output } as const;
    // The first segment stands for the top folder of an archive, which the rules do not count.
    const segments = pathSegments(`plugin/${extraFolder}/${output}`, limits, at).slice(1);
    const isFolder = output.endsWith('/');
    for (let depth = 1; depth <= segments.length; depth += 1) {
      const path = segments.slice(0, depth).join('/');
      const isFile = depth === segments.length;
      const key = collisionKey(path);
      const known = taken.get(key);
      if (isFolder || (known !== undefined && (isFile || known.isFile || known.path !== path))) {
        const what = isFolder ? 'a folder' : `the place of ${known?.path ?? path}`;
        const message = `expected a place of its own for the extra file ${path}; it is ${what}`;
        throw new PluginError('E_ENTRY_DUPLICATE', message, { phase: 'inspect', details: { entry: path } });
      }
      taken.set(key, { path, isFile });
    }
    if (taken.size > limits.maxEntries) {
      const message = `expected at most ${String(limits.maxEntries)} files and folders, those of extra files included`;
      throw new PluginError('E_ARCHIVE_ENTRIES', message, {
        phase: 'inspect',
        details: { expected: limits.maxEntries },
      });
    }
    return segments.join('/');
  }

  return files.map((file, index) => {
    const name = lastSegment(file.url);
    const isArchive = /\.(?:tar\.gz|tgz)$/i.test(name);
    const outputs = file.outputs.length > 0 || isArchive ? file.outputs : [{ input: name, output: name }];
    if (outputs.length === 0) {
      const message = `the extra file ${name} is an archive, and no annotation says what is taken of it`;
      throw new PluginError('E_RESPONSE_INVALID', message, { phase: 'inspect', details: { url: name } });
    }
    const other = isArchive ? undefined : outputs.find(({ input }) => input !== name);
    if (other !== undefined) {
      const message = `the extra file is ${name}, and an annotation says ${other.input.slice(0, 200)}`;
      throw new PluginError('E_ENTRY_MISSING', message, { phase: 'inspect', details: { entry: name } });
    }
    const inputs = outputs.map(({ input }) => input);
    const twice = inputs.find((input, at) => inputs.indexOf(input) !== at);
    if (twice !== undefined) {
      const message = `expected each file of the extra file ${name} to be taken once; ${twice.slice(0, 200)} is taken twice`;
      throw new PluginError('E_ENTRY_DUPLICATE', message, {
        phase: 'inspect',
        details: { entry: twice.slice(0, 200) },
      });
    }
    return { file, isArchive, moves: outputs.map(({ input, output }) => ({ input, path: place(output, index) })) };
  });
}

/** What a URL names, without query and fragment. */
function lastSegment(url: string): string {
  const path = withoutQuery(url);
  return path.slice(path.lastIndexOf('/') + 1);
}
