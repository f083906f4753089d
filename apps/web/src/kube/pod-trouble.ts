import type { KubeObject } from '@fleetwire/kube-watch';
import { at, conditionsOf, containersOf, type Condition, type ContainerSummary } from './read-object.ts';
import { controllerOf, ofCondition, settleMs, textAt, timeOf, unreadyMs, type Trouble } from './verdict.ts';

/** Reasons of a container that cannot start; `Error` alone is how one ended that is started again at once. */
const cannotStart = /BackOff$|^Err.|.Error$|^InvalidImageName$|^ContainerCannotRun$/;

/** Init containers migrate databases and fetch models: so long is no trouble. */
const longInitMs = 900_000;

/**
 * Reasons of pods that were ended for the sake of their node: of the kubelet (eviction, graceful shutdown) and of the
 * scheduler (preemption). Their controllers make others.
 */
const wasDisrupted = /^(Evicted|Terminated|NodeShutdown|Shutdown|Preempting|NodeLost)$/;

/** A failed pod of a controller is told for so long; it stays until 12,500 others have ended (kube-controller-manager). */
const failedMs = 3_600_000;

/** A container that has run for so long starts anew in the kubelet's count of crashes. */
const crashFreeMs = 600_000;

/** What is wrong with a pod; undefined for one that is well, or on its way to be. `now` in milliseconds since 1970. */
export function troubleOfPod(pod: KubeObject, now: number): Trouble | undefined {
  const { deletionTimestamp, creationTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return undefined;
  const phase = at(pod, 'status', 'phase');
  const conditions = conditionsOf(pod);
  const containers = containersOf(pod);
  const ready = conditions.find(({ type }) => type === 'Ready');
  const since = timeOf(ready?.lastTransitionTime ?? creationTimestamp);
  if (phase === 'Failed') return ofFailed(pod, { conditions, containers, since, now });
  const stuck = containers.find(({ isReady, state }) => !isReady && cannotStart.test(state));
  if (stuck !== undefined) return { reason: stuck.state, message: stuck.message, since };
  if (phase === 'Pending') return ofPending(pod, { conditions, containers, since, now });
  if (phase === 'Unknown') return { reason: 'Unknown', message: textAt(pod, 'status', 'message'), since };
  if (phase !== 'Running') return undefined;
  return betweenCrashes(pod, now) ?? ofUnready(ready, containers, now);
}

interface PodView {
  readonly conditions: readonly Condition[];
  readonly containers: readonly ContainerSummary[];
  readonly since: number | undefined;
  readonly now: number;
}

function ofFailed(pod: KubeObject, { conditions, containers, since, now }: PodView): Trouble | undefined {
  const controller = controllerOf(pod);
  // A job makes another one, and tells itself when it gives up.
  if (controller?.kind === 'Job') return undefined;
  const reason = textAt(pod, 'status', 'reason');
  if (controller !== undefined) {
    const isDisrupted = conditions.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
    if (isDisrupted || wasDisrupted.test(reason ?? '')) return undefined;
    if (since !== undefined && now - since >= failedMs) return undefined;
  }
  const ended = containers.find(({ isReady, state }) => !isReady && state !== 'Completed');
  const message = textAt(pod, 'status', 'message') ?? ended?.message;
  return { reason: reason ?? ended?.state ?? 'Failed', message, since };
}

function ofPending(pod: KubeObject, { conditions, containers, now }: PodView): Trouble | undefined {
  const created = timeOf(pod.metadata.creationTimestamp);
  if (created === undefined || now - created < settleMs) return undefined;
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  // Somebody holds it back on purpose (Kubernetes documentation, Pod Scheduling Readiness).
  if (unscheduled?.reason === 'SchedulingGated') return undefined;
  const init = runningInit(pod, containers);
  if (init !== undefined && now - (timeOf(init.since) ?? created) < longInitMs) return undefined;
  const waiting = containers.find(({ isReady, state }) => !isReady && state !== 'Completed' && state !== 'Running');
  return {
    reason: unscheduled?.reason ?? waiting?.state ?? 'Pending',
    message:
      unscheduled?.message ??
      (init === undefined ? waiting?.message : `The init container ${init.name} has not ended.`),
    since: created,
  };
}

/** The init container that the others wait for; one that is restarted always is a sidecar. */
function runningInit(pod: KubeObject, containers: readonly ContainerSummary[]): ContainerSummary | undefined {
  const specs = listAt(pod, 'spec', 'initContainers');
  return containers
    .slice(0, specs.length)
    .find((each, index) => each.state === 'Running' && at(specs[index], 'restartPolicy') !== 'Always');
}

/** A container that crashed soon after each of its last starts, and has not run for longer than the last time yet. */
function betweenCrashes(pod: KubeObject, now: number): Trouble | undefined {
  for (const status of listAt(pod, 'status', 'containerStatuses')) {
    const last = at(status, 'lastState', 'terminated');
    const [from, to] = [timeOf(at(last, 'startedAt')), timeOf(at(last, 'finishedAt'))];
    const startedAt = timeOf(at(status, 'state', 'running', 'startedAt'));
    const restarts = Number(at(status, 'restartCount'));
    if (from === undefined || to === undefined || startedAt === undefined || !(restarts >= 2)) continue;
    const lastedMs = to - from;
    if (lastedMs >= crashFreeMs || at(last, 'exitCode') === 0 || now - startedAt >= lastedMs + settleMs / 2) continue;
    const reason = at(last, 'reason');
    const message = `${String(at(status, 'name'))} has crashed and been restarted ${String(restarts)} times.`;
    return { reason: typeof reason === 'string' ? reason : 'Error', message, since: to };
  }
  return undefined;
}

/** A pod of which a container is done and the others go on never is ready again, and well. */
function ofUnready(
  ready: Condition | undefined,
  containers: readonly ContainerSummary[],
  now: number,
): Trouble | undefined {
  const since = timeOf(ready?.lastTransitionTime);
  if (ready?.status !== 'False' || since === undefined || now - since < unreadyMs) return undefined;
  const unready = containers.filter(({ isReady }) => !isReady);
  if (unready.length > 0 && unready.every(({ state }) => state === 'Completed')) return undefined;
  return ofCondition(ready, 'NotReady');
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? list : [];
}
