import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ClusterInfo } from '@fleetwire/kube-watch';
import { useAuthSession, useAuthState } from '../../../auth/auth-context.ts';
import { identityKey } from '../../../auth/identity-key.ts';
import { listOwnClusters, type OwnClusters } from './own-clusters-api.ts';

const key = 'own-clusters';

/**
 * The clusters that the user has brought; undefined until, and unless, they are known. Asked again when the channel
 * shows others, as after a change in another tab.
 */
export function useOwnClusters(shown: readonly ClusterInfo[] | undefined): OwnClusters | undefined {
  const session = useAuthSession();
  const who = identityKey(useAuthState());
  const names = shown?.filter(({ isOwn }) => isOwn === true).map(({ name }) => name);
  const { data } = useQuery({
    queryKey: [key, who, names],
    queryFn: ({ signal }) => listOwnClusters(session, signal),
    enabled: names !== undefined,
    // Those of before stand until the answer is here, unless they are another user's.
    placeholderData: (before, query) => (query?.queryKey[1] === who ? before : undefined),
    retry: false,
  });
  return data;
}

/** Asks for them again, after something was done to one of them. */
export function useRefreshOwnClusters(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [key] });
}
