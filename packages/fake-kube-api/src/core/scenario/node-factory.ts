import type { NewObject } from '../types.ts';
import type { Condition } from './views.ts';

/** What a node of the scenario is like. */
export interface NodeShape {
  readonly name: string;
  /** From 1; addresses follow from it. */
  readonly number: number;
  readonly isControlPlane: boolean;
  readonly maxPods: number;
}

/** Conditions of a node that is well, and has been `since` then. */
export function readyConditions(time: string, since = time): readonly Condition[] {
  const fine = (type: string, reason: string, message: string): Condition => ({
    type,
    status: 'False',
    reason,
    message,
    lastHeartbeatTime: time,
    lastTransitionTime: since,
  });
  return [
    fine('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    fine('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    fine('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    { ...fine('Ready', 'KubeletReady', 'kubelet is posting ready status'), status: 'True' },
  ];
}

/** A node as its kubelet registers it. */
export function newNode({ name, number, isControlPlane, maxPods }: NodeShape): NewObject {
  const zone = `north-1${'abc'[number % 3]}`;
  const role = isControlPlane ? 'control-plane' : 'worker';
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': maxPods > 110 ? 'm8.4xlarge' : 'm8.2xlarge',
        [`node-role.kubernetes.io/${role}`]: '',
        'topology.kubernetes.io/region': 'north-1',
        'topology.kubernetes.io/zone': zone,
      },
      annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
    },
    spec: {
      podCIDR: `10.244.${number % 256}.0/24`,
      podCIDRs: [`10.244.${number % 256}.0/24`],
      providerID: `example://${zone}/${name}`,
      ...(isControlPlane ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } : {}),
    },
  };
}

/** The status that a node's kubelet posts; it has been ready `since` then. */
export function nodeStatus({ name, number, maxPods }: NodeShape, time: string, since: string): object {
  const capacity = { cpu: '8', 'ephemeral-storage': '103079200Ki', memory: '32861176Ki', pods: String(maxPods) };
  return {
    capacity,
    allocatable: { ...capacity, cpu: '7800m', memory: '31812600Ki', 'ephemeral-storage': '94997790Ki' },
    conditions: readyConditions(time, since),
    addresses: [
      { type: 'InternalIP', address: `10.0.${number >> 8}.${number & 255 || 255}` },
      { type: 'Hostname', address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: '6.12.48-amd64',
      osImage: 'Debian GNU/Linux 13 (trixie)',
      containerRuntimeVersion: 'containerd://2.1.4',
      kubeletVersion: 'v1.36.1',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    images: [],
  };
}
