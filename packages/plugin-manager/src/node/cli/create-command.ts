import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PluginError } from '../../protocol/error.ts';
import { makeFolder } from '../make-folder.ts';
import { packError } from '../pack/pack-error.ts';
import { shownPath } from './command-parts.ts';
import type { Command } from './command.ts';
import { projectFiles } from './project-files.ts';

const namePattern = /^(?:@[a-z0-9][a-z0-9._-]{0,63}\/)?([a-z0-9][a-z0-9._-]{0,63})$/;

/** `create`: writes a small plugin that `pack` takes. */
export const createCommand: Command = {
  name: 'create',
  summary: 'Writes a small plugin into a new folder: package.json, an ES module without a build step, README.',
  operands: [{ name: 'name', isRequired: true, what: 'name of the package, as "hello" or "@acme/hello"' }],
  options: [{ name: 'destination', value: 'a folder', what: 'folder that the new one is made in; default: this one' }],
  run: async ({ operands: [name = ''], option, workingFolder, signal }) => {
    const [, folderName] = namePattern.exec(name) ?? [];
    if (folderName === undefined) {
      const expected = '"hello" or "@acme/hello", each part of up to 64 of a-z, 0-9, ".", "_" and "-"';
      const message = `create: expected the name of a package, ${expected}; got ${JSON.stringify(name.slice(0, 200))}`;
      throw new PluginError('E_NAME_INVALID', message, { phase: 'resolve', details: { found: name } });
    }
    const folder = resolve(workingFolder, option('destination') ?? '.', folderName);
    const files = projectFiles(name, folderName, titleOf(folderName));
    await writeProject(folder, files, signal);
    const shown = shownPath(workingFolder, folder);
    return {
      value: { folder, name, files: Object.keys(files) },
      text: `${shown}: ${Object.keys(files).join(', ')}\nTo pack it: fleetwire-plugin pack ${shown}`,
    };
  },
};

async function writeProject(
  folder: string,
  files: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await makeFolder(resolve(folder, '..'));
    await mkdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw packError(error, 'commit', `making ${folder}`);
    const message = `expected a name that is free; ${folder} is there already`;
    throw new PluginError('E_STORE', message, { phase: 'commit', details: { folder }, cause: error });
  }
  try {
    for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text, { flag: 'wx', signal });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw packError(error, 'commit', `writing ${folder}`);
  }
}

/** `hello-world` as `Hello world`. */
function titleOf(name: string): string {
  const words = name.replace(/[._-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
