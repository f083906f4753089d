// Statuses of pods as a kubelet writes them (Kubernetes documentation, Pod Lifecycle).
import { mergeConditions } from './conditions.ts';
import { longId } from './text.ts';
import type { Condition, Container, ContainerState, ContainerStatus, Pod, PodStatus } from './views.ts';

/** Where a pod runs. */
export interface PodPlace {
  readonly hostIP: string;
  readonly podIP: string;
}

function containerId(pod: Pod, container: Container, restartCount: number): string {
  return `containerd://${longId(`${pod.metadata.uid} ${container.name} ${restartCount}`)}`;
}

/** Statuses of all containers in one state; `restarts` adds to the count of the first, the one that misbehaves. */
export function containerStatuses(
  pod: Pod,
  state: (before: ContainerStatus | undefined, container: Container) => ContainerState,
  { isReady, restarts = 0 }: { readonly isReady: boolean; readonly restarts?: number },
): readonly ContainerStatus[] {
  return pod.spec.containers.map((container, index) => {
    const before = pod.status?.containerStatuses?.find(({ name }) => name === container.name);
    const next = state(before, container);
    const restartCount = (before?.restartCount ?? 0) + (index === 0 ? restarts : 0);
    const isRunning = next.running !== undefined;
    const hasRun = isRunning || next.terminated !== undefined;
    return {
      name: container.name,
      image: container.image,
      imageID: hasRun ? `${container.image.split(':')[0]}@sha256:${longId(container.image)}` : (before?.imageID ?? ''),
      ...(hasRun ? { containerID: containerId(pod, container, restartCount) } : {}),
      ready: isReady && isRunning,
      started: isRunning,
      restartCount,
      state: next,
      lastState: before?.state.terminated === undefined ? (before?.lastState ?? {}) : before.state,
    };
  });
}

/** How a container that ran has ended. */
export function terminatedState(
  before: ContainerStatus | undefined,
  exitCode: number,
  reason: string,
  time: string,
): ContainerState {
  return {
    terminated: {
      exitCode,
      reason,
      startedAt: before?.state.running?.startedAt ?? time,
      finishedAt: time,
      containerID: before?.containerID ?? '',
    },
  };
}

/** The whole status around its containers, with the conditions that follow from them. */
export function podStatus(
  pod: Pod,
  phase: PodStatus['phase'],
  containers: readonly ContainerStatus[],
  place: PodPlace | undefined,
  time: string,
): PodStatus {
  const isDone = phase === 'Succeeded' || phase === 'Failed';
  const notReady = containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const unready: Partial<Condition> = isDone
    ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${notReady.join(' ')}]` };
  const isReady = notReady.length === 0;
  const readiness = (type: string): Condition => ({
    type,
    lastProbeTime: null,
    ...(isReady ? { status: 'True' } : { status: 'False', ...unready }),
  });
  const plain = (type: string): Condition => ({ type, lastProbeTime: null, status: 'True' });
  const conditions = [
    { ...plain('PodReadyToStartContainers'), status: place === undefined || isDone ? 'False' : 'True' } as Condition,
    { ...plain('Initialized'), ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) },
    readiness('Ready'),
    readiness('ContainersReady'),
    plain('PodScheduled'),
  ];
  const inits = pod.spec.initContainers ?? [];
  return {
    ...pod.status,
    phase,
    conditions: mergeConditions(pod.status?.conditions, conditions, time),
    ...(place === undefined
      ? {}
      : {
          hostIP: place.hostIP,
          hostIPs: [{ ip: place.hostIP }],
          podIP: place.podIP,
          podIPs: [{ ip: place.podIP }],
        }),
    startTime: pod.status?.startTime ?? time,
    ...(inits.length === 0
      ? {}
      : {
          initContainerStatuses: inits.map((container) => ({
            name: container.name,
            image: container.image,
            imageID: '',
            containerID: containerId(pod, container, 0),
            ready: true,
            started: false,
            restartCount: 0,
            state: terminatedState(undefined, 0, 'Completed', pod.status?.startTime ?? time),
            lastState: {},
          })),
        }),
    containerStatuses: containers,
    qosClass: pod.status?.['qosClass'] ?? 'Burstable',
  };
}
