import { messageOf, type PluginLoader, type Registered } from '@fleetwire/plugin-manager/browser';
import { usePluginLoader } from '@fleetwire/plugin-manager/react';
import type { TargetProps } from '@fleetwire/plugin-manager/sdk';
import { beginToasts } from '../ui/toasts/Toasts.tsx';

type Runnable = Registered<'command'> | Registered<'rowAction'>;

/** What is done sooner needs no sign of life. */
const busyAfterMs = 400;

/** What runs now, of each loader: the same thing is not begun a second time before it has ended. */
const runningOf = new WeakMap<PluginLoader, Set<string>>();

/**
 * Runs what a plugin adds as a command or an action. A toast shows that it runs, as the first use may take long, and
 * another what it failed with.
 */
export function useRunContribution(): (contribution: Runnable, target?: TargetProps) => Promise<void> {
  const loader = usePluginLoader();
  return async (contribution, target = { object: undefined }) => {
    if (loader === undefined) return;
    const { key, value } = contribution;
    const showToast = beginToasts();
    const running = runningOf.get(loader) ?? new Set();
    runningOf.set(loader, running);
    const run = `${key} ${identityOf(target)}`;
    if (running.has(run)) return;
    running.add(run);
    let close = (): void => undefined;
    const timer = setTimeout(() => {
      close = showToast({ tone: 'busy', title: `“${value.title}” is running` });
    }, busyAfterMs);
    try {
      if (contribution.kind === 'command') await loader.run(contribution);
      else await loader.run(contribution, target);
    } catch (thrown) {
      showToast({ tone: 'bad', title: `“${value.title}” failed`, message: messageOf(thrown) });
    } finally {
      clearTimeout(timer);
      close();
      running.delete(run);
    }
  };
}

/** What tells the object of an action from others. */
function identityOf({ cluster = '', object }: TargetProps): string {
  const { metadata } = (object ?? {}) as { readonly metadata?: { readonly uid?: unknown } };
  return JSON.stringify([cluster, metadata?.uid]);
}
