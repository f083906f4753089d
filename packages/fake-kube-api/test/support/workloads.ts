import type { Loose } from './scenario-cluster.ts';

/** A deployment as a user would write it. */
export function newDeployment(name: string, spec: Loose = {}, container: Loose = {}, namespace = 'default'): Loose {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'nginx:1.29.0', ...container }] },
      },
      ...spec,
    },
  };
}
