import { resolve } from 'node:path';
import type { SyncPlan, SyncStep } from '../../core/sync-plan.ts';
import type { PluginError } from '../../protocol/error.ts';
import type { SyncProgress } from '../sync-interface.ts';
import { table } from './command-parts.ts';
import type { Command, CommandContext } from './command.ts';
import { hostOptions, storeOptions, withManager } from './open-manager.ts';
import { withoutControls } from './progress-line.ts';

/** `sync`: makes the store what `plugins.yaml` and its lock file say. */
export const syncCommand: Command = {
  name: 'sync',
  summary: 'Installs, updates and removes plugins until the folder is what plugins.yaml and its lock file say.',
  operands: [{ name: 'file', isRequired: false, what: 'plugins.yaml, in YAML or JSON; default: plugins.yaml here' }],
  options: [
    ...storeOptions,
    ...hostOptions,
    { name: 'lock-file', value: 'a file', what: 'default: plugins.lock.json beside plugins.yaml' },
    { name: 'plan-only', what: 'prints what would be done, and changes nothing' },
    { name: 'frozen', what: 'the lock file must name the bytes of every plugin, and is not written' },
  ],
  run: (context) =>
    withManager(context, async (manager) => {
      const { operands, option, has, signal, workingFolder } = context;
      const lockFile = option('lock-file');
      const { plan, isLockWritten } = await manager.sync({
        file: resolve(workingFolder, operands[0] ?? 'plugins.yaml'),
        lockFile: lockFile === undefined ? undefined : resolve(workingFolder, lockFile),
        isPlanOnly: has('plan-only'),
        isFrozen: has('frozen'),
        signal,
        onProgress: (progress) => {
          tell(progress, context);
        },
      });
      const value = { isInSync: plan.isInSync, isLockWritten, steps: plan.steps.map(stepValue) };
      return { value, text: closing(plan, isLockWritten, has('plan-only')) };
    }),
};

function tell(progress: SyncProgress, { onEvent, onProgress }: CommandContext): void {
  switch (progress.type) {
    case 'plan':
      onEvent({ value: { type: 'plan', steps: progress.plan.steps.map(stepValue) }, text: planText(progress.plan) });
      return;
    case 'step': {
      const { step, state } = progress;
      const error = state === 'failed' ? errorValue(progress.error) : undefined;
      const value = { type: 'step', state, ...stepValue(step), ...(error !== undefined && { error }) };
      const outcome = state === 'started' ? '…' : `: ${error?.message ?? 'done'}`;
      onEvent({ value, text: withoutControls(`${step.action} ${step.pluginId}${outcome}`) });
      return;
    }
    case 'operation':
      onProgress(progress.progress, progress.pluginId);
      return;
  }
}

function planText({ steps }: SyncPlan): string {
  return table(
    steps.map(({ action, pluginId, from, to, reason }) => [
      action,
      pluginId,
      [from, to].filter((version) => version !== undefined).join(' → '),
      reason,
    ]),
    'the file names no plugin, and none is installed',
  );
}

function closing({ isInSync, steps }: SyncPlan, isLockWritten: boolean, isPlanOnly: boolean): string {
  const changes = steps.filter(({ action }) => action !== 'unchanged').length;
  const count = `${String(changes)} ${changes === 1 ? 'step' : 'steps'}`;
  if (isPlanOnly) return isInSync ? 'nothing to do' : `${count} to do`;
  const lock = isLockWritten ? '; the lock file is written' : '';
  return `${isInSync ? 'nothing to do' : `${count} done`}${lock}`;
}

function stepValue({ error, ...step }: SyncStep): Readonly<Record<string, unknown>> {
  return error === undefined ? step : { ...step, error: errorValue(error) };
}

function errorValue({ code, message }: PluginError) {
  return { code, message };
}
