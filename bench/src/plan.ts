import type { PluginShape } from './plugins/archives.ts';

/** How much is measured. */
export interface Plan {
  readonly fanOut: { readonly subscribers: number; readonly rounds: number; readonly roundMs: number };
  readonly memory: { readonly connections: number; readonly warmUp: number; readonly rounds: number };
  readonly roundTrip: { readonly requests: number; readonly rounds: number };
  readonly storm: { readonly connections: number; readonly storms: number; readonly publications: number };
  readonly kubeGateway: { readonly events: number; readonly rounds: number };
  readonly kubeDeadCluster: { readonly rounds: number };
  readonly kubeRecovery: { readonly cuts: number };
  readonly kubeHooks: {
    readonly sizes: readonly number[];
    readonly events: number;
    readonly peerEvents: number;
    readonly rounds: number;
  };
  readonly kubeMemory: { readonly pods: number };
  readonly pluginInstall: { readonly shapes: readonly PluginShape[]; readonly rounds: number };
  readonly dashboardFrames: {
    readonly pods: number;
    readonly eventsPerSecond: number;
    readonly millisecondsEach: number;
    readonly rounds: number;
  };
}

/** What the documents name. */
export const fullPlan: Plan = {
  fanOut: { subscribers: 1_000, rounds: 9, roundMs: 700 },
  memory: { connections: 8_000, warmUp: 1_000, rounds: 3 },
  roundTrip: { requests: 10_000, rounds: 7 },
  storm: { connections: 10_000, storms: 5, publications: 3 },
  kubeGateway: { events: 30_000, rounds: 5 },
  kubeDeadCluster: { rounds: 5 },
  kubeRecovery: { cuts: 100 },
  kubeHooks: { sizes: [10_000, 50_000], events: 20_000, peerEvents: 1_000, rounds: 3 },
  kubeMemory: { pods: 10_000 },
  // Archives of about 64 MiB, each at another limit: of a file, of all files, of their number.
  pluginInstall: {
    shapes: [
      { id: 'one', title: 'one file of 63 MiB', files: 1, bytesEach: 63 * 2 ** 20, noise: 1 },
      { id: 'text', title: '250 MiB of text in 63', files: 200, bytesEach: 1.25 * 2 ** 20, noise: 0.075 },
      { id: 'many', title: '4,900 files', files: 4_900, bytesEach: 13_300, noise: 0.98 },
    ],
    rounds: 5,
  },
  dashboardFrames: { pods: 10_000, eventsPerSecond: 100, millisecondsEach: 10_000, rounds: 3 },
};

/** Proves that everything runs; its figures mean nothing. */
export const quickPlan: Plan = {
  fanOut: { subscribers: 50, rounds: 1, roundMs: 50 },
  memory: { connections: 100, warmUp: 20, rounds: 1 },
  roundTrip: { requests: 200, rounds: 1 },
  storm: { connections: 200, storms: 2, publications: 3 },
  kubeGateway: { events: 200, rounds: 1 },
  kubeDeadCluster: { rounds: 1 },
  kubeRecovery: { cuts: 2 },
  kubeHooks: { sizes: [100], events: 500, peerEvents: 10, rounds: 1 },
  kubeMemory: { pods: 200 },
  pluginInstall: { shapes: [{ id: 'few', title: 'a few files', files: 3, bytesEach: 10_000, noise: 0.5 }], rounds: 1 },
  dashboardFrames: { pods: 500, eventsPerSecond: 100, millisecondsEach: 500, rounds: 1 },
};
