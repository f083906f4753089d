import type { Clock } from '@fleetwire/websocket-core';
import { classifyFailure } from '../core/classify-failure.ts';
import { createKubeBackoff, type KubeBackoff } from '../core/cluster-memory.ts';
import { toKubeWatchError } from '../core/kube-watch-error.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';

/** Keeps those who list and discover from asking a dead cluster all at once; see {@link createClusterGates}. */
export interface ClusterGates {
  /** What `ask` gives; while the cluster is away it may reject with the last failure, without asking. */
  run<T>(cluster: string, ask: () => Promise<T>): Promise<T>;
  /** Forgets the failures of a cluster, or of all: something says that it may be there again. */
  reset(cluster?: string): void;
}

interface Gate {
  readonly backoff: KubeBackoff;
  failures: number;
  error: KubeWatchError | undefined;
  /** When one may ask again, by the clock that is never set. */
  nextAt: number;
  isProbing: boolean;
}

/** The gateway's breaker towards a cluster opens after as many (G8). */
const closesAfter = 5;

/**
 * One gate for each cluster. After five requests in a row that did not reach it, one at a time is sent, at the lower half
 * of the back-off's steps; the others fail at once with what that one met. `onReached` is called when the cluster
 * answered again.
 */
export function createClusterGates(clock: Clock, onReached: (cluster: string) => void): ClusterGates {
  const gates = new Map<string, Gate>();
  const gateOf = (cluster: string): Gate => {
    let gate = gates.get(cluster);
    if (gate === undefined) {
      const backoff = createKubeBackoff(clock, () => 0);
      gate = { backoff, failures: 0, error: undefined, nextAt: -Infinity, isProbing: false };
      gates.set(cluster, gate);
    }
    return gate;
  };
  const answered = (cluster: string, gate: Gate): void => {
    const wasClosed = gate.failures >= closesAfter;
    gate.failures = 0;
    gate.backoff.succeeded();
    if (wasClosed) onReached(cluster);
  };
  const failed = (cluster: string, gate: Gate, error: KubeWatchError): void => {
    if (classifyFailure(error) !== 'unreachable') {
      answered(cluster, gate);
      return;
    }
    // An abort or a token that must not travel says nothing of the cluster.
    if (!error.retryable) return;
    gate.failures += 1;
    gate.error = error;
    gate.nextAt = clock.monotonicNow() + gate.backoff.failed();
  };

  return {
    async run(cluster, ask) {
      const gate = gateOf(cluster);
      const isProbe = gate.failures >= closesAfter;
      if (isProbe && gate.error !== undefined && (gate.isProbing || clock.monotonicNow() < gate.nextAt))
        throw gate.error;
      gate.isProbing = isProbe;
      try {
        const result = await ask();
        answered(cluster, gate);
        return result;
      } catch (error) {
        failed(cluster, gate, toKubeWatchError(error, { cluster }));
        throw error;
      } finally {
        if (isProbe) gate.isProbing = false;
      }
    },
    reset(cluster) {
      for (const [name, gate] of gates) if (cluster === undefined || name === cluster) gate.failures = 0;
    },
  };
}
