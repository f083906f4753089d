import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock, TimerHandle } from '@fleetwire/websocket-core';
import type { Logger } from '@fleetwire/websocket-core/server';
import type { PluginManagerEvent, PluginManagerEvents } from './plugin-manager-interface.ts';
import type { PluginStore } from './store/plugin-store.ts';

/** How often the state is looked at, for file systems that tell nothing of changes (NFS). */
const pollMs = 10_000;

/** The events of a manager, and what makes them. */
export interface EventHub extends PluginManagerEvents {
  emit(event: Extract<PluginManagerEvent, { readonly type: 'operation' }>): void;
  /** Looks whether the generation is another one. */
  look(): void;
  dispose(): void;
}

/** What a hub works with. */
export interface EventHubOptions {
  readonly open: () => Promise<PluginStore>;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Subscriber {
  readonly listener: (event: PluginManagerEvent) => void;
  /** What it was told last. */
  generation: number | undefined;
}

/** Makes a hub. It watches the state for as long as somebody listens. */
export function createEventHub({ open, clock, logger }: EventHubOptions): EventHub {
  const subscribers = new Set<Subscriber>();
  let watcher: FSWatcher | undefined;
  let timer: TimerHandle;
  let looking: Promise<void> | undefined;
  let isUnwatchable = false;
  let isStale = false;
  let isDisposed = false;

  function tell(subscriber: Subscriber, event: PluginManagerEvent): void {
    try {
      subscriber.listener(event);
    } catch (err) {
      logger.error({ err, event: event.type }, 'a listener of the plugin manager has thrown');
    }
  }

  async function readAndTell(): Promise<void> {
    const store = await open();
    watchOnce(store);
    do {
      isStale = false;
      // A state that cannot be read is what every call says; here it is no change.
      const generation = await store.state().then(
        (state) => state.generation,
        () => undefined,
      );
      if (generation === undefined) continue;
      for (const subscriber of [...subscribers]) {
        if (subscriber.generation === generation || !subscribers.has(subscriber)) continue;
        subscriber.generation = generation;
        tell(subscriber, { type: 'changed', generation });
      }
    } while (isStale);
  }

  function look(): void {
    isStale = true;
    if (subscribers.size === 0) return;
    looking ??= readAndTell()
      .catch(() => {
        isStale = false;
      })
      .finally(() => {
        looking = undefined;
        if (isStale) look();
      });
  }

  function poll(): void {
    timer = clock.setTimeout(() => {
      look();
      poll();
    }, pollMs);
  }

  /** As soon as there is a store; one that could not be opened may be later. */
  function watchOnce({ stateFile }: PluginStore): void {
    if (watcher !== undefined || isUnwatchable || subscribers.size === 0) return;
    const name = basename(stateFile);
    try {
      // The folder and not the file: each change puts another file in its place.
      watcher = watch(dirname(stateFile), { persistent: false }, (_kind, changed) => {
        if (changed === null || changed === name) look();
      });
      watcher.on('error', giveUp);
    } catch (err) {
      giveUp(err);
    }
  }

  function giveUp(err: unknown): void {
    logger.warn({ err }, 'the plugin store cannot be watched: it is looked at from time to time');
    isUnwatchable = true;
    watcher?.close();
    watcher = undefined;
  }

  function end(): void {
    clock.clearTimeout(timer);
    isUnwatchable = false;
    watcher?.close();
    watcher = undefined;
  }

  return {
    subscribe(listener) {
      const subscriber: Subscriber = { listener, generation: undefined };
      if (isDisposed) return () => undefined;
      subscribers.add(subscriber);
      if (subscribers.size === 1) poll();
      look();
      return () => {
        if (subscribers.delete(subscriber) && subscribers.size === 0) end();
      };
    },
    emit(event) {
      for (const subscriber of [...subscribers]) tell(subscriber, event);
    },
    look,
    dispose() {
      isDisposed = true;
      subscribers.clear();
      end();
    },
  };
}
