import { randomUUID } from 'node:crypto';
import type { Clock } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import { PluginError } from '../protocol/error.ts';
import { parsePluginId } from '../protocol/plugin-id.ts';
import { disposedError, type CallTracker } from './call-tracker.ts';
import { activeVersion, auditOfResult, createAuditRecorder, type RecordAudit } from './operation-audit.ts';
import { createOperationSlots } from './operation-slots.ts';
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

/**
 * Operations that download, extract or hash at the same time, of all plugins together. The others stay `queued`, first
 * come first served; none is refused for it. How many wait is bounded for each plugin by the queue of the store.
 */
const maxHeavyOperations = 4;
const heavyActions: ReadonlySet<OperationAction> = new Set(['install', 'update', 'repair', 'verify'] as const);

/** Starts what changes plugins: one after the other for each plugin, and with a line in the audit for each. */
export interface OperationRunner {
  start<T>(action: OperationAction, pluginId: string, options: StartOptions, work: StoreWork<T>): Operation<T>;
  /**
   * For what takes no time, and for what is of the whole store (without an id): it waits for no operation, cannot be
   * cancelled, and nobody is told of its progress.
   */
  change<T>(
    action: Exclude<PluginAuditRecord['action'], Exclude<OperationAction, 'repair'> | 'recover'>,
    pluginId: string | undefined,
    options: ActorOptions,
    work: (store: PluginStore) => Promise<T>,
  ): Promise<T>;
  /** Writes down what no operation did. */
  readonly record: RecordAudit;
  /** Cancels what runs, and waits for it. */
  dispose(): Promise<void>;
}

/** What a runner works with. */
export interface OperationRunnerOptions {
  readonly open: () => Promise<PluginStore>;
  /** Its end waits for changes. */
  readonly calls: CallTracker;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly audit: PluginManagerOptions['audit'];
  readonly writer: PluginManagerOptions['writer'];
  readonly onStart: (operation: Operation<unknown>) => void;
  /** After each end, whatever came of it. */
  readonly onEnd: () => void;
}

/** Makes a runner. */
export function createOperationRunner(options: OperationRunnerOptions): OperationRunner {
  const { open, calls, timeoutMs, clock, logger, onStart, onEnd } = options;
  const record = createAuditRecorder(options, logger);
  const heavy = createOperationSlots(maxHeavyOperations);
  const running = new Map<Operation<unknown>, Promise<void>>();
  let isDisposed = false;

  async function recorded<T>(
    store: PluginStore,
    entry: Omit<PluginAuditRecord, 'outcome' | 'code'>,
    work: () => Promise<T>,
    causeOf: (error: unknown) => unknown = (error) => error,
  ): Promise<T> {
    const from = await activeVersion(store, entry.pluginId);
    try {
      const result = await work();
      await record(store, { ...entry, from, outcome: 'done', ...auditOfResult(result) });
      return result;
    } catch (error) {
      await record(store, { ...entry, from, ...failureOf(causeOf(error)) });
      throw error;
    } finally {
      onEnd();
    }
  }

  /** A place in the plugin's queue, then one among those that are heavy; who has ended holds none, and waits for none. */
  function takeTurn(action: OperationAction, pluginId: string, ended: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const wait = async (): Promise<void> => {
        resolve(heavyActions.has(action) ? heavy.take(ended) : undefined);
        await ended;
      };
      open()
        .then((store) => store.queue(pluginId, wait, ended))
        .catch(reject);
    });
  }

  return {
    record,
    start(action, pluginId, { signal, actor }, work) {
      const id = randomUUID();
      const entry = { operationId: id, action, pluginId, actor };
      const isLate = isDisposed;
      let isRecorded = isLate;
      let end!: () => void;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      const operation = startOperation({
        ...{ id, action, pluginId, actor, timeoutMs, clock, signal },
        turn: takeTurn(action, pluginId, ended),
        work: async (context) => {
          parsePluginId(pluginId);
          if (isLate) throw disposedError(pluginId);
          const store = await open();
          const causeOf = (error: unknown): unknown =>
            context.signal.aborted ? (context.signal.reason as unknown) : error;
          isRecorded = true;
          return recorded(store, entry, () => work(store, context), causeOf);
        },
      });
      operation.then(end, end);
      // What ended before it began, as it was cancelled in the queue or there was no store, is written down too.
      const noted = operation.then(
        () => undefined,
        async (error: unknown) => {
          if (!isRecorded) await record(await open().catch(() => undefined), { ...entry, ...failureOf(error) });
        },
      );
      const settled = Promise.resolve(noted).finally(() => running.delete(operation));
      running.set(operation, settled);
      onStart(operation);
      return operation;
    },

    change(action, pluginId, { actor }, work) {
      return calls.track(async () => {
        if (pluginId !== undefined) parsePluginId(pluginId);
        const store = await open();
        const entry = { operationId: randomUUID(), action, pluginId, actor };
        // Not in the queue: what turns a plugin off must not wait for its download. The store's lock orders the writes.
        return recorded(store, entry, () => work(store));
      });
    },

    async dispose() {
      isDisposed = true;
      for (const operation of running.keys()) operation.cancel();
      await Promise.all(running.values());
    },
  };
}

function failureOf(cause: unknown): Pick<PluginAuditRecord, 'outcome' | 'code'> {
  const code = cause instanceof PluginError ? cause.code : undefined;
  return { outcome: code === 'E_CANCELLED' ? 'cancelled' : 'failed', code };
}
