import { systemClock, type FleetwireError } from '@fleetwire/websocket-core';
import type { Client } from '@fleetwire/websocket-core/client';
import { createKubeWatchError, toKubeWatchError } from '../core/kube-watch-error.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { createApiResources } from './api-resources.ts';
import { transportCandidates } from './candidates.ts';
import { createClusterGates } from './cluster-gates.ts';
import { disposedHandle } from './disposed-handle.ts';
import { createFlushScheduler } from './flush-scheduler.ts';
import { createKubeHttp, type KubeHttp } from './http.ts';
import { createMutations } from './mutations.ts';
import { watchPageWake } from './page-wake.ts';
import { createPendingWrites } from './pending-writes.ts';
import { watchRenewals } from './renewals.ts';
import { createSocketDialer } from './socket-dialer.ts';
import { createSocketPool } from './socket-pool.ts';
import { createTargets } from './targets.ts';
import { createTransportSelector } from './transport-selector.ts';
import type { KubeWatchClient, KubeWatchClientOptions } from './types.ts';
import { createWebSocketManager } from './websocket-manager.ts';

/** A quick unmount and remount, of a page that is left and come back to, costs nothing. */
const defaultLingerMs = 5_000;

let lastId = 0;

/** Makes a client; it does nothing until something is asked of it. Throws INVALID_ARGUMENT for options that contradict. */
export function createKubeWatchClient(options: KubeWatchClientOptions = {}): KubeWatchClient {
  const { clock = systemClock, flush = 'frame', lingerMs = defaultLingerMs, maxRetries, onError } = options;
  const random = options.random ?? Math.random;
  const http = createKubeHttp(options, () => {
    targets.renewed();
  });
  const gates = createClusterGates(clock, (cluster) => {
    targets.wake(cluster);
  });
  /** For what asks again and again by itself. */
  const patient: KubeHttp = { ...http, read: (asked) => gates.run(asked.cluster, () => http.read(asked)) };
  const dial = createSocketDialer(http, clock, options.WebSocket);
  const report = (error: KubeWatchError): void => {
    try {
      onError?.(error);
    } catch {
      // Nobody is left to tell.
    }
  };
  const groups = new Set<(run: () => void) => void>();
  const onThrown = (cause: unknown): void => {
    const message = 'a listener of a flush has thrown';
    report(createKubeWatchError({ code: 'LISTENER_FAILED', retryable: false, message, cluster: '', cause }));
  };
  const scheduler = createFlushScheduler(flush, clock, onThrown, (run) => {
    [...groups].reduce<() => void>(
      (inner, group) => () => {
        group(inner);
      },
      run,
    )();
  });
  const transports = createTransportSelector({
    ...transportCandidates(options, patient, dial, clock),
    clock,
    onError: (error) => {
      report(error);
    },
    canReach: async (cluster) => {
      try {
        await patient.read({ cluster, path: '/version' });
        return true;
      } catch (error) {
        // Any answer of the cluster shows that HTTP gets through; what a proxy answers for it does not.
        const { status } = toKubeWatchError(error, { cluster });
        return status !== undefined && status < 500;
      }
    },
  });
  const writes = createPendingWrites(clock, (ref) => {
    targets.touch(ref);
  });
  let undoRenewals: (() => void) | undefined;
  /** Begins with the first refusal; before it nobody waits for better credentials. */
  const hearRenewals = (client: Client): void => {
    undoRenewals ??= watchRenewals(client, {
      onPage: () => {
        targets.renewed();
      },
      onCluster: (cluster) => {
        targets.renewed(cluster);
      },
    });
  };
  const targets = createTargets({
    clock,
    random,
    scheduler,
    transports,
    lingerMs,
    maxRetries,
    onError: (error) => {
      if (error.status === 401 && options.client !== undefined && !isDisposed) hearRenewals(options.client);
      report(error);
    },
    writes,
    beforeRefetch: (cluster) => {
      gates.reset(cluster);
    },
  });
  const reportSocket = (error: FleetwireError): void => {
    report(toKubeWatchError(error, { cluster: '' }));
  };
  const pool = createSocketPool({ dial, clock, random, maxRetries, onError: reportSocket });
  const webSockets = createWebSocketManager(pool, reportSocket);
  const resources = createApiResources(http, gates, clock);
  const mutations = createMutations(http, writes, () => clock.now());
  const undoWake = watchPageWake(() => {
    gates.reset();
    targets.wake();
  });
  let isDisposed = false;
  lastId += 1;

  return {
    id: lastId,
    webSockets,
    get targets() {
      return targets.states;
    },
    onTargets: (listener) => targets.onStates(listener),
    watch(target, targetOptions) {
      // A component that is left over is no reason to take the page down.
      return isDisposed ? disposedHandle(target) : targets.watch(target, targetOptions);
    },
    peek: (target) => targets.peek(target),
    groupFlushes(group) {
      const own = (run: () => void): void => {
        group(run);
      };
      groups.add(own);
      return () => {
        groups.delete(own);
      };
    },
    scheduleFlush: (callback) => {
      scheduler.schedule(callback);
    },
    reflect: (target, over) => (isDisposed ? () => {} : targets.reflect(target, over)),
    apiResources: (cluster, { refresh = false } = {}) => resources.get(cluster, refresh),
    knownApiResources: (cluster) => resources.peek(cluster),
    resolveResource: (cluster, wanted) => resources.resolve(cluster, wanted),
    async fetch(cluster, path, init) {
      checkPath(cluster, path);
      return http.requestWithRefresh({ cluster, path, init });
    },
    async read(cluster, path) {
      checkPath(cluster, path);
      return http.readWithRefresh({ cluster, path });
    },
    ...mutations,
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      undoWake();
      undoRenewals?.();
      targets.dispose();
      webSockets.dispose();
      transports.dispose();
      writes.dispose();
      scheduler.dispose();
      http.dispose();
      groups.clear();
    },
  };
}

function checkPath(cluster: string, path: string): void {
  if (path.startsWith('/')) return;
  const message = `expected a path that begins with a slash, got ${path.slice(0, 100)}`;
  throw createKubeWatchError({ code: 'INVALID_ARGUMENT', retryable: false, message, cluster });
}
