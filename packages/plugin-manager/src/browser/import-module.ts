/** What is to be imported: a path of the page's origin, and what its bytes must come to. */
export interface ModuleSource {
  readonly url: string;
  /** Subresource Integrity, `sha384-…`. */
  readonly integrity: string;
}

/** Imports a module; rejects with what linking or evaluating it threw. */
export type ImportModule = (source: ModuleSource) => Promise<unknown>;

/** Where a module goes into. */
export interface ModuleImporterOptions {
  readonly document: Document;
  /** Of the page's Content-Security-Policy. */
  readonly nonce?: string | undefined;
  /** Default: the page's `import()`. */
  readonly importUrl?: ((url: string) => Promise<unknown>) | undefined;
}

/**
 * How a page imports a plugin that its import map does not know. A `modulepreload` link with `integrity` puts the module
 * into the page's module map, so that the browser itself compares the very bytes that `import()` of the same URL then
 * evaluates (https://html.spec.whatwg.org/multipage/links.html#link-type-modulepreload). It needs `script-src` with
 * 'self' or the nonce; no `blob:`, no eval and no inline script, and errors and source maps show the real URL.
 *
 * A browser that does not know the link imports the URL alone: its bytes were compared a moment before, and the URL is
 * immutable.
 */
export function createModuleImporter(options: ModuleImporterOptions): ImportModule {
  const { document, nonce, importUrl = (url: string) => import(/* @vite-ignore */ url) as Promise<unknown> } = options;
  return async ({ url, integrity }) => {
    const absolute = new URL(url, document.baseURI).href;
    await preload(document, absolute, integrity, nonce);
    return importUrl(absolute);
  };
}

function preload(document: Document, url: string, integrity: string, nonce: string | undefined): Promise<void> {
  const link = document.createElement('link');
  // Absent from the DOM of some test environments.
  const tokens = link.relList as DOMTokenList | undefined;
  if (tokens?.supports?.('modulepreload') !== true) return Promise.resolve();
  return new Promise<void>((resolve, reject) => {
    link.rel = 'modulepreload';
    link.href = url;
    link.integrity = integrity;
    if (nonce !== undefined) link.nonce = nonce;
    link.addEventListener('load', () => {
      resolve();
    });
    link.addEventListener('error', () => {
      reject(new Error('the browser refused the module: its bytes changed, or the policy of the page forbids it'));
    });
    document.head.append(link);
  }).finally(() => {
    link.remove();
  });
}
