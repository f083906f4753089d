import type { KubeObject } from '@fleetwire/kube-watch';

/** One line of a summary. */
export interface SummaryFact {
  readonly label: string;
  readonly value: string;
}

/** One entry of `status.conditions` (Kubernetes API conventions, § Conditions). */
export interface Condition {
  readonly type: string;
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly lastTransitionTime: string | undefined;
}

/** What one container of a pod is doing. */
export interface ContainerSummary {
  readonly name: string;
  readonly image: string;
  readonly isReady: boolean;
  /** It runs, or has run. */
  readonly hasStarted: boolean;
  readonly restarts: number;
  /** `Running`, or the reason why it waits or has ended. */
  readonly state: string;
  readonly message: string | undefined;
  readonly since: string | undefined;
}

type Tree = Readonly<Record<string, unknown>>;

/** Reads a path of members; undefined when one is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Tree)[key];
  }
  return current;
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
  return Object.entries((at(object, 'spec') ?? {}) as Tree)
    .filter(([, value]) => typeof value !== 'object')
    .slice(0, 12);
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, member]) => `${key}=${text(member)}`)
    .join(', ');
}

/** How an object is doing in a word, for kinds that can be told so. */
export function stateOf(
  object: KubeObject,
  kind: string,
): { readonly text: string; readonly isGood: boolean } | undefined {
  if (object.metadata.deletionTimestamp !== undefined) return { text: 'Terminating', isGood: false };
  if (kind === 'Pod') {
    const containers = containersOf(object);
    const troubled = containers.find(({ isReady, state }) => !isReady && state !== 'Completed');
    const phase = text(at(object, 'status', 'phase') ?? 'Pending');
    return troubled === undefined ? { text: phase, isGood: true } : { text: troubled.state, isGood: false };
  }
  if (kind === 'ReplicaSet') {
    const ready = Number(at(object, 'status', 'readyReplicas') ?? 0);
    const wanted = Number(at(object, 'spec', 'replicas') ?? 1);
    return { text: `${String(ready)} of ${String(wanted)} ready`, isGood: ready >= wanted };
  }
  if (kind === 'Job') {
    const isDone = Number(at(object, 'status', 'succeeded') ?? 0) >= Number(at(object, 'spec', 'completions') ?? 1);
    return isDone ? { text: 'Complete', isGood: true } : { text: 'Running', isGood: true };
  }
  return undefined;
}

/** The conditions of an object, those that ask for attention first. */
export function conditionsOf(object: KubeObject): readonly Condition[] {
  const conditions = at(object, 'status', 'conditions');
  if (!Array.isArray(conditions)) return [];
  // A custom resource may have anything there.
  return conditions.flatMap(readCondition).toSorted((a, b) => Number(isGood(a)) - Number(isGood(b)));
}

function readCondition(value: unknown): Condition[] {
  const read = (key: string): string | undefined => {
    const member = at(value, key);
    return member === undefined || member === null ? undefined : text(member);
  };
  const type = read('type');
  if (type === undefined) return [];
  const [reason, message, lastTransitionTime] = [read('reason'), read('message'), read('lastTransitionTime')];
  return [{ type, status: read('status') ?? 'Unknown', reason, message, lastTransitionTime }];
}

/** Conditions that are good when they are not true; all others are good when they are. */
const goodWhenFalse = /Pressure$|Unavailable$|Failure$|^Failed$|^Stalled$|^Degraded$/;

/** Whether a condition is as one wants it. */
export function isGood({ type, status }: Condition): boolean {
  return status === (goodWhenFalse.test(type) ? 'False' : 'True');
}

/** The containers of a pod, init containers first, with what the kubelet says of each. */
export function containersOf(pod: KubeObject): readonly ContainerSummary[] {
  return [
    ...summaries(at(pod, 'spec', 'initContainers'), at(pod, 'status', 'initContainerStatuses')),
    ...summaries(at(pod, 'spec', 'containers'), at(pod, 'status', 'containerStatuses')),
  ];
}

function summaries(containers: unknown, statuses: unknown): ContainerSummary[] {
  if (!Array.isArray(containers)) return [];
  return (containers as readonly Tree[]).map((container) => {
    const status = (Array.isArray(statuses) ? (statuses as readonly Tree[]) : []).find(
      ({ name }) => name === container['name'],
    );
    const [state = 'waiting', detail] = Object.entries((status?.['state'] ?? {}) as Tree)[0] ?? [];
    return {
      name: text(container['name']),
      image: text(container['image']),
      isReady: status?.['ready'] === true,
      hasStarted: status !== undefined && (state !== 'waiting' || Number(status['restartCount'] ?? 0) > 0),
      restarts: Number(status?.['restartCount'] ?? 0),
      state: state === 'running' ? 'Running' : text(at(detail, 'reason') ?? (status === undefined ? 'Pending' : state)),
      message: at(detail, 'message') as string | undefined,
      since: (at(detail, 'startedAt') ?? at(detail, 'finishedAt')) as string | undefined,
    };
  });
}
