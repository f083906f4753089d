import { useState, type ReactElement } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { StateView } from '../../../ui/StateViews.tsx';
import { beginToasts } from '../../../ui/toasts/Toasts.tsx';
import { isStateCorrupt } from '../api/plugins-api.ts';
import { refreshAll, usePluginsApi, usePluginsKey } from '../api/use-plugins-api.ts';

/** Why there is no list of plugins, with what helps: a store whose state is lost is made whole from its receipts. */
export function UnlistedPlugins(props: {
  readonly error: Error;
  readonly mayManage: boolean;
  readonly onRetry: () => void;
}): ReactElement {
  const { error, mayManage, onRetry } = props;
  const api = usePluginsApi();
  const key = usePluginsKey();
  const queries = useQueryClient();
  const [isRepairing, setIsRepairing] = useState(false);
  const isCorrupt = isStateCorrupt(error);

  const repair = async (): Promise<void> => {
    const showToast = beginToasts();
    setIsRepairing(true);
    try {
      const { plugins, broken } = await api.repairStore();
      const lost = broken.length === 0 ? '' : ` ${String(broken.length)} could not be proved.`;
      const message = `${String(plugins.length)} plugins are there again, all disabled.${lost}`;
      showToast({ tone: broken.length === 0 ? 'good' : 'bad', title: 'The store of plugins is whole again', message });
    } catch (failure) {
      showToast({ tone: 'bad', title: 'The store could not be repaired', message: (failure as Error).message });
    }
    setIsRepairing(false);
    refreshAll(queries, key);
  };

  const retry = { label: 'Try again', run: onRetry };
  const mend = { label: 'Repair the store', run: () => void repair() };
  return (
    <StateView
      kind="error"
      title="The plugins cannot be listed"
      action={isCorrupt && mayManage ? (isRepairing ? undefined : mend) : retry}
    >
      {isCorrupt
        ? `What the store holds cannot be read. ${
            mayManage
              ? 'A repair brings back what the receipts of the files prove, and disables all of it: you enable again what you trust.'
              : 'Whoever manages plugins can repair it.'
          }`
        : error.message}
    </StateView>
  );
}
