import type { IncomingMessage } from 'node:http';
import { permissionFor } from '@fleetwire/kube-watch/server';
import type { AuditRecord } from '../access/audit-log.ts';
import { can } from '../access/permissions.ts';
import type { UserIdentity } from '../accounts/access-token.ts';

/** Longest path that an entry holds. */
const maxPathLength = 500;

/**
 * What the audit log says of a request to a cluster before it goes there: changes, ways into pods, reads of secrets, and
 * those of them that the role does not allow (`denied`). Undefined for the other reads, which are many, and for what the
 * gateway serves to nobody. The query is left out: it may hold what is typed.
 */
export function auditRecordOf(
  request: Pick<IncomingMessage, 'method' | 'headers'>,
  identity: UserIdentity,
  target: { readonly cluster: string; readonly path: string },
): { readonly record: AuditRecord; readonly denied: boolean } | undefined {
  const [path = '', query] = target.path.split('?', 2);
  const isUpgrade = request.headers.upgrade !== undefined;
  const action = permissionFor({ method: request.method ?? '', path, query, isUpgrade });
  if (action === undefined || action.permissions.every((permission) => permission === 'kube.read')) return undefined;
  const denied = !action.permissions.every((permission) => can(identity, permission));
  const record = {
    orgId: identity.orgId,
    user: identity,
    action: `cluster.${action.verb}`,
    target: `${target.cluster} ${path.slice(0, maxPathLength)}`,
    ...(denied ? { detail: { denied } } : {}),
  };
  return { record, denied };
}
