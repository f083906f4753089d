import { randomUUID } from 'node:crypto';
import type { Clock } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import { PluginError } from '../protocol/error.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';
import type { InstallResult } from './install-pipeline.ts';
import { startOperation, type Operation, type OperationAction, type OperationContext } from './operation.ts';
import type {
  ActorOptions,
  PluginAuditRecord,
  PluginManagerOptions,
  StartOptions,
} from './plugin-manager-interface.ts';
import type { PluginStore } from './store/plugin-store.ts';

/** What an operation does with the store. */
type StoreWork<T> = (store: PluginStore, context: OperationContext) => Promise<T>;

/** Starts what changes plugins: one after the other for each plugin, and with a line in the audit for each. */
export interface OperationRunner {
  start<T>(action: OperationAction, pluginId: string, options: StartOptions, work: StoreWork<T>): Operation<T>;
  /** For what takes no time: it waits for no operation, cannot be cancelled, and nobody is told of its progress. */
  change<T>(
    action: Exclude<PluginAuditRecord['action'], OperationAction | 'recover'>,
    pluginId: string,
    options: ActorOptions,
    work: (store: PluginStore) => Promise<T>,
  ): Promise<T>;
  /** Writes down what no operation did. */
  record(store: PluginStore, entry: PluginAuditRecord): Promise<void>;
  /** Cancels what runs, and waits for it. */
  dispose(): Promise<void>;
}

/** What a runner works with. */
export interface OperationRunnerOptions {
  readonly open: () => Promise<PluginStore>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly audit: PluginManagerOptions['audit'];
  readonly onStart: (operation: Operation<unknown>) => void;
  /** After each end, whatever came of it. */
  readonly onEnd: () => void;
}

/** Makes a runner. */
export function createOperationRunner(options: OperationRunnerOptions): OperationRunner {
  const { open, timeoutMs, clock, logger, audit, onStart, onEnd } = options;
  const running = new Set<Operation<unknown>>();
  let isDisposed = false;

  async function recorded<T>(
    store: PluginStore,
    entry: Omit<PluginAuditRecord, 'outcome' | 'code'>,
    work: () => Promise<T>,
    causeOf: (error: unknown) => unknown = (error) => error,
  ): Promise<T> {
    try {
      const result = await work();
      await record(store, { ...entry, outcome: 'done', accepted: acceptedBy(result) });
      return result;
    } catch (error) {
      const cause = causeOf(error);
      const code = cause instanceof PluginError ? cause.code : undefined;
      await record(store, { ...entry, outcome: code === 'E_CANCELLED' ? 'cancelled' : 'failed', code });
      throw error;
    } finally {
      onEnd();
    }
  }

  async function record(store: PluginStore, entry: PluginAuditRecord): Promise<void> {
    // What was done stays done, whoever cannot write it down.
    try {
      await store.audit({ ...entry });
      await audit?.(entry);
    } catch (err) {
      logger.error({ err, ...entry }, 'a change of a plugin could not be written to the audit');
    }
  }

  /** A place in the plugin's queue; it is held until what `hold` is given has settled. */
  function takeTurn(pluginId: string) {
    let hold!: (ended: PromiseLike<void>) => void;
    const ended = new Promise<void>((resolve) => {
      hold = resolve;
    });
    const turn = new Promise<void>((resolve, reject) => {
      const wait = async (): Promise<void> => {
        resolve();
        await ended;
      };
      open()
        .then((store) => store.queue(pluginId, wait))
        .catch(reject);
    });
    return { turn, hold };
  }

  return {
    record,
    start(action, pluginId, { signal, actor }, work) {
      const id = randomUUID();
      const isLate = isDisposed;
      const { turn, hold } = takeTurn(pluginId);
      const operation = startOperation({
        ...{ id, action, pluginId, actor, timeoutMs, clock, signal, turn },
        work: async (context) => {
          parsePluginId(pluginId);
          if (isLate) throw disposedError(pluginId);
          const store = await open();
          const entry = { operationId: id, action, pluginId, actor };
          const causeOf = (error: unknown): unknown =>
            context.signal.aborted ? (context.signal.reason as unknown) : error;
          return recorded(store, entry, () => work(store, context), causeOf);
        },
      });
      running.add(operation);
      const ended = operation.then(
        () => undefined,
        () => undefined,
      );
      hold(ended);
      void ended.then(() => running.delete(operation));
      onStart(operation);
      return operation;
    },

    async change(action, pluginId, { actor }, work) {
      parsePluginId(pluginId);
      if (isDisposed) throw disposedError(pluginId);
      const store = await open();
      const entry = { operationId: randomUUID(), action, pluginId, actor };
      // Not in the queue: what turns a plugin off must not wait for its download. The store's lock orders the writes.
      return recorded(store, entry, () => work(store));
    },

    async dispose() {
      isDisposed = true;
      for (const operation of running) operation.cancel();
      await Promise.allSettled(running);
    },
  };
}

/** E_CANCELLED: nothing can be asked of a manager any more. */
export function disposedError(pluginId?: string): PluginError {
  return new PluginError('E_CANCELLED', 'the plugin manager was disposed', { phase: 'resolve', pluginId });
}

/** What an install accepted of another publisher; undefined where nothing, and of what is no install. */
function acceptedBy(result: unknown): PluginAuditRecord['accepted'] {
  if (typeof result !== 'object' || result === null || !('acceptedChanges' in result)) return undefined;
  const { acceptedChanges = [] } = result as Pick<InstallResult, 'acceptedChanges'>;
  return acceptedChanges.length > 0 ? acceptedChanges : undefined;
}
