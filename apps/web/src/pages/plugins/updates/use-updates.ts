import { useMemo } from 'react';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { PluginSummary, PluginUpdateList } from '@fleetwire/plugin-manager';
import { usePluginsApi, usePluginsKey } from '../api/use-plugins-api.ts';
import { reconcileUpdates } from './update-list.ts';

/** The server asks each source for it. */
const freshMs = 300_000;

/** What can be updated, as far as it still fits what is installed. Asked for only by those who may manage plugins. */
export function useUpdates(
  installed: ReadonlyMap<string, PluginSummary>,
  isEnabled: boolean,
): {
  readonly answer: UseQueryResult<PluginUpdateList>;
  readonly updates: PluginUpdateList | undefined;
  /** By their ids: what each can be updated to. */
  readonly newVersions: ReadonlyMap<string, string>;
} {
  const api = usePluginsApi();
  const key = usePluginsKey();
  const answer = useQuery({
    queryKey: key('updates'),
    queryFn: ({ signal }) => api.updates(signal),
    staleTime: freshMs,
    enabled: isEnabled,
    retry: false,
  });
  const { data } = answer;
  const updates = useMemo(
    () => (data === undefined ? undefined : reconcileUpdates(data, installed)),
    [data, installed],
  );
  const newVersions = useMemo(
    () =>
      new Map((updates?.items ?? []).flatMap((item) => (item.state === 'available' ? [[item.id, item.version]] : []))),
    [updates],
  );
  return { answer, updates, newVersions };
}
