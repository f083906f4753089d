import { parseResourcePath, type ResourcePath } from '../protocol/resource-path.ts';
import type { KubePermission } from './types.ts';

/** A request below a cluster, as far as permissions look at it. */
export interface KubeRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** Without `?`. */
  readonly query?: string | undefined;
  /** Whether it asks to leave HTTP. Default false. */
  readonly isUpgrade?: boolean | undefined;
}

/** What a request does: verbs as Kubernetes' own authorisation names them, `connect` for what opens a way into a pod. */
export interface KubeAction {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection' | 'connect';
  /** All of these are needed. */
  readonly permissions: readonly KubePermission[];
  /** Undefined for discovery and health. */
  readonly target: ResourcePath | undefined;
}

interface SubresourceRow {
  /** Resource that it belongs to; undefined for any. */
  readonly resource?: string;
  /** Resources that it leaves out. */
  readonly except?: readonly string[];
  readonly subresource: string;
  readonly methods: readonly string[];
  readonly permissions: readonly KubePermission[];
  readonly verb?: 'connect';
}

const reading = ['GET', 'HEAD'];
const writing = ['POST', 'PUT', 'PATCH', 'DELETE'];
const any = [...reading, ...writing, 'OPTIONS'];

/** Below an object, the first row that fits decides. What has no row is refused. */
const subresources: readonly SubresourceRow[] = [
  // A way into a container or behind a service, whatever the method: browsers open it with GET.
  { subresource: 'exec', methods: any, permissions: ['kube.exec'], verb: 'connect' },
  { subresource: 'attach', methods: any, permissions: ['kube.exec'], verb: 'connect' },
  { subresource: 'portforward', methods: any, permissions: ['kube.exec'], verb: 'connect' },
  { subresource: 'proxy', methods: any, permissions: ['kube.exec'], verb: 'connect' },
  // A debug container runs commands beside the pod's own.
  { subresource: 'ephemeralcontainers', methods: reading, permissions: ['kube.read'] },
  { subresource: 'ephemeralcontainers', methods: writing, permissions: ['kube.write', 'kube.exec'] },
  // The answer is a credential.
  { resource: 'serviceaccounts', subresource: 'token', methods: ['POST'], permissions: ['kube.secrets', 'kube.write'] },
  { resource: 'pods', subresource: 'log', methods: reading, permissions: ['kube.read'] },
  { resource: 'pods', subresource: 'eviction', methods: ['POST'], permissions: ['kube.write'] },
  { resource: 'pods', subresource: 'binding', methods: ['POST'], permissions: ['kube.write'] },
  { resource: 'pods', subresource: 'resize', methods: reading, permissions: ['kube.read'] },
  { resource: 'pods', subresource: 'resize', methods: ['PUT', 'PATCH'], permissions: ['kube.write'] },
  { resource: 'namespaces', subresource: 'finalize', methods: ['PUT'], permissions: ['kube.write'] },
  {
    resource: 'certificatesigningrequests',
    subresource: 'approval',
    methods: reading,
    permissions: ['kube.read'],
  },
  {
    resource: 'certificatesigningrequests',
    subresource: 'approval',
    methods: ['PUT', 'PATCH'],
    // What is approved becomes a certificate to sign in with.
    permissions: ['kube.secrets', 'kube.write'],
  },
  { subresource: 'status', methods: reading, permissions: ['kube.read'] },
  // A pod's or a node's address is its status: whoever writes it leads the API server's own proxy anywhere.
  { except: ['pods', 'nodes'], subresource: 'status', methods: ['PUT', 'PATCH'], permissions: ['kube.write'] },
  { subresource: 'scale', methods: reading, permissions: ['kube.read'] },
  { subresource: 'scale', methods: ['PUT', 'PATCH'], permissions: ['kube.write'] },
];

/** Discovery, schemas and health: read by GET alone. */
const plainPaths: readonly RegExp[] = [
  /^\/apis?$/,
  /^\/api\/[a-z0-9]+$/,
  /^\/apis\/[a-z0-9.-]+$/,
  /^\/apis\/[a-z0-9.-]+\/[a-z0-9]+$/,
  /^\/version$/,
  /^\/openapi\/v[23]$/,
  /^\/openapi\/v3(?:\/[a-z0-9.-]+)+$/,
  /^\/(?:healthz|livez|readyz)(?:\/[A-Za-z0-9.-]+)*$/,
];

/** Reviews that tell a caller about itself; they are POSTs that change nothing. */
const selfReviews = new Set(['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews']);

/** Segments that older API servers gave another meaning: `/api/v1/watch/…`, `/api/v1/proxy/…`, `/api/v1/redirect/…`. */
const legacyPrefixes = new Set(['watch', 'proxy', 'redirect']);

