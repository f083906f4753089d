import { useCallback } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { PluginList } from '@fleetwire/plugin-manager';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { managedOf, nameOf } from '../api/use-installed.ts';
import { refreshAll, usePluginsApi, usePluginsKey } from '../api/use-plugins-api.ts';
import { folderOfId } from '../plugin-address.ts';
import { lostOutcomeOf, outcomeOf } from './operation-words.ts';
import type { KnownOperation, OperationsEvent } from './operations-state.ts';
import { useOperationsStore } from './operations-store.ts';

/** How long a toast waits for what is installed by now; then it is told without. */
const nameMs = 3_000;

/** Takes in what happens to operations, and tells the user of each end once. */
export function useOperationEvents(): (event: OperationsEvent) => void {
  const store = useOperationsStore();
  const queries = useQueryClient();
  const api = usePluginsApi();
  const key = usePluginsKey();
  const navigate = useNavigate();
  return useCallback(
    (event) => {
      const announce = async (operation: KnownOperation): Promise<void> => {
        const { id, pluginId, title } = operation.listed;
        const showToast = beginToasts();
        const known = queries.getQueryData<PluginList>(key('list'));
        refreshAll(queries, key);
        // What has just been installed is in no list yet, and has its name in the next.
        const isNew =
          operation.listed.action === 'install' && !known?.items.some((item) => item.managed && item.id === pluginId);
        const isLost = operation.status === 'lost';
        // Asked for by itself: the query may end with the view that asked.
        const asked = isNew || isLost ? await api.list(AbortSignal.timeout(nameMs)).catch(() => undefined) : undefined;
        const name = nameOf(queries, key, asked ?? known, pluginId, title);
        if (isLost) {
          const installed = asked === undefined ? undefined : (managedOf(asked).get(pluginId)?.version ?? null);
          const run = (): void => void navigate({ to: '/plugins/$id', params: { id: folderOfId(pluginId) } });
          showToast({
            ...lostOutcomeOf(operation.listed.action, name, installed),
            action: { label: 'See the plugin', run },
          });
        } else if (operation.status === 'ended') {
          const run = (): void => void navigate({ to: '/plugins', search: { op: id } });
          showToast({ ...outcomeOf(operation.view, name), action: { label: 'Details', run } });
        }
      };
      for (const { operation } of store.dispatch(event)) void announce(operation);
    },
    [store, queries, api, key, navigate],
  );
}
