import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ClusterInfo } from '@fleetwire/kube-watch';
import { useAuthSession, useAuthState } from '../../../auth/auth-context.ts';
import { listOwnClusters, type OwnClusters } from './own-clusters-api.ts';

const key = 'own-clusters';

/**
 * The clusters that the user has brought; undefined until, and unless, they are known. Asked again when the channel
 * shows others, as after a change in another tab.
 */
export function useOwnClusters(shown: readonly ClusterInfo[] | undefined): OwnClusters | undefined {
  const session = useAuthSession();
  const state = useAuthState();
  const names = shown?.filter(({ isOwn }) => isOwn === true).map(({ name }) => name);
  const { data } = useQuery({
    queryKey: [key, state.status === 'signed-in' ? state.user.id : '', names],
    queryFn: ({ signal }) => listOwnClusters(session, signal),
    enabled: names !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return data;
}

/** Asks for them again, after something was done to one of them. */
export function useRefreshOwnClusters(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [key] });
}
