import type { Cluster } from './cluster.ts';
import type { Controller } from './work-loop.ts';

/** Gives each namespace its default service account and the certificate of the cluster. */
export function createNamespaceController(cluster: Cluster): Controller {
  return {
    name: 'namespaces',
    reconcile: (namespace) => {
      const object = cluster.cache('namespaces').get(namespace);
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) return undefined;
      if (cluster.cache('serviceAccounts').get(`${namespace}/default`) === undefined) {
        const metadata = { name: 'default', namespace };
        cluster.create('serviceAccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
      }
      if (cluster.cache('configMaps').get(`${namespace}/kube-root-ca.crt`) === undefined) {
        const metadata = { name: 'kube-root-ca.crt', namespace };
        const data = { 'ca.crt': '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n' };
        cluster.create('configMaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
      }
      return undefined;
    },
  };
}
