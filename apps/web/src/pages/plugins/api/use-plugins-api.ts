import { useMemo } from 'react';
import { skipToken, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
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
      createPluginsApi(session, (message) => {
        queries.setQueryData(key('refused'), sentenceOf(message));
      }),
    [session, queries, key],
  );
}

/**
 * Whether the user may change plugins: undefined until it is known. `reason` is the server's, who has the last word: an
 * administrator of another organisation holds the permission, and not for what all organisations share.
 */
export interface Management {
  readonly mayManage: boolean | undefined;
  readonly reason?: string | undefined;
}

/** Whether the user may change plugins. */
export function useManagement(): Management {
  const isPermitted = useKnownPermission('plugin.manage');
  const key = usePluginsKey();
  const { data: reason } = useQuery<string>({ queryKey: key('refused'), queryFn: skipToken, gcTime: Infinity });
  return reason === undefined ? { mayManage: isPermitted } : { mayManage: false, reason };
}

/** Asks again for what an operation may have changed. */
export function refreshAll(queries: QueryClient, key: ReturnType<typeof usePluginsKey>): void {
  for (const part of ['list', 'details', 'search', 'catalog', 'release', 'updates']) {
    void queries.invalidateQueries({ queryKey: key(part) });
  }
}

/** A message as a sentence of its own. */
function sentenceOf(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}
