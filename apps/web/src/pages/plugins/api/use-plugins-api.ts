import { useMemo } from 'react';
import { useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useAuthSession, useAuthState } from '../../../auth/auth-context.ts';
import { identityKey } from '../../../auth/identity-key.ts';
import { useKnownPermission } from '../../../live/use-permissions.ts';
import { createPluginsApi, type PluginsApi } from './plugins-api.ts';

/** First of the keys of everything that the page asks for. */
const root = 'plugins';

/** Keys of what the page asks for, of the user who is signed in. */
export function usePluginsKey(): (...parts: readonly unknown[]) => readonly unknown[] {
  const who = identityKey(useAuthState());
  return useMemo(
    () =>
      (...parts) => [root, who, ...parts],
    [who],
  );
}

/** The routes of plugins for the user who is signed in. */
export function usePluginsApi(): PluginsApi {
  const session = useAuthSession();
  const queries = useQueryClient();
  const key = usePluginsKey();
  return useMemo(
    () =>
      createPluginsApi(session, () => {
        // It may have been taken away since.
        void queries.invalidateQueries({ queryKey: key('sources') });
      }),
    [session, queries, key],
  );
}

/** Whether the user may change plugins, and what they may ask. */
export interface Management {
  /** Undefined until it is known. */
  readonly mayManage: boolean | undefined;
  /** Why not, where it is for another reason than that the permission is not given. */
  readonly reason?: string | undefined;
  /** Names of the sources; empty for those who may not. */
  readonly sources: readonly string[];
}

const ofFirstOrganisation =
  'Plugins are of the whole server: administrators of its first organisation alone, “default”, manage them.';

/** Roles change seldom, and the server checks each request again. */
const freshMs = 60_000;

/** Whether the user may change plugins. */
export function useManagement(): Management {
  const isPermitted = useKnownPermission('plugin.manage');
  const api = usePluginsApi();
  const key = usePluginsKey();
  const { data, error } = useQuery({
    queryKey: key('sources'),
    queryFn: ({ signal }) => api.sources(signal),
    staleTime: freshMs,
    // One answer that was lost would take every control off the page.
    retry: 2,
  });
  if (data === undefined) {
    return error === null
      ? { mayManage: undefined, sources: [] }
      : { mayManage: false, reason: error.message, sources: [] };
  }
  const { canManage, items } = data;
  const reason = canManage || isPermitted !== true ? undefined : ofFirstOrganisation;
  return { mayManage: canManage, reason, sources: items.map(({ name }) => name) };
}

/** Asks again for what an operation may have changed. */
export function refreshAll(queries: QueryClient, key: ReturnType<typeof usePluginsKey>): void {
  void refreshInstalled(queries, key);
  for (const part of ['search', 'catalog', 'release', 'updates']) {
    void queries.invalidateQueries({ queryKey: key(part) });
  }
}

/** Asks again what is installed, and then for the details: not for those of what is gone. */
export async function refreshInstalled(queries: QueryClient, key: ReturnType<typeof usePluginsKey>): Promise<void> {
  await queries.invalidateQueries({ queryKey: key('list') });
  await queries.invalidateQueries({ queryKey: key('details') });
}
