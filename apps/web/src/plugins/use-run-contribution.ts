import { usePluginLoader } from '@fleetwire/plugin-manager/react';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import type { TargetProps } from '@fleetwire/plugin-manager/sdk';
import { beginToasts } from '../ui/toasts/Toasts.tsx';

/** Runs what a plugin adds as a command or an action; a failure shows as a toast. */
export function useRunContribution(): (
  contribution: Registered<'command'> | Registered<'rowAction'>,
  target?: TargetProps,
) => Promise<void> {
  const loader = usePluginLoader();
  return async (contribution, target = { object: undefined }) => {
    const showToast = beginToasts();
    try {
      if (contribution.kind === 'command') await loader?.run(contribution);
      else await loader?.run(contribution, target);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      showToast({ tone: 'bad', title: `“${contribution.value.title}” failed`, message });
    }
  };
}
