import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { PluginDetails, PluginList } from '@fleetwire/plugin-manager';
import { ApiError } from '../../../auth/auth-session.ts';
import { managedOf } from '../api/use-installed.ts';
import { usePluginsApi, usePluginsKey } from '../api/use-plugins-api.ts';

const notInstalledCodes: ReadonlySet<string> = new Set(['E_NOT_INSTALLED', 'NOT_FOUND']);

/** An installed plugin with where it came from; null where it is not installed. */
export function usePluginDetails(id: string, isInstalled: boolean): UseQueryResult<PluginDetails | null> {
  const api = usePluginsApi();
  const key = usePluginsKey();
  const queries = useQueryClient();
  return useQuery({
    queryKey: key('details', id),
    queryFn: async ({ signal }) => {
      // What is not installed is not asked for: the browser writes each 404 into its console.
      const list = queries.getQueryData<PluginList>(key('list'));
      if (list !== undefined && !managedOf(list).has(id)) return null;
      try {
        return await api.get(id, signal);
      } catch (error) {
        if (error instanceof ApiError && notInstalledCodes.has(error.code)) return null;
        throw error;
      }
    },
    enabled: isInstalled,
    retry: false,
  });
}
