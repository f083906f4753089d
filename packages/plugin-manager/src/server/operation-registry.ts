import type { Clock, TimerHandle } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import type { InstallResult } from '../node/install-pipeline.ts';
import type { Operation } from '../node/operation.ts';
import type { PluginRepair } from '../node/plugin-manager-interface.ts';
import type { InstalledState } from '../protocol/state.ts';
import type { PluginOperationView } from '../protocol/wire.ts';
import { nextView, queuedView, type OperationResult } from './operation-view.ts';

/** How long an operation is kept after its end. */
export const operationKeptMs = 3_600_000;

/**
 * Operations that have ended and are kept; of more, those that ended first are dropped. Those that wait or run are never
 * dropped: whoever starts them bounds them.
 */
export const maxEndedOperations = 500;

/** What happens to a registry: an operation came or went on, or was dropped. */
export type RegistryEvent =
  | { readonly type: 'view'; readonly view: PluginOperationView; readonly before: PluginOperationView | undefined }
  | { readonly type: 'dropped'; readonly id: string };

/** Operations that wait and run, and those that ended within the hour. */
export interface OperationRegistry {
  /** Begins to follow an operation; of one that it follows already, nothing changes. `title`: of its plugin. */
  track(operation: Operation<unknown>, title?: string): PluginOperationView;
  /** Says what the plugin of an operation is called, where that was not known; nothing changes after its end. */
  entitle(id: string, title: string): void;
  get(id: string): PluginOperationView | undefined;
  /** Oldest first. */
  list(): readonly PluginOperationView[];
  /** Resolves when those that run now have ended. */
  settled(): Promise<void>;
  /** Cancels one that has not ended; false where there is none of that id. */
  cancel(id: string): boolean;
  /** Returns the undo. What a listener throws harms nothing else. */
  subscribe(listener: (event: RegistryEvent) => void): () => void;
  /** Follows nothing any more. */
  dispose(): void;
}

interface Tracked {
  view: PluginOperationView;
  readonly operation: Operation<unknown>;
}

/** Makes a registry that follows nothing yet. */
export function createOperationRegistry(clock: Clock, logger: Logger): OperationRegistry {
  const tracked = new Map<string, Tracked>();
  const listeners = new Set<(event: RegistryEvent) => void>();
  let timer: TimerHandle;
  let isDisposed = false;

  function tell(event: RegistryEvent): void {
    for (const listener of [...listeners]) {
      try {
        listener(event);
      } catch (err) {
        logger.error({ err }, 'a listener of the operations on plugins has thrown');
      }
    }
  }

  function change(entry: Tracked, view: PluginOperationView): void {
    const before = entry.view;
    if (isDisposed || view === before) return;
    entry.view = view;
    tell({ type: 'view', view, before });
    if (view.endedAt !== undefined) dropOld();
  }

  /** Drops what ended too long ago, or is too much, and comes back when the next is due. */
  function dropOld(): void {
    clock.clearTimeout(timer);
    const ended = [...tracked.values()]
      .map(({ view }) => view)
      .filter(({ endedAt }) => endedAt !== undefined)
      .sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
    const tooMany = ended.length - maxEndedOperations;
    const old = ended.filter(({ endedAt = 0 }, index) => index < tooMany || endedAt + operationKeptMs <= clock.now());
    for (const { id } of old) {
      tracked.delete(id);
      tell({ type: 'dropped', id });
    }
    const next = ended.find(({ id }) => tracked.has(id))?.endedAt;
    if (next !== undefined) timer = clock.setTimeout(dropOld, Math.max(0, next + operationKeptMs - clock.now()));
  }

  async function follow(entry: Tracked): Promise<void> {
    const { operation } = entry;
    for await (const event of operation) {
      const result = event.type === 'done' ? resultOf(operation, await operation) : {};
      change(entry, nextView(entry.view, event, clock.now(), result));
    }
  }

  return {
    track(operation, title) {
      const known = tracked.get(operation.id);
      if (known !== undefined) return known.view;
      const { id, action, pluginId, actor } = operation;
      const start = { id, action, pluginId, startedBy: actor ?? '', startedAt: clock.now() };
      const view = queuedView(title === undefined ? start : { ...start, title });
      const entry: Tracked = { view, operation };
      tracked.set(id, entry);
      tell({ type: 'view', view, before: undefined });
      follow(entry).catch((err: unknown) => {
        logger.error({ err, operationId: id, action, pluginId }, 'an operation on a plugin could not be followed');
      });
      return view;
    },
    entitle(id, title) {
      const entry = tracked.get(id);
      if (entry === undefined || entry.view.endedAt !== undefined || entry.view.title !== undefined) return;
      change(entry, { ...entry.view, title });
    },
    get: (id) => tracked.get(id)?.view,
    list: () => [...tracked.values()].map(({ view }) => view),
    async settled() {
      const running = [...tracked.values()].filter(({ view }) => view.endedAt === undefined);
      await Promise.allSettled(running.map(({ operation }) => operation));
    },
    cancel(id) {
      const entry = tracked.get(id);
      entry?.operation.cancel();
      return entry !== undefined;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispose() {
      isDisposed = true;
      clock.clearTimeout(timer);
      listeners.clear();
    },
  };
}

/** What is active since an operation is done, by what it resolved with; of a removal and a verification, nothing. */
function resultOf({ action }: Operation<unknown>, result: unknown): OperationResult {
  switch (action) {
    case 'install':
    case 'update': {
      const { version, title } = (result as InstallResult).receipt;
      return { version, title };
    }
    case 'rollback':
      return { version: (result as InstalledState).active.version };
    case 'repair':
      return { version: (result as PluginRepair).installed.active.version };
    case 'uninstall':
    case 'verify':
      return {};
  }
}
