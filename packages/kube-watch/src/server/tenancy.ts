import { createHash } from 'node:crypto';
import type { Identity } from '@fleetwire/websocket-core/server';
import type { Impersonation } from './cluster-http.ts';
import type { ClusterDefinition, ClusterOwner, KubeGatewayOptions, KubePermission } from './types.ts';
import { isWithin, type KubeAction } from './kube-permissions.ts';

type Policy<I extends Identity> = Pick<KubeGatewayOptions<I>, 'can' | 'confinedTo' | 'impersonation'>;

/** Whether the organisation has the cluster. For others it does not exist; one of a user is no organisation's. */
export function belongsTo(cluster: ClusterDefinition, orgId: string): boolean {
  return cluster.owner === undefined && cluster.orgs.includes(orgId);
}

/** One user in one organisation, as a key. */
export function ownerKey({ orgId, userId }: ClusterOwner): string {
  return JSON.stringify([orgId, userId]);
}

/** What a cluster is told from all others by: users may give theirs any name that another one has. */
export function clusterKey({ name, owner }: Pick<ClusterDefinition, 'name' | 'owner'>): string {
  return JSON.stringify(owner === undefined ? [name] : [name, ownerKey(owner)]);
}

/** A cluster in a line of the log. */
export function loggedCluster({ name, owner }: Pick<ClusterDefinition, 'name' | 'owner'>): object {
  return owner === undefined ? { cluster: name } : { cluster: name, orgId: owner.orgId, userId: owner.userId };
}

/**
 * Who requests of this identity run as on the cluster; undefined for the cluster's own credentials, which on a cluster
 * of a user are that user's. Throws a TypeError for a user without a name: an empty `Impersonate-User` would mean those.
 */
export function impersonationOf<I extends Identity>(
  policy: Policy<I>,
  cluster: ClusterDefinition,
  identity: I,
): Impersonation | undefined {
  if (cluster.identity === 'shared' || cluster.owner !== undefined) return undefined;
  const { user, groups } = policy.impersonation(identity);
  if (user === '') throw new TypeError(`impersonation: expected a name for user ${identity.userId}, got ''`);
  return { user, groups: [...groups].sort() };
}

/**
 * Why the identity may not do this, or undefined when it may. `permission` is one that it lacks, `namespace` the one
 * that it is confined to: it is a part of an organisation's cluster, and does not count on one that a user has.
 */
export function refusalOf<I extends Identity>(
  policy: Policy<I>,
  cluster: ClusterDefinition,
  identity: I,
  action: KubeAction,
): { readonly permission: KubePermission } | { readonly namespace: string } | undefined {
  for (const permission of action.permissions) if (!policy.can(identity, permission)) return { permission };
  const namespace = cluster.owner === undefined ? policy.confinedTo?.(identity, cluster.name) : undefined;
  return namespace === undefined || isWithin(action, namespace) ? undefined : { namespace };
}

/** What feeds are shared by: the organisation, the user whose cluster it is, then the identity that the cluster sees. */
export interface FeedScope {
  readonly orgId: string;
  /** Undefined for a cluster of the organisation. */
  readonly ownerId: string | undefined;
  readonly identityKey: string;
  readonly impersonate: Impersonation | undefined;
}

/** The scope as a key, and back: a feed is opened by its key alone. */
export function encodeScope({ orgId, ownerId, identityKey, impersonate }: FeedScope): string {
  // Credentials may be part of the identity's key; keys reach logs and metrics.
  const hash = createHash('sha256').update(identityKey).digest('base64url');
  const runsAs = impersonate === undefined ? [] : [impersonate.user, impersonate.groups];
  return JSON.stringify([orgId, ownerId ?? null, hash, ...runsAs]);
}

/** What {@link encodeScope} put into the key, but for what it hashed. */
export function decodeScope(scopeKey: string): Omit<FeedScope, 'identityKey'> {
  type Encoded = [orgId: string, ownerId: string | null, hash: string, user?: string, groups?: string[]];
  const [orgId, ownerId, , user, groups] = JSON.parse(scopeKey) as Encoded;
  const impersonate = user === undefined ? undefined : { user, groups: groups ?? [] };
  return { orgId, ownerId: ownerId ?? undefined, impersonate };
}