const objectVerbs: Readonly<Record<string, KubeAction['verb']>> = {
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/**
 * What a request needs, from one table for the channels and the proxy alike; undefined refuses. Paths are taken apart by
 * {@link parseResourcePath}, so that none means one thing here and another to the cluster.
 */
export function permissionFor(request: KubeRequest): KubeAction | undefined {
  const { method, path } = request;
  // Only what travels unchanged: anything else could be read differently on the way.
  if (!/^[\x21-\x7e]+$/.test(path) || /[?#\\]/.test(path)) return undefined;
  if (isPlain(path)) {
    if (!reading.includes(method) || request.isUpgrade === true) return undefined;
    return { verb: 'get', permissions: ['kube.read'], target: undefined };
  }
  const target = parseResourcePath(withoutLastSlash(path));
  if (target === undefined || !isWellNamed(target)) return undefined;
  if (path.endsWith('/') && target.subresource !== 'proxy') return undefined;
  if (target.subresource !== undefined) return subresourceAction(request, target, target.subresource);
  if (request.isUpgrade === true && !(method === 'GET' && isWatch(request.query))) return undefined;
  return resourceAction(request, target);
}

function isPlain(path: string): boolean {
  return plainPaths.some((pattern) => pattern.test(path)) && !/\/\.{1,2}(?:\/|$)|\/\//.test(path);
}

/** An application behind a proxied service may tell a path from the same with a slash at its end. */
function withoutLastSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

function isWellNamed({ group, version, resource, subresource }: ResourcePath): boolean {
  if (!/^[a-z0-9]+$/.test(version) || !/^[a-z0-9.-]*$/.test(group ?? '')) return false;
  if (!/^[a-z0-9.-]+$/.test(resource) || legacyPrefixes.has(resource)) return false;
  return subresource === undefined || /^[a-z]+$/.test(subresource);
}

function subresourceAction(request: KubeRequest, target: ResourcePath, subresource: string): KubeAction | undefined {
  const row = subresources.find(
    (candidate) =>
      candidate.subresource === subresource &&
      (candidate.resource === undefined || candidate.resource === target.resource) &&
      candidate.except?.includes(target.resource) !== true &&
      candidate.methods.includes(request.method),
  );
  if (row === undefined) return undefined;
  if (target.rest !== undefined && subresource !== 'proxy') return undefined;
  // Nothing but a way into a container leaves HTTP, and the log, which the API also sends as WebSocket messages.
  if (request.isUpgrade === true && row.verb !== 'connect' && subresource !== 'log') return undefined;
  const permissions = withSecrets(target, row.permissions);
  return { verb: row.verb ?? objectVerbs[request.method] ?? 'create', permissions, target };
}

function resourceAction({ method, query }: KubeRequest, target: ResourcePath): KubeAction | undefined {
  const isReading = reading.includes(method);
  if (isReading) {
    const verb = isWatch(query) ? 'watch' : target.name === undefined ? 'list' : 'get';
    return { verb, permissions: isSecret(target) ? ['kube.secrets'] : ['kube.read'], target };
  }
  if (target.name === undefined) {
    if (method === 'POST' && isSelfReview(target)) return { verb: 'create', permissions: ['kube.read'], target };
    if (method === 'POST') return { verb: 'create', permissions: withSecrets(target, ['kube.write']), target };
    if (method !== 'DELETE') return undefined;
    return { verb: 'deletecollection', permissions: withSecrets(target, ['kube.write']), target };
  }
  const verb = objectVerbs[method];
  if (verb === undefined) return undefined;
  return { verb, permissions: withSecrets(target, ['kube.write']), target };
}

/** Writes answer with the object, and a deletion of a collection with all of them. */
function withSecrets(target: ResourcePath, permissions: readonly KubePermission[]): readonly KubePermission[] {
  if (!isSecret(target) || permissions.includes('kube.secrets')) return permissions;
  return ['kube.secrets', ...permissions.filter((permission) => permission !== 'kube.read')];
}

function isSecret(target: ResourcePath): boolean {
  return target.resource === 'secrets';
}

function isSelfReview({ group, resource, namespace }: ResourcePath): boolean {
  const isReviewGroup = group === 'authorization.k8s.io' || group === 'authentication.k8s.io';
  return isReviewGroup && namespace === undefined && selfReviews.has(resource);
}

/** As k8s.io/apiserver reads it: present and neither `false` nor `0`. */
function isWatch(query: string | undefined): boolean {
  const value = new URLSearchParams(query ?? '').get('watch');
  return value !== null && value !== 'false' && value !== '0';
}

/** Whether an action stays within one namespace; discovery and reviews of oneself do. */
export function isWithin(action: KubeAction, namespace: string): boolean {
  const { target, verb } = action;
  if (target === undefined || isSelfReview(target)) return true;
  if (target.namespace !== undefined) return target.namespace === namespace;
  // The namespace itself may be looked at, by its name.
  const isCore = target.group === undefined;
  return isCore && target.resource === 'namespaces' && target.name === namespace && verb === 'get';
}
