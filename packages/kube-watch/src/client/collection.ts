import { isTable, tablePage } from '../core/table.ts';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import type { ListRequest, ListPage, WatchRequest, AbortSignalLike } from '../core/watch-transport.ts';
import type { ListResponse } from '../protocol/kube-object.ts';
import type { Projection, WatchTarget } from '../protocol/resource.ts';
import { resourcePath } from '../protocol/resource-path.ts';
import type { KubeHttp } from './http.ts';

/**
 * What the API is asked for (Kubernetes documentation, API concepts, § Resource representations and § Receiving
 * resources as Tables). Plain JSON is the second choice, for types whose server knows no other form.
 */
const accepts: Readonly<Record<Projection, { readonly list: string; readonly watch: string }>> = {
  full: { list: 'application/json', watch: 'application/json' },
  metadata: {
    list: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
    watch: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
  },
  table: {
    list: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    watch: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  },
};

/** The Accept header for a target. */
export function acceptOf(target: WatchTarget, verb: 'list' | 'watch'): string {
  return accepts[target.projection ?? 'full'][verb];
}

/** Path of a target's collection, without a query. */
export function collectionPath({ resource, namespace }: WatchTarget): string {
  return resourcePath({ ...resource, ...(namespace === undefined || namespace === '' ? {} : { namespace }) });
}

function selectorQuery({ labelSelector, fieldSelector }: WatchTarget): URLSearchParams {
  const query = new URLSearchParams();
  if (labelSelector !== undefined && labelSelector !== '') query.set('labelSelector', labelSelector);
  if (fieldSelector !== undefined && fieldSelector !== '') query.set('fieldSelector', fieldSelector);
  return query;
}

/** Path and query of a list. */
export function listPath(request: ListRequest): string {
  const query = selectorQuery(request.target);
  const { limit, continueToken, resourceVersion, resourceVersionMatch } = request;
  if (limit !== undefined) query.set('limit', String(limit));
  if (continueToken !== undefined) query.set('continue', continueToken);
  if (resourceVersion !== undefined && resourceVersion !== '') query.set('resourceVersion', resourceVersion);
  if (resourceVersionMatch !== undefined) query.set('resourceVersionMatch', resourceVersionMatch);
  return withQuery(request.target, query);
}

/** Path and query of a watch. */
export function watchPath(request: WatchRequest): string {
  const query = selectorQuery(request.target);
  query.set('watch', '1');
  query.set('allowWatchBookmarks', 'true');
  query.set('timeoutSeconds', String(request.timeoutSeconds));
  if (request.sendInitialEvents === true) {
    query.set('sendInitialEvents', 'true');
    query.set('resourceVersionMatch', 'NotOlderThan');
  }
  if (request.resourceVersion !== undefined) query.set('resourceVersion', request.resourceVersion);
  return withQuery(request.target, query);
}

function withQuery(target: WatchTarget, query: URLSearchParams): string {
  const text = query.toString();
  return collectionPath(target) + (text === '' ? '' : `?${text}`);
}

/** Lists one page over HTTP. Rejects with a KubeWatchError, also when the answer is no list or does not come (30 s). */
export async function listOverHttp(http: KubeHttp, request: ListRequest, signal: AbortSignalLike): Promise<ListPage> {
  const { target } = request;
  const { cluster, namespace } = target;
  const text = await http.read({
    cluster,
    namespace,
    path: listPath(request),
    init: { headers: { Accept: acceptOf(target, 'list') }, signal: toAbortSignal(signal) },
  });
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    const message = `expected a list in JSON, got ${String(text.length)} characters of something else`;
    throw createKubeWatchError({ code: 'KUBE_MALFORMED', message, cluster, namespace, cause });
  }
  if (isTable(body)) return tablePage(body);
  if (isList(body)) return body;
  const message = `expected a list with metadata and items, got ${describe(body)}`;
  throw createKubeWatchError({ code: 'KUBE_MALFORMED', message, cluster, namespace });
}

function isList(body: unknown): body is ListResponse {
  const list = body as Partial<ListResponse> | null;
  return Array.isArray(list?.items) && typeof list.metadata === 'object';
}

function describe(body: unknown): string {
  return typeof body === 'object' && body !== null
    ? `an object with ${Object.keys(body).slice(0, 8).join(', ')}`
    : typeof body;
}

function toAbortSignal(signal: AbortSignalLike): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  if (signal.aborted) controller.abort();
  signal.addEventListener('abort', () => {
    controller.abort();
  });
  return controller.signal;
}
