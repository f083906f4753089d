import { expect, vi } from 'vitest';
import {
  createFakeKubeApi,
  createScenario,
  type FakeKubeApiOptions,
  type ScenarioOptions,
} from '../../src/server/index.ts';

/** A server with a scenario that lives by what its users do alone. */
export async function startDemoCluster(options: ScenarioOptions = {}, apiOptions: FakeKubeApiOptions = {}) {
  const api = createFakeKubeApi(apiOptions);
  const scenario = createScenario(api, { eventsPerSecond: 0, logLinesPerSecond: 50, ...options });
  scenario.start();
  const { url } = await api.listen();
  return {
    api,
    scenario,
    url,
    /** Waits until a watch of this path has been answered. */
    watched: (path: string, selector = '') =>
      vi.waitFor(
        () => {
          const isOpen = api.stats.requests.some(
            (request) => request.isWatch && request.path === path && request.query['labelSelector'] === selector,
          );
          expect(isOpen, `a watch of ${path}`).toBe(true);
        },
        { interval: 20 },
      ),
    stop: async () => {
      scenario.dispose();
      await api.dispose();
    },
  };
}
