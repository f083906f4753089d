import type { Organisations } from '../access/organisations.ts';
import type { UserIdentity } from '../accounts/access-token.ts';

/**
 * Who requests of a user run as: `fleetwire:<organisation>:<name>` in the group `fleetwire:<organisation>:<role>`, so that
 * no account is taken for somebody whom the cluster knows otherwise, nor for one of another organisation. `:` and `%` in
 * the name of an organisation are percent-encoded, or one could be called like the beginning of another's users.
 */
export function createImpersonation(organisations: Pick<Organisations, 'nameOf'>) {
  return ({
    orgId,
    username,
    role,
  }: Pick<UserIdentity, 'orgId' | 'username' | 'role'>): {
    readonly user: string;
    readonly groups: readonly string[];
  } => {
    const name = organisations.nameOf(orgId);
    if (name === undefined) throw new TypeError(`there is no organisation ${orgId} to run requests for`);
    const prefix = `fleetwire:${name.replaceAll(/[%:]/g, encodeURIComponent)}`;
    return { user: `${prefix}:${username}`, groups: [`${prefix}:${role}`] };
  };
}
