import type { NewObject } from '../../src/core/types.ts';

/** A workload of any kind as a user would write it, in the namespace `default`. */
export function newWorkload(kind: string, name: string, spec: object = {}, container: object = {}): NewObject {
  const labels = { app: name };
  return {
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name, namespace: 'default' },
    spec: {
      ...(kind === 'Job' ? {} : { selector: { matchLabels: labels } }),
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'nginx:1.29.0', ...container }] },
      },
      ...spec,
    },
  };
}

/** A deployment of three replicas. */
export function newDeployment(name: string, spec: object = {}, container: object = {}): NewObject {
  return newWorkload('Deployment', name, { replicas: 3, ...spec }, container);
}
