import { jsonEqual } from '../patch/json-value.ts';
import { ownerReference, type Cluster } from './cluster.ts';
import { isReady } from './availability.ts';
import { splitKey } from './object-cache.ts';
import { matchesSelector } from './selectors.ts';
import type { Pod, Service } from './views.ts';
import type { Controller } from './work-loop.ts';

const SERVICE_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };

interface Port {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
}

function portsOf(service: Service, pod: Pod | undefined): readonly Port[] {
  const containers = pod?.spec.containers ?? [];
  return (service.spec.ports ?? []).map(({ name, port, protocol = 'TCP', targetPort = port }) => {
    const named = containers.flatMap(({ ports = [] }) => ports).find((candidate) => candidate.name === targetPort);
    const number = typeof targetPort === 'number' ? targetPort : (named?.containerPort ?? port);
    return { ...(name === undefined ? {} : { name }), port: number, protocol };
  });
}

function reference(pod: Pod) {
  const { name, namespace, uid } = pod.metadata;
  return { kind: 'Pod', name, namespace, uid };
}

function addressOf(pod: Pod): string {
  return pod.status?.podIP ?? '';
}

function endpointSubsets(service: Service, pods: readonly Pod[]): readonly object[] {
  const address = (pod: Pod) => ({ ip: addressOf(pod), nodeName: pod.spec.nodeName, targetRef: reference(pod) });
  const ready = pods.filter(isReady).map(address);
  const notReady = pods.filter((pod) => !isReady(pod)).map(address);
  if (ready.length + notReady.length === 0) return [];
  return [
    {
      ...(ready.length > 0 ? { addresses: ready } : {}),
      ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
      ports: portsOf(service, pods[0]),
    },
  ];
}

function sliceEndpoints(pods: readonly Pod[]): readonly object[] {
  return pods.map((pod) => ({
    addresses: [addressOf(pod)],
    conditions: {
      ready: isReady(pod),
      serving: isReady(pod),
      terminating: pod.metadata.deletionTimestamp !== undefined,
    },
    nodeName: pod.spec.nodeName,
    targetRef: reference(pod),
  }));
}

/** Keeps the Endpoints and the EndpointSlice of each service, gives load balancers an address. */
export function createServiceController(cluster: Cluster): Controller {
  const setEndpoints = (service: Service, pods: readonly Pod[]) => {
    const { name, namespace = 'default', labels } = service.metadata;
    const subsets = endpointSubsets(service, pods);
    const known = cluster.cache('endpoints').get(`${namespace}/${name}`);
    if (known === undefined) {
      const metadata = { name, namespace, ...(labels === undefined ? {} : { labels }) };
      cluster.create('endpoints', { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets });
    } else if (!jsonEqual(known['subsets'] ?? [], subsets)) {
      cluster.update('endpoints', { ...known, subsets });
    }
  };
  const setSlice = (service: Service, pods: readonly Pod[]) => {
    const { name, namespace = 'default', uid } = service.metadata;
    const slice = { endpoints: sliceEndpoints(pods), ports: portsOf(service, pods[0]) };
    const [known] = cluster.cache('endpointSlices').ownedBy(uid);
    if (known === undefined) {
      cluster.create('endpointSlices', {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          generateName: `${name}-`,
          namespace,
          labels: { ...service.metadata.labels, [SERVICE_LABEL]: name, ...MANAGED_BY },
          ownerReferences: [ownerReference(service)],
        },
        addressType: 'IPv4',
        ...slice,
      });
    } else if (!jsonEqual({ endpoints: known['endpoints'] ?? [], ports: known['ports'] ?? [] }, slice)) {
      cluster.update('endpointSlices', { ...known, ...slice });
    }
  };

  return {
    name: 'services',
    reconcile: (key) => {
      const service = cluster.cache('services').get(key);
      if (service === undefined) {
        // Endpoints have no owner that would take them along.
        const orphan = cluster.cache('endpoints').get(key);
        if (orphan !== undefined) cluster.remove('endpoints', orphan);
        return undefined;
      }
      const { selector, type } = service.spec;
      if (type === 'LoadBalancer' && service['status'] !== undefined) {
        // TEST-NET-3 (RFC 5737): addresses that belong to nobody.
        const ip = `203.0.113.${1 + (Number(service.spec.clusterIP?.split('.').at(-1) ?? 0) % 254)}`;
        cluster.updateStatus('services', service, { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } });
      }
      if (selector === undefined || service.metadata.deletionTimestamp !== undefined) return undefined;
      const pods = cluster
        .cache('pods')
        .inNamespace(splitKey(key).namespace ?? '')
        .filter((pod) => addressOf(pod) !== '' && matchesSelector({ matchLabels: selector }, pod.metadata.labels))
        .filter(({ status }) => status?.phase === 'Running');
      setEndpoints(service, pods);
      setSlice(service, pods);
      return undefined;
    },
  };
}

/** Keys of the services that select a pod. */
export function servicesOf(cluster: Cluster, pod: Pod): readonly string[] {
  const { namespace = '', labels } = pod.metadata;
  return cluster
    .cache('services')
    .inNamespace(namespace)
    .filter(({ spec }) => spec.selector !== undefined && matchesSelector({ matchLabels: spec.selector }, labels))
    .map(({ metadata }) => `${namespace}/${metadata.name}`);
}
