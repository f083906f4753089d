import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run, start, type Outcome, type Running } from './process.ts';

/** A page that Vite bundles, in a folder of a project. */
export interface VitePage {
  build(): Promise<Outcome>;
  /** The scripts that a build has written, one after the other. */
  bundled(): string;
  /** Serves what was built, with the proxy of the page's settings to `port`. */
  preview(port: string): Running;
}

/** Writes the files of a page into `folder`. `vite` runs from `project`, which has it within reach. */
export async function createPage(folder: string, files: Readonly<Record<string, string>>): Promise<VitePage> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const vite = join(dirname(import.meta.dirname), '..', 'node_modules', 'vite', 'bin', 'vite.js');
  return {
    build: () => run(process.execPath, [vite, 'build'], { cwd: folder }),
    bundled: () =>
      globSync('dist/**/*.js', { cwd: folder })
        .map((file) => readFileSync(join(folder, file), 'utf8'))
        .join('\n'),
    preview: (port) =>
      start(process.execPath, [vite, 'preview', '--host', '127.0.0.1', '--port', '0'], {
        cwd: folder,
        env: { PORT: port },
      }),
  };
}
