import { isReady } from './availability.ts';
import type { Cluster } from './cluster.ts';
import { isActive } from './pod-factory.ts';
import { resolveCount } from './rollout.ts';
import { matchesSelector } from './selectors.ts';
import type { Pod } from './views.ts';
import type { Controller } from './work-loop.ts';

/** Says of each disruption budget how many of its pods may be evicted now (Kubernetes documentation, Disruptions). */
export function createDisruptionController(cluster: Cluster): Controller {
  return {
    name: 'disruption-budgets',
    reconcile: (key) => {
      const budget = cluster.cache('budgets').get(key);
      if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return undefined;
      const { selector, minAvailable, maxUnavailable } = budget.spec;
      const pods = cluster
        .cache('pods')
        .inNamespace(budget.metadata.namespace ?? '')
        .filter((pod) => isActive(pod) && matchesSelector(selector, pod.metadata.labels));
      const expected = pods.length;
      const desired =
        maxUnavailable === undefined
          ? resolveCount(minAvailable ?? 1, expected, 'up')
          : expected - resolveCount(maxUnavailable, expected, 'up');
      const healthy = pods.filter(isReady).length;
      cluster.updateStatus('budgets', budget, {
        currentHealthy: healthy,
        desiredHealthy: Math.max(0, desired),
        disruptionsAllowed: Math.max(0, healthy - desired),
        expectedPods: expected,
        observedGeneration: budget.metadata.generation ?? 1,
      });
      return undefined;
    },
  };
}

/** Keys of the budgets that select a pod. */
export function budgetsOf(cluster: Cluster, pod: Pod): readonly string[] {
  const { namespace = '', labels } = pod.metadata;
  return cluster
    .cache('budgets')
    .inNamespace(namespace)
    .filter(({ spec }) => matchesSelector(spec.selector, labels))
    .map(({ metadata }) => `${namespace}/${metadata.name}`);
}
