import { randomUUID } from 'node:crypto';
import {
  checkFrozen,
  nextLock,
  planSync,
  syncTarget,
  type SyncedPlugin,
  type SyncLock,
  type SyncPlan,
  type SyncStep,
} from '../core/sync-plan.ts';
import { PluginError } from '../protocol/error.ts';
import { lockFileOf, readSyncFile, readSyncLock, writeSyncLock } from './sync-files.ts';
import { lookUpReleases } from './sync-releases.ts';
import { syncedPlugins } from './sync-installed.ts';
import type { SyncOperation, SyncOptions, SyncProgress, SyncResult } from './sync-interface.ts';
import { followOperation } from './follow-operation.ts';
import type { Operation } from './operation.ts';
import type { InstallRequest } from './install-checks.ts';
import type { InstallOptions, PluginManager } from './plugin-manager-interface.ts';

/** What a sync needs of its manager. */
export interface SyncManager extends Pick<PluginManager, 'list' | 'plan' | 'uninstall' | 'setEnabled' | 'setPinned'> {
  install(
    pluginId: string,
    options: InstallOptions & Pick<InstallRequest, 'isPinIgnored'>,
  ): ReturnType<PluginManager['install']>;
}

/** What a sync works with. */
export interface SyncPorts {
  readonly manager: SyncManager;
  /** Keeps other syncs of the store out, of this process and others, until what it gives is called. */
  readonly acquire: (signal: AbortSignal) => Promise<() => void>;
}

const noLock: SyncLock = new Map();

