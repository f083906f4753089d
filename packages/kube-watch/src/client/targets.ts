import type { Clock } from '@fleetwire/websocket-core';
import { targetKey } from '../core/canonical-target.ts';
import { createClusterMemory, type ClusterMemory } from '../core/cluster-memory.ts';
import { createReflector } from '../core/reflector.ts';
import type { Reflector } from '../core/reflector-options.ts';
import type { WatchTransport } from '../core/watch-transport.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError, TargetState } from '../protocol/watch-status.ts';
import type { FlushScheduler } from './flush-scheduler.ts';
import type { PendingWrites } from './pending-writes.ts';
import { createSharedTarget, type SharedTarget } from './shared-target.ts';
import type { TransportSelector } from './transport-selector.ts';
import type { ObjectRef, TargetHandle, TargetOptions, TargetSnapshot } from './types.ts';

/** What the targets of a client need of it. */
export interface TargetsOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly scheduler: FlushScheduler;
  readonly transports: TransportSelector;
  readonly lingerMs: number;
  readonly maxRetries: number | undefined;
  readonly onError: ((error: KubeWatchError) => void) | undefined;
  readonly writes: PendingWrites;
  /** The caller wants to see a list of this cluster now. */
  readonly beforeRefetch: (cluster: string) => void;
}

/** The targets of one client: each is listed and watched once, however many hold it. */
export interface Targets {
  readonly states: readonly TargetState[];
  onStates(listener: () => void): () => void;
  watch(target: WatchTarget, options?: TargetOptions): TargetHandle;
  peek(target: WatchTarget): TargetSnapshot | undefined;
  /** See `KubeWatchClient.reflect`. */
  reflect(target: WatchTarget, over: (transport: WatchTransport) => WatchTransport): () => void;
  /** What targets of this cluster and resource show may have changed. */
  touch(ref: ObjectRef): void;
  /** Those of one cluster, or all. */
  wake(cluster?: string): void;
  /** Credentials of one cluster, or of all, may be good again: those that a 401 stopped ask. */
  renewed(cluster?: string): void;
  dispose(): void;
}

/** Makes the targets of a client. */
export function createTargets(options: TargetsOptions): Targets {
  const { clock, random, scheduler, transports } = options;
  const shared = new Map<string, SharedTarget>();
  const memories = new Map<string, ClusterMemory>();
  const listeners = new Set<() => void>();
  let states: readonly TargetState[] | undefined = [];
  /** Reflectors beside the targets, with their undos. */
  const others = new Map<Reflector, { readonly cluster: string; readonly undo: () => void }>();

  const memoryOf = (cluster: string): ClusterMemory => {
    let memory = memories.get(cluster);
    if (memory === undefined) {
      memory = createClusterMemory(clock, random);
      memories.set(cluster, memory);
    }
    return memory;
  };
  const tell = (): void => {
    scheduler.callAll(listeners);
  };
  const changed = (): void => {
    states = undefined;
    if (listeners.size > 0) scheduler.schedule(tell);
  };

  return {
    get states() {
      states ??= [...shared.values()].map(({ snapshot }) => snapshot.state);
      return states;
    },
    onStates(listener) {
      const own = (): void => {
        listener();
      };
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    watch(target, targetOptions = {}) {
      const key = targetKey(target);
      let found = shared.get(key);
      if (found === undefined) {
        const created = createSharedTarget(target, {
          ...options,
          memory: memoryOf(target.cluster),
          onChange: changed,
          onReleased: () => {
            if (shared.get(key) === created) shared.delete(key);
            changed();
          },
        });
        found = created;
        shared.set(key, created);
        changed();
      }
      return found.hold(targetOptions);
    },
    peek: (target) => shared.get(targetKey(target))?.snapshot,
    reflect(target, over) {
      const carrier = transports.attach(target, (transport) => {
        reflector.setTransport(over(transport));
      });
      const reflector: Reflector = createReflector({
        target,
        transport: over(carrier.transport()),
        clock,
        random,
        maxItems: 0,
        maxRetries: options.maxRetries,
        cluster: memoryOf(target.cluster),
        onError: options.onError,
      });
      const undo = (): void => {
        if (!others.delete(reflector)) return;
        carrier.release();
        reflector.dispose();
      };
      others.set(reflector, { cluster: target.cluster, undo });
      reflector.start();
      return undo;
    },
    touch({ cluster, resource }) {
      for (const one of shared.values()) {
        const { target } = one;
        if (target.cluster === cluster && target.resource.resource === resource.resource) one.touch();
      }
    },
    wake(cluster) {
      for (const one of shared.values()) if (cluster === undefined || one.target.cluster === cluster) one.wake();
      for (const [one, other] of others) if (cluster === undefined || other.cluster === cluster) one.wake();
    },
    renewed(cluster) {
      for (const [name, { refusals }] of memories) if (cluster === undefined || name === cluster) refusals.renewed();
    },
    dispose() {
      listeners.clear();
      for (const one of [...shared.values()]) one.dispose();
      for (const { undo } of [...others.values()]) undo();
    },
  };
}
