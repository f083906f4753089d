import type { KubeObject } from '@fleetwire/kube-watch';
import { at, text } from '../../../kube/read-object.ts';

/** One line of a summary. */
export interface SummaryFact {
  readonly label: string;
  readonly value: string;
}

/** What matters most of an object of a known kind; for others what `spec` says in plain values. */
export function summaryOf(object: KubeObject): readonly SummaryFact[] {
  const facts: [string, unknown][] = byKind[object.kind ?? '']?.(object) ?? plainSpec(object);
  return facts
    .filter(([, value]) => value !== undefined && value !== '' && value !== null)
    .map(([label, value]) => ({ label, value: text(value) }));
}

const byKind: Readonly<Record<string, (object: KubeObject) => [string, unknown][]>> = {
  Pod: (pod) => [
    ['Phase', at(pod, 'status', 'phase')],
    ['Node', at(pod, 'spec', 'nodeName')],
    ['Pod IP', at(pod, 'status', 'podIP')],
    ['Service account', at(pod, 'spec', 'serviceAccountName')],
    ['Quality of service', at(pod, 'status', 'qosClass')],
    ['Restart policy', at(pod, 'spec', 'restartPolicy')],
    ['Reason', at(pod, 'status', 'reason')],
    ['Message', at(pod, 'status', 'message')],
  ],
  Deployment: (object) => [
    ...replicas(object),
    ['Up to date', at(object, 'status', 'updatedReplicas') ?? 0],
    ['Available', at(object, 'status', 'availableReplicas') ?? 0],
    ['Strategy', at(object, 'spec', 'strategy', 'type')],
    ['Selector', at(object, 'spec', 'selector', 'matchLabels')],
    ['Images', images(object)],
  ],
  StatefulSet: (object) => [
    ...replicas(object),
    ['Service', at(object, 'spec', 'serviceName')],
    ['Selector', at(object, 'spec', 'selector', 'matchLabels')],
    ['Images', images(object)],
  ],
  ReplicaSet: (object) => [...replicas(object), ['Images', images(object)]],
  DaemonSet: (object) => [
    ['Desired', at(object, 'status', 'desiredNumberScheduled')],
    ['Ready', at(object, 'status', 'numberReady')],
    ['Images', images(object)],
  ],
  Job: (object) => [
    [
      'Completions',
      `${text(at(object, 'status', 'succeeded') ?? 0)} of ${text(at(object, 'spec', 'completions') ?? 1)}`,
    ],
    ['Failed', at(object, 'status', 'failed')],
    ['Images', images(object)],
  ],
  CronJob: (object) => [
    ['Schedule', at(object, 'spec', 'schedule')],
    ['Suspended', at(object, 'spec', 'suspend')],
    ['Last scheduled', at(object, 'status', 'lastScheduleTime')],
  ],
  Service: (object) => [
    ['Type', at(object, 'spec', 'type')],
    ['Cluster IP', at(object, 'spec', 'clusterIP')],
    ['Ports', ports(at(object, 'spec', 'ports'))],
    ['Selector', at(object, 'spec', 'selector')],
  ],
  Node: (node) => [
    ['Kubelet', at(node, 'status', 'nodeInfo', 'kubeletVersion')],
    ['System', at(node, 'status', 'nodeInfo', 'osImage')],
    ['Container runtime', at(node, 'status', 'nodeInfo', 'containerRuntimeVersion')],
    ['CPU', at(node, 'status', 'allocatable', 'cpu')],
    ['Memory', at(node, 'status', 'allocatable', 'memory')],
    ['Pods', at(node, 'status', 'allocatable', 'pods')],
    ['Unschedulable', at(node, 'spec', 'unschedulable')],
  ],
  ConfigMap: (object) => [['Keys', Object.keys(at(object, 'data') ?? {}).join(', ')]],
  // Its values are nothing to show to whoever passes by.
  Secret: (object) => [
    ['Type', at(object, 'type')],
    ['Keys', Object.keys(at(object, 'data') ?? {}).join(', ')],
  ],
};

function replicas(object: KubeObject): [string, unknown][] {
  const ready = text(at(object, 'status', 'readyReplicas') ?? 0);
  return [['Replicas', `${ready} of ${text(at(object, 'spec', 'replicas') ?? 1)} ready`]];
}

function images(object: KubeObject): string {
  const containers = at(object, 'spec', 'template', 'spec', 'containers');
  return Array.isArray(containers) ? containers.map((each) => text(at(each, 'image'))).join(', ') : '';
}

function ports(value: unknown): string {
  if (!Array.isArray(value)) return '';
  return value.map((port) => `${text(at(port, 'port'))}/${text(at(port, 'protocol') ?? 'TCP')}`).join(', ');
}

function plainSpec(object: KubeObject): [string, unknown][] {
  return Object.entries(at(object, 'spec') ?? {})
    .filter(([, value]) => typeof value !== 'object')
    .slice(0, 12);
}
