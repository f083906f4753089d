import { builtinResources } from '../../src/core/resources/builtin-resources.ts';
import type { ViewOf } from '../../src/core/scenario/cluster.ts';
import { createRandom } from '../../src/core/scenario/random.ts';
import { RESOURCES, type ResourceKey } from '../../src/core/scenario/resource-ids.ts';
import { createScenarioCore, type ScenarioOptions } from '../../src/core/scenario/scenario.ts';
import { createKubeStore } from '../../src/core/store/create-kube-store.ts';
import type { NewObject } from '../../src/core/types.ts';
import { createManualClock } from './manual-clock.ts';

/** A scenario on a store without HTTP, with a clock of its own; quiet unless options say otherwise. */
export function createScenarioCluster(options: ScenarioOptions = {}) {
  const clock = createManualClock();
  const random = createRandom(7);
  let uids = 0;
  const store = createKubeStore({
    definitions: builtinResources,
    now: () => clock.now(),
    random: () => random.next(),
    uid: () => `00000000-0000-4000-8000-${String(uids++).padStart(12, '0')}`,
  });
  const logs: string[] = [];
  const scenario = createScenarioCore(
    { store, clock, appendLog: (pod, line) => logs.push(`${pod.namespace}/${pod.name}: ${line}`) },
    { eventsPerSecond: 0, logLinesPerSecond: 0, ...options },
  );
  scenario.start();
  return {
    clock,
    store,
    scenario,
    logs,
    get: <K extends ResourceKey>(resource: K, namespace: string | undefined, name: string) =>
      store.get(RESOURCES[resource], namespace, name) as ViewOf<K>,
    list: <K extends ResourceKey>(resource: K, namespace?: string, labelSelector?: string) =>
      store.list(RESOURCES[resource], { namespace, labelSelector }).items as readonly ViewOf<K>[],
    patch: (resource: ResourceKey, namespace: string | undefined, name: string, change: object) =>
      store.patch(RESOURCES[resource], namespace, name, 'merge', change),
    create: (resource: ResourceKey, object: NewObject) =>
      store.create(RESOURCES[resource], object.metadata.namespace, object),
    remove: (resource: ResourceKey, namespace: string | undefined, name: string) =>
      store.delete(RESOURCES[resource], namespace, name),
    /** Moves the clock until it is so, and says how long it took. */
    until: (isSo: () => boolean, limitMs = 60_000) => {
      for (let tookMs = 0; tookMs <= limitMs; tookMs += 50) {
        if (isSo()) return tookMs;
        clock.advance(50);
      }
      throw new Error(`expected it within ${limitMs} ms; last error: ${String(scenario.stats.lastError)}`);
    },
  };
}
