import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { CatalogDetails, CatalogRelease } from '@fleetwire/plugin-manager';
import { usePluginsApi, usePluginsKey } from './api/use-plugins-api.ts';

/** What is in the catalog changes seldom. */
const freshMs = 60_000;

/** What an install of a version would mean; asked for once there is a version. */
export function useRelease(id: string, version: string | undefined): UseQueryResult<CatalogRelease> {
  const api = usePluginsApi();
  const key = usePluginsKey();
  return useQuery({
    queryKey: key('release', id, version),
    queryFn: ({ signal }) => api.release(id, version ?? '', signal),
    enabled: version !== undefined,
    staleTime: freshMs,
    retry: false,
  });
}

/** A plugin as its source describes it. */
export function useCatalogDetails(id: string, isEnabled: boolean): UseQueryResult<CatalogDetails> {
  const api = usePluginsApi();
  const key = usePluginsKey();
  return useQuery({
    queryKey: key('catalog', id),
    queryFn: ({ signal }) => api.describe(id, signal),
    enabled: isEnabled,
    staleTime: freshMs,
    retry: false,
  });
}
