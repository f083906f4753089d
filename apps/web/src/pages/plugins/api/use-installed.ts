import { useCallback, useEffect } from 'react';
import { useQuery, useQueryClient, type QueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { CatalogDetails, PluginChannelItems, PluginList, PluginSummary } from '@fleetwire/plugin-manager';
import { useChannel, type ChannelView } from '@fleetwire/websocket-core/react';
import { titleOf } from '../../../plugins/plugin-title.ts';
import type { ListedOperation } from '../operations/operations-state.ts';
import { refreshInstalled, usePluginsApi, usePluginsKey } from './use-plugins-api.ts';

/** Where WebSockets do not get through: what the channel says of the store is in the list, too. */
const fallback = {
  url: '/api/v1/plugins',
  intervalMs: 5_000,
  read: (json: unknown) => {
    const { generation } = json as PluginList;
    return { items: [{ key: 'store', version: generation, value: { generation } }] };
  },
};

/** The channel of the store: that it has changed, and which operations wait or run. */
export function usePluginsChannel(): {
  readonly view: ChannelView;
  readonly generation: number | undefined;
  readonly operations: readonly ListedOperation[];
} {
  const view = useChannel('plugins', { fallback });
  const store = view.items?.get('store')?.value as PluginChannelItems['store'] | undefined;
  const operations = [...(view.items?.values() ?? [])]
    .filter(({ key }) => key.startsWith('operation/'))
    .map(({ value }) => value as ListedOperation);
  return { view, generation: store?.generation, operations };
}

/** What is installed; asked for again whenever the channel says that the store has changed, as in another tab. */
export function useInstalled(generation: number | undefined): UseQueryResult<PluginList> {
  const api = usePluginsApi();
  const key = usePluginsKey();
  const queries = useQueryClient();
  const installed = useQuery({
    queryKey: key('list'),
    queryFn: ({ signal }) => api.list(signal),
    retry: false,
  });
  const isKnown = installed.data !== undefined;
  // Not when an answer comes: it was asked for after what the channel has said, and may be newer. A lower number is as new
  // as a higher one: the store may have been put back to what it was before.
  useEffect(() => {
    if (generation === undefined || !isKnown) return;
    const known = queries.getQueryData<PluginList>(key('list'))?.generation;
    if (generation !== known) void refreshInstalled(queries, key);
  }, [generation, isKnown, queries, key]);
  return installed;
}

/** The plugins of a list that are managed, by their ids. */
export function managedOf(list: PluginList | undefined): ReadonlyMap<string, PluginSummary> {
  const found = (list?.items ?? []).flatMap((item) => (item.managed ? [[item.id, item] as const] : []));
  return new Map(found);
}

/** What a plugin is called; `heard`: its title where nothing here knows it, as an operation says. */
export type NameOf = (pluginId: string, heard?: string) => string;

/**
 * What a plugin is called, so that it is told from all that are installed: as the list or, before it is installed, the
 * catalog says; else as was heard, else the last part of its id.
 */
export function useNames(list: PluginList | undefined): NameOf {
  const queries = useQueryClient();
  const key = usePluginsKey();
  return useCallback((pluginId, heard) => nameOf(queries, key, list, pluginId, heard), [queries, key, list]);
}

/** The same, for what happens outside of rendering. */
export function nameOf(
  queries: QueryClient,
  key: ReturnType<typeof usePluginsKey>,
  list: PluginList | undefined,
  pluginId: string,
  heard?: string,
): string {
  const managed = managedOf(list);
  const entry = managed.get(pluginId) ?? queries.getQueryData<CatalogDetails>(key('catalog', pluginId));
  const title = entry?.title ?? heard ?? pluginId.split('/').at(-1) ?? pluginId;
  return titleOf({ id: pluginId, title }, managed.values());
}
