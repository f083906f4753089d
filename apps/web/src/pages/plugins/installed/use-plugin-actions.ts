import { useQueryClient } from '@tanstack/react-query';
import type { PluginList } from '@fleetwire/plugin-manager';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import type { PluginVerification } from '../api/plugins-api.ts';
import { refreshAll, usePluginsApi, usePluginsKey } from '../api/use-plugins-api.ts';
import { useOperationEvents } from '../operations/use-operations.ts';
import type { ListedOperation } from '../operations/operations-state.ts';
import { withSummary } from './plugin-list.ts';

/** What can be done to an installed plugin; each reports its own failures. */
export interface PluginActions {
  /** Begins an operation; its end is told by itself. */
  readonly begin: (action: 'update' | 'rollback' | 'repair' | 'uninstall') => Promise<void>;
  readonly setPinned: (isPinned: boolean) => Promise<void>;
  /** Undefined where it could not be done. */
  readonly verify: () => Promise<PluginVerification | undefined>;
}

const nots = { update: 'updated', rollback: 'rolled back', repair: 'repaired', uninstall: 'removed' } as const;

/** What can be done to a plugin. `name`: what tells it from all others. */
export function usePluginActions({ id, name }: { readonly id: string; readonly name: string }): PluginActions {
  const api = usePluginsApi();
  const key = usePluginsKey();
  const queries = useQueryClient();
  const onEvent = useOperationEvents();
  return {
    async begin(action) {
      const showToast = beginToasts();
      try {
        const operationId = action === 'uninstall' ? await api.uninstall(id) : await api.run(id, action);
        onEvent({ type: 'begun', operation: begunNow(operationId, action, id) });
      } catch (error) {
        showToast({ tone: 'bad', title: `${name} was not ${nots[action]}`, message: (error as Error).message });
        refreshAll(queries, key);
      }
    },
    async setPinned(isPinned) {
      const showToast = beginToasts();
      try {
        const summary = await api.setPinned(id, isPinned);
        queries.setQueryData<PluginList>(key('list'), (list) => withSummary(list, summary));
        refreshAll(queries, key);
        const message = isPinned ? 'Updates leave it alone.' : 'Updates include it again.';
        showToast({ tone: 'good', title: `${name} is ${isPinned ? 'pinned' : 'no longer pinned'}`, message });
      } catch (error) {
        const verb = isPinned ? 'pinned' : 'unpinned';
        showToast({ tone: 'bad', title: `${name} was not ${verb}`, message: (error as Error).message });
      }
    },
    async verify() {
      const showToast = beginToasts();
      try {
        const report = await api.verify(id);
        if (report.isIntact) {
          showToast({ tone: 'good', title: `${name} is intact`, message: 'Every file is what its receipt says.' });
        }
        void queries.invalidateQueries({ queryKey: key('list') });
        void queries.invalidateQueries({ queryKey: key('details', id) });
        return report;
      } catch (error) {
        showToast({ tone: 'bad', title: `${name} was not verified`, message: (error as Error).message });
        return undefined;
      }
    },
  };
}

/** An operation that the server has just been asked for. */
export function begunNow(id: string, action: ListedOperation['action'], pluginId: string): ListedOperation {
  return { id, action, pluginId, state: 'queued', startedAt: Date.now() };
}
