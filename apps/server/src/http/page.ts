import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createImportMap, inlineJson, type PluginRuntime, type SharedModule } from '@fleetwire/plugin-manager/server';
import { z } from 'zod';

/** What the page needs of the plugins. */
export interface PagePlugins {
  /** What is to be loaded; never rejects, so that plugins that cannot be read take no page with them. */
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

const sharedSchema = z.record(z.string(), z.object({ url: z.string(), integrity: z.string() }));

/**
 * Reads the built page of a folder, and again for each answer: a dashboard that is built anew while the server runs has
 * other scripts. Rejects where it has no places for the nonce and the import map.
 */
export async function openPage(folder: string, plugins: PagePlugins): Promise<Page> {
  const read = async (): Promise<{ template: string; shared: Readonly<Record<string, SharedModule>> }> => {
    const [template, shared] = await Promise.all(
      ['index.html', 'shared-modules.json'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    if (template?.includes(noncePlace) !== true || !template.includes(importMapPlace) || shared === undefined)
      throw new Error(
        `expected ${noncePlace} and ${importMapPlace} in the page of ${folder}: build the dashboard anew`,
      );
    return { template, shared: sharedSchema.parse(JSON.parse(shared)) };
  };
  await read();
  return {
    async render(nonce) {
      const [{ template, shared }, runtime] = await Promise.all([read(), plugins.runtime()]);
      const script = `<script type="importmap" nonce="${nonce}">${inlineJson(createImportMap({ shared, runtime }))}</script>`;
      // By functions: a `$` in what is put in means nothing.
      return template.replaceAll(noncePlace, () => nonce).replace(importMapPlace, () => script);
    },
  };
}
