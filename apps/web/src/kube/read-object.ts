import type { KubeObject } from '@fleetwire/kube-watch';

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

/** A value in a line of text. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, member]) => `${key}=${text(member)}`)
    .join(', ');
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
  const known: readonly unknown[] = Array.isArray(statuses) ? statuses : [];
  return containers.map((container: unknown) => {
    const name = at(container, 'name');
    const status = known.find((each) => at(each, 'name') === name);
    const [state = 'waiting', detail] = Object.entries(at(status, 'state') ?? {})[0] ?? [];
    const restarts = Number(at(status, 'restartCount') ?? 0);
    return {
      name: text(name),
      image: text(at(container, 'image')),
      isReady: at(status, 'ready') === true,
      hasStarted: status !== undefined && (state !== 'waiting' || restarts > 0),
      restarts,
      state: state === 'running' ? 'Running' : text(at(detail, 'reason') ?? (status === undefined ? 'Pending' : state)),
      message: at(detail, 'message') as string | undefined,
      since: (at(detail, 'startedAt') ?? at(detail, 'finishedAt')) as string | undefined,
    };
  });
}
