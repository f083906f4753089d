import type { PluginRuntime } from '../protocol/runtime.ts';

/** A module that the page shares with its plugins. */
export interface SharedModule {
  /** On the page's own origin. */
  readonly url: string;
  /** Subresource Integrity. */
  readonly integrity: string;
}

/** An import map (https://html.spec.whatwg.org/multipage/webappapis.html#import-maps). */
export interface ImportMap {
  /** URL by specifier. */
  readonly imports: Readonly<Record<string, string>>;
  /** Digest by URL: what another module at it would have to be. */
  readonly integrity: Readonly<Record<string, string>>;
}

/** What an import map is made of. */
export interface ImportMapOptions {
  /** By specifier: `react`, … */
  readonly shared: Readonly<Record<string, SharedModule>>;
  readonly runtime: Pick<PluginRuntime, 'plugins'>;
}

/** The import map of a page: the shared modules by name, and the digests of those and of all scripts of the plugins that are ready. */
export function createImportMap({ shared, runtime }: ImportMapOptions): ImportMap {
  const modules = Object.entries(shared);
  const entries = runtime.plugins.flatMap((plugin) =>
    plugin.status === 'ready' ? [plugin.entry, ...(plugin.modules ?? [])] : [],
  );
  return {
    imports: Object.fromEntries(modules.map(([specifier, { url }]) => [specifier, url])),
    integrity: Object.fromEntries([
      ...modules.map(([, { url, integrity }]) => [url, integrity] as const),
      ...entries.map(({ url, integrity }) => [url, integrity] as const),
    ]),
  };
}

/** What ends a script element, or a line of it, stands as an escape. */
const unsafe = /[<>&\u2028\u2029]/g;

/** JSON for an inline script: no text in it can end the element (`</script>`, `<!--`) or a line. */
export function inlineJson(value: unknown): string {
  return JSON.stringify(value).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
