import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Clock } from '@fleetwire/websocket-core';
import { pathOf, type Logger } from '@fleetwire/websocket-core/server';
import { pluginIdOfFolder } from '../core/state/folder-names.ts';
import type { PluginManager } from '../node/plugin-manager-interface.ts';
import type { OpenedFile } from '../node/store/plugin-store.ts';
import { PluginError } from '../protocol/error.ts';
import { contentTypeOf, isCompressible } from './content-types.ts';
import { createFileSends } from './file-sends.ts';
import { createGzipCache, maxGzipSource, type GzipCache } from './gzip-cache.ts';

/** What the files are served from. */
export interface PluginFilesOptions {
  readonly manager: Pick<PluginManager, 'openFile'>;
  readonly logger: Logger;
  /** Path that the files are below, without a slash at its end. */
  readonly publicPath: string;
  readonly clock: Clock;
  /** Whose share of the places a request takes one of. */
  readonly clientOf: (request: IncomingMessage) => string;
}

/** The files of plugins, as they are served. */
export interface PluginFiles {
  readonly handleRequest: HandleRequest;
  /** Waits for nobody who does not read, from now on. */
  drain(): void;
  dispose(): void;
}

/** Serves a request whose path is its own; false leaves it to the next. */
export type HandleRequest = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A shorter file gains less by compression than its header takes. */
const minCompressedBytes = 1_024;

/** Files whose failure was logged and is not again, for as long as it is the same. */
const maxKnownFailures = 1_000;

/** Until a place is likely free again: slow readers are cut after as long where others wait. */
const retryAfterSeconds = 5;

/** As much is handed to the network at once, so that it is seen how much of it a reader has taken. */
const chunkBytes = 65_536;

interface FileAddress {
  readonly pluginId: string;
  readonly build: string;
  readonly path: string;
}

/**
 * Serves `<publicPath>/<source>~<repo>~<name>/<build>/<path>`: files that a receipt names, and nothing else. There is no
 * listing of folders, and a path is compared with those of the receipt, never looked up on the disk. Builds are named after
 * their receipt's digest, so that an answer is good for ever.
 *
 * Paths of at most one segment below `publicPath` are not its own: they are views of the dashboard.
 *
 * Anybody may ask, so what an answer costs is bounded: how many are under way, of all and of one client, how slowly they
 * are read (see `FileSends`), and how often the same file is compressed.
 */
export function createPluginFiles(options: PluginFilesOptions): PluginFiles {
  const { manager, logger, publicPath, clock, clientOf } = options;
  const sends = createFileSends(clock);
  const gzips = createGzipCache();
  const failures = new Map<string, string>();

  /** Once for each file and what is wrong with it: strangers do not fill the log. */
  function logFailure(address: FileAddress, err: unknown): void {
    const key = JSON.stringify(address);
    if (failures.get(key) === String(err)) return;
    if (failures.size >= maxKnownFailures) failures.clear();
    failures.set(key, String(err));
    logger.error({ err, ...address }, 'a file of a plugin cannot be served');
  }

  const handleRequest: HandleRequest = (request, response) => {
    const path = pathOf(request.url ?? '');
    const isView = path === publicPath || /^\/[^/]*\/?$/.test(path.slice(publicPath.length));
    if (!path.startsWith(publicPath) || isView || path.charAt(publicPath.length) !== '/') return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuse(response, 405, 'expected GET or HEAD', { Allow: 'GET, HEAD' });
      return true;
    }
    const address = addressOf(path.slice(publicPath.length + 1));
    if (address === undefined) {
      refuse(response, 404, 'no plugin has such a file');
      return true;
    }
    void serve(request, response, address);
    return true;
  };

  async function serve(request: IncomingMessage, response: ServerResponse, address: FileAddress): Promise<void> {
    const outcome = await sends.begin(response, clientOf(request));
    if (outcome === 'gone') return;
    if (outcome === 'refused') {
      refuse(response, 503, 'too many files of plugins are sent now', { 'Retry-After': String(retryAfterSeconds) });
      return;
    }
    try {
      const opened = await manager.openFile(address.pluginId, address.build, address.path);
      await send(request, response, opened, { logger, gzips });
    } catch (error) {
      const isMissing = error instanceof PluginError && missing.has(error.code);
      if (!isMissing) logFailure(address, error);
      if (response.headersSent) response.destroy();
      else if (isMissing) refuse(response, 404, 'no plugin has such a file');
      else refuse(response, 500, 'the file cannot be read as it was installed');
    }
  }

  return {
    handleRequest,
    drain() {
      sends.drain();
    },
    dispose() {
      sends.dispose();
    },
  };
}

