import { useCallback } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { PluginList } from '@fleetwire/plugin-manager';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { nameOf } from '../api/use-installed.ts';
import { refreshAll, usePluginsApi, usePluginsKey } from '../api/use-plugins-api.ts';
import { doingOf, outcomeOf } from './operation-words.ts';
import type { KnownOperation, OperationsEvent } from './operations-state.ts';
import { useOperationsStore } from './operations-store.ts';

/** How long a toast waits for the name of what was installed; then it has the last part of the id. */
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
        const { id, pluginId } = operation.listed;
        const showToast = beginToasts();
        const known = queries.getQueryData<PluginList>(key('list'));
        refreshAll(queries, key);
        // What has just been installed is in no list yet, and has its name in the next.
        const isNew =
          operation.listed.action === 'install' && !known?.items.some((item) => item.managed && item.id === pluginId);
        // Asked for by itself: the query may end with the view that asked.
        const list = isNew ? await api.list(AbortSignal.timeout(nameMs)).catch(() => known) : known;
        const run = (): void => void navigate({ to: '/plugins', search: { op: id } });
        const name = nameOf(queries, key, list, pluginId);
        showToast({ ...toastOf(operation, name), action: { label: 'Details', run } });
      };
      for (const { operation } of store.dispatch(event)) void announce(operation);
    },
    [store, queries, api, key, navigate],
  );
}

function toastOf(operation: KnownOperation, name: string) {
  if (operation.status === 'ended') return outcomeOf(operation.view, name);
  const title = `${doingOf(operation.listed.action)} ${name}: nobody knows what came of it`;
  return {
    tone: 'bad',
    title,
    message: 'The server no longer knows of the operation. Look at what is installed.',
  } as const;
}
