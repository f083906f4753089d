import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createImportMap, inlineJson, type PluginRuntime, type SharedModule } from '@fleetwire/plugin-manager/server';
import { z } from 'zod';
import { PageError } from './page-error.ts';

/** What the page needs of the plugins. */
export interface PagePlugins {
  /**
   * What is to be loaded; never rejects, so that plugins that cannot be read take no page with them. The same object for
   * as long as nothing has changed.
   */
  runtime(): Promise<Pick<PluginRuntime, 'plugins'>>;
}

/** The page of the dashboard. */
export interface Page {
  /** Its text for one answer: a nonce that is used again is none. */
  render(nonce: string): Promise<string>;
}

/** Where the build of the dashboard leaves room (apps/web/vite). */
const noncePlace = '__CSP_NONCE__';
const importMapPlace = '<!--import-map-->';

const names = ['index.html', 'shared-modules.json'] as const;
const sharedSchema = z.record(z.string(), z.object({ url: z.string(), integrity: z.string() }));

/** What one build of the dashboard has left, read whole. */
interface Template {
  readonly stamp: string;
  readonly html: string;
  readonly shared: Readonly<Record<string, SharedModule>>;
}

/**
 * Reads the built page of a folder, and again when its files are others: a dashboard that is built anew while the server
 * runs has other scripts. Until that is whole, the page of before is served. Rejects with a {@link PageError} where the
 * page has no places for the nonce and the import map.
 */
export async function openPage(folder: string, plugins: PagePlugins): Promise<Page> {
  let template = await read(folder);
  let last: { readonly of: Template; readonly runtime: object; readonly json: string } | undefined;

  async function current(): Promise<Template> {
    try {
      if ((await stampOf(folder)) !== template.stamp) template = await read(folder);
    } catch {
      // It is being built.
    }
    return template;
  }

  return {
    async render(nonce) {
      const [of, runtime] = await Promise.all([current(), plugins.runtime()]);
      if (last?.of !== of || last.runtime !== runtime)
        last = { of, runtime, json: inlineJson(createImportMap({ shared: of.shared, runtime })) };
      const script = `<script type="importmap" nonce="${nonce}">${last.json}</script>`;
      // By functions: a `$` in what is put in means nothing.
      return of.html.replaceAll(noncePlace, () => nonce).replace(importMapPlace, () => script);
    },
  };
}

/** Both files as they were at one moment. */
async function read(folder: string): Promise<Template> {
  const anew = 'build the dashboard anew';
  try {
    const stamp = await stampOf(folder);
    const [html = '', shared = ''] = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
    if (!html.includes(noncePlace) || !html.includes(importMapPlace))
      throw new PageError(`expected ${noncePlace} and ${importMapPlace} in the page of ${folder}: ${anew}`);
    const template = { stamp, html, shared: sharedSchema.parse(JSON.parse(shared)) };
    if ((await stampOf(folder)) === stamp) return template;
  } catch (error) {
    if (error instanceof PageError) throw error;
    throw new PageError(`the page of ${folder} cannot be read: ${anew} (${(error as Error).message})`);
  }
  throw new PageError(`the page of ${folder} was changed while it was read: ${anew}`);
}

async function stampOf(folder: string): Promise<string> {
  const stats = await Promise.all(names.map((name) => stat(join(folder, name), { bigint: true })));
  return stats.map(({ ino, size, mtimeNs, ctimeNs }) => [ino, size, mtimeNs, ctimeNs].join(' ')).join(' ');
}
