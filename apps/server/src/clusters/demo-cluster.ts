import { randomBytes } from 'node:crypto';
import { createFakeKubeApi, createScenario } from '@fleetwire/fake-kube-api';
import type { ClusterDefinition } from '@fleetwire/kube-watch/server';

/** Name of the cluster that needs no kubeconfig. */
const demoClusterName = 'demo';

/** A cluster in this process that lives by itself. */
export interface DemoCluster {
  readonly definition: ClusterDefinition;
  dispose(): Promise<void>;
}

/**
 * Starts the demo cluster. It listens on a free port of loopback and takes a token of this start
 * alone, so that it is reached like any other cluster, and by nobody else.
 */
export async function startDemoCluster(): Promise<DemoCluster> {
  const token = randomBytes(32).toString('base64url');
  const api = createFakeKubeApi({
    authenticate: (given) => (given === token ? { user: 'fleetwire', groups: ['system:masters'] } : undefined),
  });
  const scenario = createScenario(api);
  try {
    const { url } = await api.listen({ host: '127.0.0.1', port: 0 });
    scenario.start();
    return {
      definition: {
        name: demoClusterName,
        // The configuration says whose it is.
        orgs: [],
        identity: 'shared',
        isDemo: true,
        connection: {
          server: url,
          identityKey: demoClusterName,
          requestOptions: () => Promise.resolve({ headers: { authorization: `Bearer ${token}` } }),
          refreshCredentials: () => Promise.resolve(false),
        },
      },
      async dispose() {
        scenario.dispose();
        await api.dispose();
      },
    };
  } catch (error) {
    scenario.dispose();
    await api.dispose();
    throw error;
  }
}
