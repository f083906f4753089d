import type { UserIdentity } from '../accounts/access-token.ts';

/** Who requests of a user run as. Throws for a name that Kubernetes keeps for itself: an account may be called anything. */
export function impersonation({ username, role }: Pick<UserIdentity, 'username' | 'role'>): {
  readonly user: string;
  readonly groups: readonly string[];
} {
  if (/^\s*system:/i.test(username)) throw new Error(`the user ${username} is called like one of Kubernetes' own`);
  return { user: username, groups: [`fleetwire:${role}`] };
}
