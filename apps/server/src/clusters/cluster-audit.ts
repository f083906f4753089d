import { permissionFor, type KubeAction } from '@fleetwire/kube-watch/server';
import type { AuditRecord } from '../access/audit-log.ts';
import { can } from '../access/permissions.ts';
import type { UserIdentity } from '../accounts/access-token.ts';

/** Longest path that an entry holds. */
const maxPathLength = 500;

/** What somebody does on a cluster; `path` may have a query. */
interface ClusterUse {
  readonly identity: UserIdentity;
  readonly cluster: string;
  readonly path: string;
  /** The user has it alone: its name says nothing of the organisation's clusters. */
  readonly isOwn: boolean;
}

/** What a request does. `isUpgrade` is what its parser took it for: a header that names one makes none. */
export function actionOf(method: string, url: string, isUpgrade: boolean): KubeAction | undefined {
  const start = url.indexOf('?');
  const path = start === -1 ? url : url.slice(0, start);
  return permissionFor({ method, path, query: start === -1 ? '' : url.slice(start + 1), isUpgrade });
}

/**
 * What the audit log says of a use of a cluster before it goes there: changes, ways into pods, reads of secrets, and
 * those of them that the role does not allow (`denied`). Undefined for the other reads, which are many, and for what the
 * gateway serves to nobody. The query is left out: it may hold what is typed.
 */
export function auditRecordOf(
  { identity, cluster, path, isOwn }: ClusterUse,
  action: KubeAction | undefined,
): { readonly record: AuditRecord; readonly denied: boolean } | undefined {
  if (action === undefined || action.permissions.every((permission) => permission === 'kube.read')) return undefined;
  const denied = !action.permissions.every((permission) => can(identity, permission));
  const [plainPath = ''] = path.split('?', 1);
  const record = {
    orgId: identity.orgId,
    user: identity,
    action: `cluster.${action.verb}`,
    target: `${cluster} ${plainPath.slice(0, maxPathLength)}`,
    ...(denied || isOwn ? { detail: { ...(denied ? { denied } : {}), ...(isOwn ? { own: true } : {}) } } : {}),
  };
  return { record, denied };
}
