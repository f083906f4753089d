import { readFileSync } from 'node:fs';
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

/** Reads the built page of a folder. Throws where it has no places for the nonce and the import map. */
export function readPage(folder: string, plugins: PagePlugins): Page {
  const template = readFileSync(join(folder, 'index.html'), 'utf8');
  if (!template.includes(noncePlace) || !template.includes(importMapPlace))
    throw new Error(`expected ${noncePlace} and ${importMapPlace} in the page of ${folder}: build the dashboard anew`);
  const shared: Readonly<Record<string, SharedModule>> = sharedSchema.parse(
    JSON.parse(readFileSync(join(folder, 'shared-modules.json'), 'utf8')),
  );
  return {
    async render(nonce) {
      const map = createImportMap({ shared, runtime: await plugins.runtime() });
      const script = `<script type="importmap" nonce="${nonce}">${inlineJson(map)}</script>`;
      // By functions: a `$` in what is put in means nothing.
      return template.replaceAll(noncePlace, () => nonce).replace(importMapPlace, () => script);
    },
  };
}
