// A cluster of many pods that change at a steady rate. It answers what the dashboard asks for with what a real API server
// answered (fixtures/kubernetes), made larger: what the page does with it is what is measured.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { answerCalls } from '../child-calls.ts';
import { listStart } from './pods.ts';

interface Table {
  readonly columnDefinitions: readonly { readonly name: string }[];
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: { readonly metadata: object } }[];
}

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../../fixtures/kubernetes/${name}`, import.meta.url));
const recorded: Readonly<Record<string, Buffer>> = {
  '/version': fixture('version.json'),
  '/api': fixture('api.json'),
  '/api/v1': fixture('api-v1.json'),
  '/apis': fixture('apis.json'),
  '/apis/apps/v1': fixture('apis-apps-v1.json'),
};
const { columnDefinitions, rows } = JSON.parse(fixture('table-pods.json').toString()) as Table;
const [template] = rows;
if (template === undefined) throw new Error('expected a row in table-pods.json');
const [nameAt, restartsAt] = ['Name', 'Restarts'].map((name) =>
  columnDefinitions.findIndex((one) => one.name === name),
);

const namespace = 'shop';
/** Pods of a namespace: they take one page of the answer after another. */
const restarts = new Uint32Array(Number(process.argv[2]));
const tickMs = 10;
let version = listStart;
let sent = 0;
let seed = 1;
const watches = new Set<ServerResponse>();

function row(index: number): object {
  const name = `web-${String(index).padStart(6, '0')}`;
  const cells = template?.cells.map((cell, at) =>
    at === nameAt ? name : at === restartsAt ? String(restarts[index]) : cell,
  );
  const metadata = {
    ...template?.object.metadata,
    name,
    namespace,
    uid: `uid-${name}`,
    resourceVersion: String(version),
  };
  return { cells, object: { ...template?.object, metadata } };
}

function table(of: readonly object[], metadata: object, columns = columnDefinitions): object {
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: columns, rows: of };
}

/** A page of the list; `continue` is where the next begins. */
function page({ searchParams }: URL): string {
  const from = Number(searchParams.get('continue') ?? 0);
  const to = Math.min(restarts.length, from + Number(searchParams.get('limit') ?? restarts.length));
  const rest = to < restarts.length ? { continue: String(to), remainingItemCount: restarts.length - to } : {};
  const some = Array.from({ length: to - from }, (_, index) => row(from + index));
  return JSON.stringify(table(some, { resourceVersion: String(version), ...rest }));
}

/** Another number of restarts for a pod anywhere, so that a list sorted by them moves its row far. */
function change(): void {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  const index = (seed >>> 8) % restarts.length;
  restarts[index] = (seed >>> 4) % 1_000;
  version += 1;
  const line = `${JSON.stringify({ type: 'MODIFIED', object: table([row(index)], { resourceVersion: String(version) }, []) })}\n`;
  for (const watch of watches) watch.write(line);
  sent += 1;
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const found = recorded[url.pathname];
  response.setHeader('Content-Type', 'application/json');
  if (found !== undefined) response.end(found);
  else if (url.searchParams.has('watch')) {
    response.flushHeaders();
    if (!url.pathname.endsWith('/pods')) return;
    watches.add(response);
    response.on('close', () => watches.delete(response));
  } else if (url.pathname.endsWith('/pods')) response.end(page(url));
  else if (url.pathname === '/api/v1/namespaces') response.end(JSON.stringify(table([], { resourceVersion: '1' })));
  else {
    response.statusCode = 404;
    response.end('{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}');
  }
}

const server = createServer(answer);
let changing: NodeJS.Timeout | undefined;

answerCalls({
  listen: () =>
    new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        resolve((server.address() as AddressInfo).port);
      });
    }),
  start({ perSecond }: { perSecond: number }) {
    const [startedAt, before] = [performance.now(), sent];
    changing = setInterval(() => {
      const due = ((performance.now() - startedAt) * perSecond) / 1_000;
      while (sent - before < due) change();
    }, tickMs);
  },
  /** Stops to change them and says how many changes there were. */
  stop() {
    clearInterval(changing);
    return sent;
  },
});
