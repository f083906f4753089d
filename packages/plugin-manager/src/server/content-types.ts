const text = '; charset=utf-8';

/** By extension, in lower case (https://www.iana.org/assignments/media-types). Pages are not among them: nothing of a plugin is opened by itself. */
const types: ReadonlyMap<string, string> = new Map([
  ['js', `text/javascript${text}`],
  ['mjs', `text/javascript${text}`],
  ['css', `text/css${text}`],
  ['json', 'application/json'],
  ['map', 'application/json'],
  ['txt', `text/plain${text}`],
  ['md', `text/markdown${text}`],
  ['svg', 'image/svg+xml'],
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
  ['ico', 'image/vnd.microsoft.icon'],
  ['woff', 'font/woff'],
  ['woff2', 'font/woff2'],
  ['ttf', 'font/ttf'],
  ['otf', 'font/otf'],
  ['wasm', 'application/wasm'],
]);

/** The media type of a file by its name; of a name that says nothing, bytes. */
export function contentTypeOf(path: string): string {
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase();
  return (extension === undefined ? undefined : types.get(extension)) ?? 'application/octet-stream';
}

/** Whether compression makes files of a type smaller; pictures and fonts are compressed already. */
export function isCompressible(contentType: string): boolean {
  return /^text\/|^application\/(?:json|wasm)$|\+xml$/.test(contentType) || /^font\/[ot]tf$/.test(contentType);
}
