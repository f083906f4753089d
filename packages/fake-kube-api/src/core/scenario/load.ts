import type { KubeObject } from '../../protocol/kube-object.ts';
import type { Cluster } from './cluster.ts';

const PREFIX = 'load-';

/** Whether an object belongs to the load, which writes no logs, has no part in the scripted life and no managedFields of its status. */
export function isLoad({ metadata }: KubeObject): boolean {
  return metadata.namespace?.startsWith(PREFIX) === true;
}

/** Objects in one namespace of load, near to what a busy namespace holds. */
const PODS_PER_NAMESPACE = 1_000;
const PODS_PER_DEPLOYMENT = 50;

/** Fills the cluster with so many pods, fifty to a deployment, a thousand to a namespace. */
export function fillCluster(cluster: Cluster, pods: number): void {
  for (let first = 0; first < pods; first += PODS_PER_DEPLOYMENT) {
    const namespace = `${PREFIX}${Math.floor(first / PODS_PER_NAMESPACE)}`;
    const name = `filler-${Math.floor(first / PODS_PER_DEPLOYMENT)}`;
    if (cluster.cache('namespaces').get(namespace) === undefined) {
      cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    }
    if (cluster.cache('deployments').get(`${namespace}/${name}`) !== undefined) continue;
    const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'load' };
    cluster.create('deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: {
        replicas: Math.min(PODS_PER_DEPLOYMENT, pods - first),
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'main', image: 'registry.example/filler:1.0.0' }] },
        },
      },
    });
  }
}
