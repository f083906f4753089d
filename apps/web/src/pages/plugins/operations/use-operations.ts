import { useCallback, useSyncExternalStore } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { PluginList } from '@fleetwire/plugin-manager';
import type { Client } from '@fleetwire/websocket-core/client';
import { useClient } from '@fleetwire/websocket-core/react';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { nameOf } from '../api/use-installed.ts';
import { refreshAll, usePluginsKey } from '../api/use-plugins-api.ts';
import { doingOf, outcomeOf } from './operation-words.ts';
import {
  noOperations,
  operationsTransition,
  type KnownOperation,
  type OperationsEvent,
  type OperationsState,
} from './operations-state.ts';

/** Holds what the page knows of operations for as long as somebody is signed in, also while another page is open. */
interface OperationsStore {
  state: OperationsState;
  readonly listeners: Set<() => void>;
}

const stores = new WeakMap<Client, OperationsStore>();

function storeOf(client: Client): OperationsStore {
  let store = stores.get(client);
  if (store === undefined) {
    store = { state: noOperations, listeners: new Set() };
    stores.set(client, store);
  }
  return store;
}

/** What the page knows of operations. */
export function useOperations(): OperationsState {
  const store = storeOf(useClient());
  const subscribe = useCallback(
    (listener: () => void) => {
      store.listeners.add(listener);
      return () => {
        store.listeners.delete(listener);
      };
    },
    [store],
  );
  return useSyncExternalStore(subscribe, () => store.state);
}

/** Takes in what happens to operations, and tells the user of each end once. */
export function useOperationEvents(): (event: OperationsEvent) => void {
  const store = storeOf(useClient());
  const queries = useQueryClient();
  const key = usePluginsKey();
  const navigate = useNavigate();
  return useCallback(
    (event) => {
      const { state, effects } = operationsTransition(store.state, event);
      if (state !== store.state) {
        store.state = state;
        for (const listener of [...store.listeners]) listener();
      }
      for (const { operation } of effects) {
        const { id, pluginId } = operation.listed;
        const name = nameOf(queries, key, queries.getQueryData<PluginList>(key('list')), pluginId);
        const run = (): void => void navigate({ to: '/plugins', search: { op: id } });
        beginToasts()({ ...toastOf(operation, name), action: { label: 'Details', run } });
        refreshAll(queries, key);
      }
    },
    [store, queries, key, navigate],
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
