import { useQuery } from '@tanstack/react-query';
import { useAuthSession, useAuthState } from '../auth/auth-context.ts';
import { identityKey } from '../auth/identity-key.ts';

/** Roles change seldom, and the server checks each request again. */
const freshMs = 60_000;

/**
 * Whether the user may do something, such as `kube.write`; true until it is known, as the server has the last word.
 */
export function usePermission(permission: string): boolean {
  return useKnownPermission(permission) ?? true;
}

/** The same, for what must not show before it is known; undefined until then. */
export function useKnownPermission(permission: string): boolean | undefined {
  const session = useAuthSession();
  const state = useAuthState();
  const { data } = useQuery({
    queryKey: ['me', identityKey(state)],
    queryFn: async ({ signal }) => {
      const headers = { authorization: `Bearer ${await session.token()}` };
      const response = await fetch('/api/v1/me', { signal, headers });
      if (!response.ok) throw new Error(`the server does not say what one may do (${String(response.status)})`);
      return (await response.json()) as { readonly permissions?: readonly string[] };
    },
    staleTime: freshMs,
    retry: false,
  });
  return data?.permissions?.includes(permission);
}