/** Starts a sync. */
export function startSync({ manager, acquire }: SyncPorts, options: SyncOptions): SyncOperation {
  const { file, lockFile = lockFileOf(file), isPlanOnly = false, isFrozen = false, actor, onProgress } = options;
  const id = randomUUID();
  const controller = new AbortController();
  const { signal } = controller;
  let tellPlan!: (plan: SyncPlan) => void;
  let failPlan!: (error: PluginError) => void;
  const plan = new Promise<SyncPlan>((resolve, reject) => {
    tellPlan = resolve;
    failPlan = reject;
  });

  function cancel(cause?: unknown): void {
    controller.abort(new PluginError('E_CANCELLED', 'the sync was cancelled', { phase: 'resolve', cause }));
  }
  function onAbort(): void {
    cancel(options.signal?.reason);
  }
  function tell(progress: SyncProgress): void {
    try {
      onProgress?.(progress);
    } catch {
      // Whoever watches has no say in what is done.
    }
  }

  async function run(): Promise<SyncResult> {
    signal.throwIfAborted();
    if (isPlanOnly) return { plan: (await makePlan()).made, isLockWritten: false };
    const release = await acquire(signal);
    try {
      const { wanted, lock, made } = await makePlan();
      const writeLock = async (failed: ReadonlySet<string>): Promise<boolean> => {
        if (isFrozen) return false;
        const next = nextLock(wanted, lock ?? noLock, syncedPlugins(await manager.list()), failed);
        return writeSyncLock(lockFile, next, lock);
      };
      const done = new Set<string>();
      const failures = await apply(made, done).catch(async (error: unknown) => {
        const undone = made.steps.filter(({ action, pluginId }) => action !== 'unchanged' && !done.has(pluginId));
        // Whoever stopped the sync is told of that, and not of this.
        if (done.size > 0) await writeLock(new Set(undone.map(({ pluginId }) => pluginId))).catch(() => undefined);
        throw error;
      });
      // What was installed is written down also where something else failed.
      const isLockWritten = await writeLock(new Set(failures.map(({ step }) => step.pluginId)));
      if (failures.length === 0) failures.push(...(await removeAll(made)));
      else if (made.steps.some(({ action }) => action === 'remove')) throw failureOf(failures, 'nothing was removed');
      if (failures.length > 0) throw failureOf(failures);
      return { plan: made, isLockWritten };
    } finally {
      release();
    }
  }

  async function makePlan() {
    const wanted = await readSyncFile(file);
    const lock = await readSyncLock(lockFile);
    if (isFrozen) checkFrozen(wanted, lock ?? noLock);
    const installed = syncedPlugins(await manager.list());
    const targets = new Map(
      wanted.map((plugin) => [plugin.id, syncTarget(plugin, lock?.get(plugin.id), installed.get(plugin.id))] as const),
    );
    const releases = await lookUpReleases({ manager, wanted, targets, signal });
    signal.throwIfAborted();
    const made = planSync({ wanted, installed, targets, releases });
    tell({ type: 'plan', plan: made });
    tellPlan(made);
    return { wanted, lock, made };
  }

  /** All but the removals; one plugin that fails keeps no other from its version. `done` is told of those that succeed. */
  async function apply(made: SyncPlan, done: Set<string>): Promise<Failure[]> {
    const failures: Failure[] = [];
    const installed = syncedPlugins(await manager.list());
    for (const step of made.steps) {
      if (step.action === 'unchanged' || step.action === 'remove') continue;
      if (step.error !== undefined) failures.push({ step, error: step.error });
      // What could not be installed can be neither pinned nor disabled.
      const isGone =
        failures.some((failure) => failure.step.pluginId === step.pluginId) && !installed.has(step.pluginId);
      if (step.action === 'refused' || isGone) continue;
      const error = await attempt(step, () => perform(step, made, installed.get(step.pluginId)));
      if (error === undefined) done.add(step.pluginId);
      else failures.push({ step, error });
    }
    return failures;
  }

  async function removeAll(made: SyncPlan): Promise<readonly Failure[]> {
    const failures: Failure[] = [];
    for (const step of made.steps) {
      if (step.action !== 'remove') continue;
      const error = await attempt(step, () => follow(manager.uninstall(step.pluginId, { signal, actor })));
      // Somebody else was faster.
      if (error !== undefined && error.code !== 'E_NOT_INSTALLED') failures.push({ step, error });
    }
    return failures;
  }

  async function attempt(step: SyncStep, work: () => Promise<unknown>): Promise<PluginError | undefined> {
    signal.throwIfAborted();
    tell({ type: 'step', step, state: 'started' });
    try {
      await work();
      tell({ type: 'step', step, state: 'done' });
      return undefined;
    } catch (cause) {
      signal.throwIfAborted();
      const error = syncError(cause, step.pluginId);
      tell({ type: 'step', step, state: 'failed', error });
      // The manager was disposed: nothing that follows could be done.
      if (error.code === 'E_CANCELLED') throw error;
      return error;
    }
  }

  async function perform(step: SyncStep, { steps }: SyncPlan, installed: SyncedPlugin | undefined): Promise<unknown> {
    const { pluginId, action, to: version, expected } = step;
    if (action === 'enable' || action === 'disable')
      return manager.setEnabled(pluginId, action === 'enable', { actor });
    if (action === 'pin' || action === 'unpin') return manager.setPinned(pluginId, action === 'pin', { actor });
    const isAlso = (other: SyncStep['action']): boolean =>
      steps.some((one) => one.pluginId === pluginId && one.action === other);
    // In one commit with the files, so that a plugin that is to be disabled is never enabled.
    const isEnabled = isAlso('disable') ? false : undefined;
    // Decided under the lock of the commit: a pin that is taken away for the time of an install is lost in a crash.
    const isPinIgnored = installed?.isPinned === true;
    return follow(manager.install(pluginId, { version, expected, isEnabled, isPinIgnored, signal, actor }));
  }

  function follow<T>(operation: Operation<T>): Promise<T> {
    const { pluginId } = operation;
    return followOperation(operation, (progress) => {
      tell({ type: 'operation', pluginId, progress });
    });
  }

  if (options.signal?.aborted === true) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });
  const result = run()
    .catch((cause: unknown) => {
      const error = syncError(signal.aborted ? signal.reason : cause);
      failPlan(error);
      throw error;
    })
    .finally(() => options.signal?.removeEventListener('abort', onAbort));
  // Only whoever awaits is told by a rejection.
  result.catch(() => undefined);
  plan.catch(() => undefined);
  return {
    id,
    plan,
    cancel: () => {
      cancel();
    },
    then: (onFulfilled, onRejected) => result.then(onFulfilled, onRejected),
  };
}

interface Failure {
  readonly step: SyncStep;
  readonly error: PluginError;
}

function syncError(cause: unknown, pluginId?: string): PluginError {
  if (cause instanceof PluginError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new PluginError('E_STORE', `the sync failed: ${message}`, { phase: 'commit', pluginId, cause });
}

/** The first failure under its code, with all of them in its details. */
function failureOf(failures: readonly Failure[], also?: string): PluginError {
  const [first] = failures;
  if (first === undefined) throw new Error('expected a failure');
  const { code, phase, pluginId } = first.error;
  const reasons = failures
    .slice(0, 5)
    .map(({ step, error }) =>
      error.message.includes(step.pluginId) ? error.message : `${step.pluginId}: ${error.message}`,
    );
  const more = failures.length > 5 ? [`and ${String(failures.length - 5)} more`] : [];
  const message = [`the sync is not complete: ${reasons.join('; ')}`, ...more, ...(also === undefined ? [] : [also])];
  return new PluginError(code, message.join('; '), {
    phase,
    pluginId,
    retryable: failures.every(({ error }) => error.retryable),
    details: {
      failures: failures.map(({ step, error }) => {
        return { pluginId: step.pluginId, action: step.action, code: error.code, message: error.message };
      }),
    },
    cause: first.error,
  });
}