/** Also what the policy lets nobody load: why is for the list of plugins to say. */
const missing: ReadonlySet<string> = new Set([
  ...['E_NOT_FOUND', 'E_NOT_INSTALLED', 'E_NAME_INVALID', 'E_NAME_REQUIRED'],
  ...['E_PLUGIN_DENIED', 'E_KEY_REVOKED', 'E_KEY_UNKNOWN', 'E_SIGNATURE_MISSING'],
]);

/** What a path names; undefined where it can be the address of no file. Each segment is decoded once. */
function addressOf(path: string): FileAddress | undefined {
  const segments: string[] = [];
  for (const written of path.split('/')) {
    const segment = decode(written);
    if (segment === undefined || /^\.{0,2}$|[/\\\0]/.test(segment)) return undefined;
    segments.push(segment);
  }
  const [folder = '', build, ...names] = segments;
  const pluginId = pluginIdOfFolder(folder);
  if (pluginId === undefined || build === undefined || names.length === 0) return undefined;
  return { pluginId, build, path: names.join('/') };
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  opened: OpenedFile,
  { logger, gzips }: { readonly logger: Logger; readonly gzips: GzipCache },
): Promise<void> {
  const { file, content } = opened;
  const type = contentTypeOf(file.path);
  const mayCompress = isCompressible(type) && file.size >= minCompressedBytes && file.size <= maxGzipSource;
  const isCompressed = mayCompress && takesGzip(request.headers['accept-encoding']);
  // Each form of a file has a tag of its own (RFC 9110 section 8.8.3).
  const etag = `"${file.sha256}${isCompressed ? '-gzip' : ''}"`;
  const headers: Record<string, string | number> = {
    ...safeHeaders,
    'Cache-Control': 'public, max-age=31536000, immutable',
    ETag: etag,
    ...(mayCompress ? { Vary: 'Accept-Encoding' } : {}),
  };
  if (isKnown(request.headers['if-none-match'], etag)) {
    content.destroy();
    response.writeHead(304, headers).end();
    return;
  }
  headers['Content-Type'] = type;
  if (isCompressed) headers['Content-Encoding'] = 'gzip';
  else headers['Content-Length'] = file.size;
  if (request.method === 'HEAD') {
    content.destroy();
    response.writeHead(200, headers).end();
    return;
  }
  if (isCompressed) {
    let isRead = false;
    try {
      const body = await gzips.get(file.sha256, () => {
        isRead = true;
        return buffer(content);
      });
      headers['Content-Length'] = body.length;
      response.writeHead(200, headers);
      sendAll(Readable.from(chunksOf(body)));
    } finally {
      // Also where the reading of another request failed.
      if (!isRead) content.destroy();
    }
    return;
  }
  response.writeHead(200, headers);
  sendAll(content);

  function sendAll(stream: Readable): void {
    // `pipeline` throws then, and leaves the file open: the collector would end the process for it.
    if (response.destroyed || response.closed) {
      content.destroy();
      return;
    }
    pipeline(stream, response, (error) => {
      // A client that goes away in the middle is no fault of the file.
      if (error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE')
        logger.error({ err: error, path: file.path }, 'a file of a plugin could not be sent');
    });
  }
}

function* chunksOf(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += chunkBytes) yield body.subarray(at, at + chunkBytes);
}

/** A document among the files (a page, a picture with scripts) runs nothing where somebody opens it by itself. */
const safeHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
};

/** Whether `Accept-Encoding` names gzip, and not with a weight of 0 (RFC 9110 section 12.5.3). */
function takesGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((coding) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding));
}

/** Whether `If-None-Match` names the tag (RFC 9110 section 13.1.2). */
function isKnown(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.some((tag) => tag === '*' || tag === etag);
}

const titles = {
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;
const codes = { 404: 'NOT_FOUND', 405: 'UNKNOWN_METHOD', 500: 'INTERNAL', 503: 'UNAVAILABLE' } as const;

/** Problem details (RFC 9457); not kept, since the file may be there after the next install. */
function refuse(
  response: ServerResponse,
  status: keyof typeof titles,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify({ type: 'about:blank', title: titles[status], status, detail, code: codes[status] });
  response.writeHead(status, {
    ...safeHeaders,
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
