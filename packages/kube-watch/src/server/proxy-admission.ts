import type { IncomingMessage } from 'node:http';
import type { Identity } from '@fleetwire/websocket-core/server';
import type { Impersonation } from './cluster-http.ts';
import type { ClusterRegistry } from './cluster-registry.ts';
import type { ClusterRuntime } from './cluster-runtime.ts';
import { permissionFor } from './kube-permissions.ts';
import { tokenlessQuery } from './proxy-headers.ts';
import type { ProxyFailure } from './status-response.ts';
import { impersonationOf, refusalOf } from './tenancy.ts';
import type { KubeGatewayOptions } from './types.ts';

/** A request that may go to the cluster. */
export interface Admitted {
  readonly cluster: ClusterRuntime;
  /** Below the cluster, with the query that it gets. */
  readonly path: string;
  readonly impersonate: Impersonation | undefined;
  /** Its answer may take for ever to begin: the log of a quiet pod, or whatever is behind a proxied service. */
  readonly isPatient: boolean;
  /** What answers is the cluster's API, whose 401 is about the cluster's credentials; not what is behind a proxied service. */
  readonly isApi: boolean;
  /** Where a `Location` of the cluster's answer is here; undefined for what is not below the cluster. */
  readonly locationOf: (location: string) => string | undefined;
}

/** Decides on a proxied request: tenancy first, by the verified identity and the name alone, then the table of permissions, then the breaker. */
export function admit<I extends Identity>(
  policy: Pick<KubeGatewayOptions<I>, 'can' | 'confinedTo' | 'impersonation'>,
  registry: ClusterRegistry,
  request: {
    readonly message: IncomingMessage;
    readonly identity: I;
    readonly cluster: string;
    readonly path: string;
    readonly isUpgrade: boolean;
  },
): Admitted | ProxyFailure {
  const { identity, isUpgrade } = request;
  const cluster = registry.find(identity, request.cluster);
  if (cluster === undefined) return { code: 404, message: `cluster ${JSON.stringify(request.cluster)} not found` };
  const start = request.path.indexOf('?');
  const path = start === -1 ? request.path : request.path.slice(0, start);
  const query = start === -1 ? '' : tokenlessQuery(request.path.slice(start + 1));
  const method = request.message.method ?? '';
  if (!/^[\x21-\x7e]*$/.test(query) || query.includes('#')) return { code: 400, message: 'the query is not encoded' };
  const action = permissionFor({ method, path, query, isUpgrade });
  if (action === undefined) {
    return { code: 403, message: `${method} ${path.slice(0, 200)} is not among what this proxy serves` };
  }
  const refusal = refusalOf(policy, cluster.definition, identity, action);
  if (refusal !== undefined) {
    const why =
      'permission' in refusal
        ? `needs the permission ${refusal.permission}`
        : `is outside of the namespace ${refusal.namespace}`;
    return { code: 403, message: `${method} ${path.slice(0, 200)} ${why}` };
  }
  if (cluster.breaker.isOpen) return { code: 502, message: cluster.info.message ?? 'the cluster does not answer' };
  const url = request.message.url ?? '';
  const mount = url.endsWith(request.path) ? url.slice(0, url.length - request.path.length) : undefined;
  return {
    cluster,
    path: query === '' ? path : `${path}?${query}`,
    locationOf: (location) => {
      const below = cluster.http.pathOf(location, path);
      return below === undefined || mount === undefined ? undefined : mount + below;
    },
    impersonate: impersonationOf(policy, cluster.definition, identity),
    isPatient: action.verb === 'connect' || action.target?.subresource === 'log',
    isApi: action.target?.subresource !== 'proxy',
  };
}
