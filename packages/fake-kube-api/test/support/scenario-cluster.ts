import { builtinResources } from '../../src/core/resources/builtin-resources.ts';
import { createRandom } from '../../src/core/scenario/random.ts';
import { RESOURCES, type ResourceKey } from '../../src/core/scenario/resource-ids.ts';
import { createScenarioCore, type ScenarioOptions } from '../../src/core/scenario/scenario.ts';
import { createKubeStore } from '../../src/core/store/create-kube-store.ts';
import { createManualClock } from './manual-clock.ts';

/** Any object, to be looked into. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

/** A scenario on a store without HTTP, with a clock of its own; quiet unless options say otherwise. */
export function createScenarioCluster(options: ScenarioOptions = {}) {
  const clock = createManualClock();
  const random = createRandom(7);
  let uids = 0;
  const store = createKubeStore({
    definitions: builtinResources,
    now: clock.now,
    random: random.next,
    uid: () => `00000000-0000-4000-8000-${String(uids++).padStart(12, '0')}`,
  });
  const logs: string[] = [];
  const scenario = createScenarioCore(
    { store, clock, appendLog: (pod, line) => logs.push(`${pod.namespace}/${pod.name}: ${line}`) },
    { eventsPerSecond: 0, logLinesPerSecond: 0, ...options },
  );
  scenario.start();
  const get = (resource: ResourceKey, namespace: string | undefined, name: string) =>
    store.get(RESOURCES[resource], namespace, name) as Loose;
  const list = (resource: ResourceKey, namespace?: string, labelSelector?: string) =>
    store.list(RESOURCES[resource], { namespace, labelSelector }).items as readonly Loose[];
  const patch = (resource: ResourceKey, namespace: string | undefined, name: string, change: object) =>
    store.patch(RESOURCES[resource], namespace, name, 'merge', change).object as Loose;
  const create = (resource: ResourceKey, object: Loose) =>
    store.create(RESOURCES[resource], object.metadata.namespace, object) as Loose;
  const remove = (resource: ResourceKey, namespace: string | undefined, name: string) =>
    store.delete(RESOURCES[resource], namespace, name);
  /** Moves the clock until it is so, and says how long it took. */
  const until = (isSo: () => boolean, limitMs = 60_000) => {
    for (let tookMs = 0; tookMs <= limitMs; tookMs += 50) {
      if (isSo()) return tookMs;
      clock.advance(50);
    }
    throw new Error(`expected it within ${limitMs} ms; errors: ${String(scenario.stats.lastError)}`);
  };
  return { clock, store, scenario, logs, get, list, patch, create, remove, until };
}
