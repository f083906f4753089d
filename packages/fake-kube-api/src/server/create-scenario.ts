import { createScenarioCore, type Scenario, type ScenarioOptions } from '../core/scenario/scenario.ts';
import type { ScenarioClock } from '../core/scenario/work-loop.ts';
import type { FakeKubeApi } from './types.ts';

const systemClock: ScenarioClock = {
  now: () => Date.now(),
  // A demo must not keep a process alive whose server is closed.
  setTimeout: (callback, ms) => setTimeout(callback, ms).unref(),
  clearTimeout: (handle) => {
    clearTimeout(handle as NodeJS.Timeout);
  },
};

/**
 * Makes a small company's cluster of a server: nodes, workloads and the controllers that keep them, so that what
 * users write has the effect that it would have. Nothing is there until `start`. Throws a RangeError for options that
 * make no sense.
 */
export function createScenario(api: FakeKubeApi, options: ScenarioOptions = {}): Scenario {
  const { clock = systemClock } = options;
  return createScenarioCore({ store: api.store, appendLog: (pod, line) => api.appendLog(pod, line), clock }, options);
}
