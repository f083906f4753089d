import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { archivePath, detailOf, indexOf, summaryOf, type CatalogPackage } from './catalog-package.ts';

/** What the server does in place of its answer. */
export type CatalogFault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'html' }
  | { readonly kind: 'not-json' }
  /** This body, whatever it is. */
  | { readonly kind: 'body'; readonly body: string | Uint8Array; readonly type?: string }
  /** JSON of this value. */
  | { readonly kind: 'json'; readonly value: unknown }
  /** The detail of the package that stands first in the catalog. */
  | { readonly kind: 'other-package' }
  /** A body of this many bytes, with no length said before. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** A byte of the right answer each interval. */
  | { readonly kind: 'slow'; readonly intervalMs: number }
  /** Half of the right answer, and the rest once the fault is undone. */
  | { readonly kind: 'held' }
  /** Nothing at all. */
  | { readonly kind: 'silent' }
  /** Half of the right answer, then the connection is cut. */
  | { readonly kind: 'reset' }
  /** Half of the right answer, then nothing for ever. */
  | { readonly kind: 'stall' }
  /** The right answer, and a length that says more; then the connection ends. */
  | { readonly kind: 'short' }
  /** The head of an answer that says to have this many bytes, and none of them. */
  | { readonly kind: 'declared'; readonly bytes: number }
  | { readonly kind: 'redirect'; readonly location: string };

/** A demo runs for weeks. */
const maxRequests = 10_000;

/** A running catalog server. */
export interface CatalogServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Path and query of each request, oldest first; of more than 10,000, the newest. */
  readonly requests: readonly string[];
  /** Adds packages, or replaces those of the same repository and name. */
  put(...packages: readonly CatalogPackage[]): void;
  /** Answers of paths that begin so are faulty from now on, until `times` requests had them. Returns the undo. */
  fail(pathPrefix: string, fault: CatalogFault, times?: number): () => void;
  dispose(): Promise<void>;
}

interface ActiveFault {
  readonly prefix: string;
  readonly fault: CatalogFault;
  /** Requests that it is still for. */
  left: number;
  /** Each sends the rest of an answer. */
  readonly held: (() => void)[];
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

const json = (value: unknown, headers: Readonly<Record<string, string>> = {}, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
const notFound = json({ message: 'not found' }, {}, 404);

/**
 * A catalog on this machine that speaks Artifact Hub's API for Headlamp plugins (search with at most 60 a page, package
 * detail with and without a version), serves the archives and a static `/index.json`, and fails on demand.
 */
export async function createCatalogServer(packages: readonly CatalogPackage[] = []): Promise<CatalogServer> {
  const catalog = new Map<string, CatalogPackage>();
  const requests: string[] = [];
  let faults: ActiveFault[] = [];
  const put = (...added: readonly CatalogPackage[]): void => {
    for (const item of added) catalog.set(`${item.repo}/${item.name}`, item);
  };
  put(...packages);

  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    requests.push(path);
    if (requests.length > maxRequests) requests.shift();
    const active = faults.find(({ prefix, left }) => left > 0 && path.startsWith(prefix));
    const answer = answerTo(new URL(path, url), [...catalog.values()], url);
    if (active === undefined) {
      send(response, answer);
      return;
    }
    active.left -= 1;
    failWith(active, answer, request, response, [...catalog.values()], url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;

  return {
    url,
    requests,
    put,
    fail(prefix, fault, times = Number.POSITIVE_INFINITY) {
      const added: ActiveFault = { prefix, fault, left: times, held: [] };
      faults = [added, ...faults];
      return () => {
        faults = faults.filter((other) => other !== added);
        for (const release of added.held.splice(0)) release();
      };
    },
    async dispose() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerTo({ pathname, searchParams }: URL, catalog: readonly CatalogPackage[], origin: string): Answer {
  if (pathname === '/index.json') return json(indexOf(catalog, origin));
  if (pathname === '/api/v1/packages/search') return searchAnswer(searchParams, catalog);
  for (const item of catalog) {
    const detail = `/api/v1/packages/headlamp/${item.repo}/${item.name}`;
    for (const [index, version] of item.versions.entries()) {
      const isAsked = pathname === `${detail}/${encodeURIComponent(version.version)}`;
      if (isAsked || (index === 0 && pathname === detail)) return json(detailOf(item, version, origin));
      if (pathname === archivePath(item, version))
        return { status: 200, headers: { 'content-type': 'application/gzip' }, body: version.archive };
    }
  }
  return notFound;
}

function searchAnswer(parameters: URLSearchParams, catalog: readonly CatalogPackage[]): Answer {
  const limit = Number(parameters.get('limit') ?? '20');
  const offset = Number(parameters.get('offset') ?? '0');
  const isPage = Number.isInteger(limit) && limit >= 1 && limit <= 60 && Number.isInteger(offset) && offset >= 0;
  if (!isPage) return json({ message: 'invalid input: limit or offset' }, {}, 400);
  const words = (parameters.get('ts_query_web') ?? '').toLowerCase();
  const isKind = [null, '21'].includes(parameters.get('kind'));
  const found = catalog.filter(
    ({ name, title = '', description = '' }) =>
      isKind && [name, title, description].some((field) => field.toLowerCase().includes(words)),
  );
  const page = found.slice(offset, offset + limit).map((item) => summaryOf(item));
  return json({ packages: page }, { 'pagination-total-count': String(found.length) });
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

function failWith(
  { fault, held }: ActiveFault,
  answer: Answer,
  request: IncomingMessage,
  response: ServerResponse,
  catalog: readonly CatalogPackage[],
  origin: string,
): void {
  const [first] = catalog;
  const body = Buffer.from(answer.body);
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status, fault.headers).end();
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
      return;
    case 'not-json':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"name": ');
      return;
    case 'body':
      response.writeHead(200, { 'content-type': fault.type ?? 'application/json' }).end(fault.body);
      return;
    case 'json':
      send(response, json(fault.value));
      return;
    case 'other-package':
      send(response, first === undefined ? notFound : json(detailOf(first, first.versions[0], origin)));
      return;
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' });
      writeMany(response, fault.bytes);
      return;
    case 'slow': {
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
      let sent = 0;
      const timer = setInterval(() => {
        response.write(body.subarray(sent, sent + 1));
        sent += 1;
        if (sent >= body.length) response.end();
      }, fault.intervalMs);
      response.once('finish', () => clearInterval(timer)).once('close', () => clearInterval(timer));
      return;
    }
    case 'held': {
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
      const half = Math.floor(body.length / 2);
      response.write(body.subarray(0, half));
      held.push(() => response.end(body.subarray(half)));
      return;
    }
    case 'silent':
      return;
    case 'reset':
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => request.socket.destroy());
      return;
    case 'stall':
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
      response.write(body.subarray(0, Math.floor(body.length / 2)));
      return;
    case 'short':
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length + 1_000 });
      response.write(body, () => request.socket.end());
      return;
    case 'declared':
      response.writeHead(200, { ...answer.headers, 'content-length': fault.bytes }).flushHeaders();
      return;
    case 'redirect':
      response.writeHead(302, { location: fault.location }).end();
      return;
  }
}

/** Writes as fast as the other side reads, so that the memory stays small. */
function writeMany(response: ServerResponse, bytes: number): void {
  const chunk = Buffer.alloc(65_536, 0x20);
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      const next = chunk.subarray(0, Math.min(left, chunk.length));
      left -= next.length;
      if (!response.write(next)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}
