import { createHash } from 'node:crypto';
import type { Identity } from '@fleetwire/websocket-core/server';
import type { Impersonation } from './cluster-http.ts';
import type { ClusterDefinition, KubeGatewayOptions, KubePermission } from './types.ts';
import { isWithin, type KubeAction } from './kube-permissions.ts';

type Policy<I extends Identity> = Pick<KubeGatewayOptions<I>, 'can' | 'confinedTo' | 'impersonation'>;

/** Whether the organisation has the cluster. For others it does not exist. */
export function belongsTo(cluster: ClusterDefinition, orgId: string): boolean {
  return cluster.orgs.includes(orgId);
}

/**
 * Who requests of this identity run as on the cluster; undefined for the cluster's own credentials. Throws a TypeError
 * for a user without a name: an empty `Impersonate-User` would mean those.
 */
export function impersonationOf<I extends Identity>(
  policy: Policy<I>,
  cluster: ClusterDefinition,
  identity: I,
): Impersonation | undefined {
  if (cluster.identity === 'shared') return undefined;
  const { user, groups } = policy.impersonation(identity);
  if (user === '') throw new TypeError(`impersonation: expected a name for user ${identity.userId}, got ''`);
  return { user, groups: [...groups].sort() };
}

/**
 * Why the identity may not do this, or undefined when it may. `permission` is one that it lacks, `namespace` the one
 * that it is confined to.
 */
export function refusalOf<I extends Identity>(
  policy: Policy<I>,
  cluster: ClusterDefinition,
  identity: I,
  action: KubeAction,
): { readonly permission: KubePermission } | { readonly namespace: string } | undefined {
  for (const permission of action.permissions) if (!policy.can(identity, permission)) return { permission };
  const namespace = policy.confinedTo?.(identity, cluster.name);
  return namespace === undefined || isWithin(action, namespace) ? undefined : { namespace };
}

/** What feeds are shared by: the organisation, then the identity that the cluster sees. */
export interface FeedScope {
  readonly orgId: string;
  readonly identityKey: string;
  readonly impersonate: Impersonation | undefined;
}

/** The scope as a key, and back: a feed is opened by its key alone. */
export function encodeScope({ orgId, identityKey, impersonate }: FeedScope): string {
  // Credentials may be part of the identity's key; keys reach logs and metrics.
  const hash = createHash('sha256').update(identityKey).digest('base64url');
  return JSON.stringify([orgId, hash, ...(impersonate === undefined ? [] : [impersonate.user, impersonate.groups])]);
}

/** What {@link encodeScope} put into the key, but for what it hashed. */
export function decodeScope(scopeKey: string): {
  readonly orgId: string;
  readonly impersonate: Impersonation | undefined;
} {
  const [orgId, , user, groups] = JSON.parse(scopeKey) as [string, string, string?, string[]?];
  return { orgId, impersonate: user === undefined ? undefined : { user, groups: groups ?? [] } };
}
