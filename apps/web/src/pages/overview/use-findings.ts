import { useMemo } from 'react';
import { useQueries, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { resourcePath, type KubeObject, type ListResponse } from '@fleetwire/kube-watch';
import { useKubeWatchClient } from '@fleetwire/kube-watch/react';
import { watchedKinds } from '../../kube/trouble.ts';
import type { Finding } from './assess-fleet.ts';
import { keyOf, type Suspect } from './suspects.ts';

/** Between two looks at a suspect, while the page is in sight. */
export const refreshMs = 15_000;

/** What was found out about a suspect is kept for so long, while others have their turn. */
const keepMs = 600_000;

/** Looks at each suspect; returns what is known of one, or was the last time that it was looked at. */
export function useFindings(suspects: readonly Suspect[]): {
  readonly findingOf: (suspect: Suspect) => Finding;
  readonly isPending: boolean;
} {
  const client = useKubeWatchClient();
  const queryClient = useQueryClient();
  const findings = useQueries({
    queries: suspects.map(({ cluster, kind, namespace, name }) => ({
      queryKey: queryKeyOf(client.id, { cluster, kind, namespace, name }),
      queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<KubeObject | null> => {
        // A list of one: that it is gone by now is no failure, and none in the browser's console.
        const path = resourcePath({
          ...watchedKinds[kind].resource,
          ...(namespace === undefined ? {} : { namespace }),
        });
        const query = `fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`;
        const response = await client.fetch(cluster, `${path}?${query}`, { signal });
        const { items } = (await response.json()) as ListResponse;
        return items[0] ?? null;
      },
      refetchInterval: refreshMs,
      staleTime: refreshMs / 2,
      gcTime: keepMs,
      retry: false,
      // The objects of two answers are never the same, so that comparing them is lost time.
      structuralSharing: false,
    })),
    combine: findingsOf,
  });
  const key = JSON.stringify(suspects.map(keyOf));
  const findingOf = useMemo(() => {
    const keys = JSON.parse(key) as readonly string[];
    const byKey = new Map(keys.map((each, index) => [each, findings[index]]));
    return (suspect: Suspect): Finding => {
      const known = byKey.get(keyOf(suspect));
      if (known !== undefined) return known;
      const state = queryClient.getQueryState<KubeObject | null>(queryKeyOf(client.id, suspect));
      return findingOfState(state?.data, state?.status === 'error', state?.dataUpdatedAt ?? 0);
    };
  }, [key, findings, queryClient, client.id]);
  return { findingOf, isPending: findings.some(({ kind }) => kind === 'pending') };
}

function queryKeyOf(clientId: unknown, { cluster, kind, namespace, name }: Omit<Suspect, 'hint'>): readonly unknown[] {
  return ['finding', clientId, cluster, kind, namespace, name];
}

function findingsOf(results: readonly UseQueryResult<KubeObject | null>[]): readonly Finding[] {
  return results.map(({ data, isError, dataUpdatedAt }) => findingOfState(data, isError, dataUpdatedAt));
}

function findingOfState(data: KubeObject | null | undefined, isError: boolean, seenAt: number): Finding {
  if (data === null) return { kind: 'gone' };
  // What was seen a moment ago stands until it is seen again.
  if (data !== undefined) return { kind: 'object', object: data, seenAt };
  return { kind: isError ? 'unreadable' : 'pending' };
}
