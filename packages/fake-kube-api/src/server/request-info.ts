/** What a path of a resource means, as the API server's RequestInfo names it. */
export interface ResourceRequest {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly isWatch: boolean;
  /** What the authoriser is asked: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`. */
  readonly verb: string;
}

const WRITE_VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'patch' };

function verbOf(method: string, hasName: boolean, isWatch: boolean): string {
  if (method === 'DELETE') return hasName ? 'delete' : 'deletecollection';
  const write = WRITE_VERBS[method];
  if (write !== undefined) return write;
  if (method !== 'GET' && method !== 'HEAD') return method.toLowerCase();
  return hasName ? 'get' : isWatch ? 'watch' : 'list';
}

/** Whether a query asks for a watch: present, and not a clear no. */
export const isTrue = (value: string | null | undefined): boolean =>
  value !== null && value !== undefined && value !== '0' && value.toLowerCase() !== 'false';

/**
 * Reads `/api/v1/…` and `/apis/{group}/{version}/…` (Kubernetes documentation, API concepts, § Resource URIs). Undefined
 * for every other path, and for a group or version alone.
 */
export function parseResourcePath(method: string, path: string, query: URLSearchParams): ResourceRequest | undefined {
  const parts = path.split('/').slice(1).map(decoded);
  if (parts.at(-1) === '') parts.pop();
  const prefix = parts.shift();
  const group = prefix === 'apis' ? parts.shift() : prefix === 'api' ? '' : undefined;
  const version = parts.shift();
  if (group === undefined || version === undefined || parts.length === 0 || parts.includes('')) return undefined;
  const isOldWatch = parts[0] === 'watch' && parts.length > 1;
  if (isOldWatch) parts.shift();
  let namespace: string | undefined;
  // `/namespaces/a/pods` is inside a namespace; `/namespaces/a` and its subresources are the namespace itself.
  if (parts[0] === 'namespaces' && parts.length > 2 && parts[2] !== 'status' && parts[2] !== 'finalize') {
    namespace = parts[1];
    parts.splice(0, 2);
  }
  const [resource = '', name, ...rest] = parts;
  const isWatch = method === 'GET' && name === undefined && (isOldWatch || isTrue(query.get('watch')));
  return {
    group,
    version,
    resource,
    namespace: namespace ?? (resource === 'namespaces' ? name : undefined),
    name,
    subresource: rest.length === 0 ? undefined : rest.join('/'),
    isWatch,
    verb: verbOf(method, name !== undefined, isWatch),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
