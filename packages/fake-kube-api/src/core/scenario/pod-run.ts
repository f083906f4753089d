// The life of one pod on its node, as a state machine: the kubelet runs its effects.
import { isTrue } from './conditions.ts';
import { planContainer } from './container-plan.ts';
import { containerStatuses, podStatus, terminatedState, type PodPlace } from './pod-status.ts';
import type { Random } from './random.ts';
import type { Pod, PodStatus } from './views.ts';

/** Where a pod is in its life; `failures` counts crashes or failed pulls in a row. */
export type PodRun = { readonly failures: number } & (
  | { readonly phase: 'new' }
  | { readonly phase: 'creating'; readonly dueAtMs: number }
  | { readonly phase: 'pull-failed'; readonly dueAtMs: number }
  | {
      readonly phase: 'warming';
      readonly dueAtMs: number;
      readonly exitAtMs: number | undefined;
      readonly code: number;
    }
  | {
      readonly phase: 'running';
      readonly sinceMs: number;
      readonly exitAtMs: number | undefined;
      readonly code: number;
      /** A failing readiness probe recovers then. */
      readonly unreadyUntilMs?: number | undefined;
    }
  | { readonly phase: 'exited'; readonly dueAtMs: number }
  | { readonly phase: 'backing-off'; readonly dueAtMs: number }
  | { readonly phase: 'ending'; readonly dueAtMs: number }
  | { readonly phase: 'finished' }
);

/** What happens to a pod. */
export type PodStimulus =
  | { readonly type: 'tick' }
  | { readonly type: 'crash'; readonly code: number; readonly reason: string }
  | { readonly type: 'probe-failed'; readonly forMs: number };

/** What a node knows and the pod does not. */
export interface PodSurroundings {
  readonly nowMs: number;
  /** What statuses say that the time is; before the present while a cluster is filled. */
  readonly time: string;
  readonly random: Random;
  readonly place: PodPlace;
  readonly isImagePresent: (image: string) => boolean;
  /** Skips every wait, while a cluster is filled. */
  readonly isInstant: boolean;
}

/** What a node does about a pod. */
export interface PodStep {
  readonly run: PodRun;
  readonly status?: PodStatus | undefined;
  readonly events: readonly {
    readonly type: 'Normal' | 'Warning';
    readonly reason: string;
    readonly message: string;
  }[];
  /** Something began to run: its log starts. */
  readonly isStarted?: boolean;
  /** Something ended badly: its log ends with why. */
  readonly isCrashed?: boolean;
  readonly isRemoved?: boolean;
}

/** Client-go's back-off of containers: 10 s, doubled up to 5 min (Kubernetes documentation, Pod Lifecycle). */
function backOffMs(failures: number): number {
  return Math.min(300_000, 10_000 * 2 ** Math.max(0, failures - 1));
}

/** A container that ran this long has recovered (Kubernetes documentation, Pod Lifecycle). */
const RECOVERED_AFTER_MS = 600_000;

function ended(run: PodRun, pod: Pod, code: number, reason: string, around: PodSurroundings): PodStep {
  const { time } = around;
  const policy = pod.spec.restartPolicy ?? 'Always';
  const containers = containerStatuses(pod, (before) => terminatedState(before, code, reason, time), {
    isReady: false,
  });
  if (policy === 'Never' || (policy === 'OnFailure' && code === 0)) {
    const phase = code === 0 ? 'Succeeded' : 'Failed';
    const status = podStatus(pod, phase, containers, around.place, time);
    return { run: { phase: 'finished', failures: run.failures }, status, events: [], isCrashed: code !== 0 };
  }
  const hasRecovered = run.phase === 'running' && around.nowMs - run.sinceMs > RECOVERED_AFTER_MS;
  const failures = hasRecovered ? 1 : run.failures + 1;
  const dueAtMs = around.nowMs + 500;
  return {
    run: { phase: 'exited', failures, dueAtMs },
    status: podStatus(pod, 'Running', containers, around.place, time),
    events: [],
    isCrashed: code !== 0,
  };
}

function started(run: PodRun, pod: Pod, around: PodSurroundings, restarts: number): PodStep {
  const { nowMs, time, random, isInstant } = around;
  const [main] = pod.spec.containers;
  const exit = main === undefined ? undefined : planContainer(pod.spec, main, random).exit;
  const exitAtMs = exit && nowMs + exit.afterMs;
  const hasProbe = pod.spec.containers.some(({ readinessProbe }) => readinessProbe !== undefined);
  const isReady = isInstant || !hasProbe;
  const containers = containerStatuses(pod, () => ({ running: { startedAt: time } }), { isReady, restarts });
  const shared = { failures: run.failures, exitAtMs, code: exit?.code ?? 0 };
  return {
    run: isReady
      ? { phase: 'running', sinceMs: nowMs, ...shared }
      : { phase: 'warming', dueAtMs: nowMs + random.between(400, 1_500), ...shared },
    status: podStatus(pod, 'Running', containers, around.place, time),
    events: pod.spec.containers.flatMap(({ name }) => [
      { type: 'Normal' as const, reason: 'Created', message: `Created container: ${name}` },
      { type: 'Normal' as const, reason: 'Started', message: `Started container ${name}` },
    ]),
    isStarted: true,
  };
}

function create(run: PodRun, pod: Pod, around: PodSurroundings): PodStep {
  if (around.isInstant) return pulled({ ...run, phase: 'creating', dueAtMs: around.nowMs }, pod, around);
  const { nowMs, random } = around;
  const containers = containerStatuses(pod, () => ({ waiting: { reason: 'ContainerCreating' } }), { isReady: false });
  const absent = pod.spec.containers.filter(({ image }) => !around.isImagePresent(image));
  const pullMs = absent.length === 0 ? random.between(300, 800) : random.between(800, 2_200);
  return {
    run: { phase: 'creating', failures: run.failures, dueAtMs: nowMs + pullMs },
    status: podStatus(pod, 'Pending', containers, undefined, around.time),
    events: absent.map(({ image }) => ({ type: 'Normal', reason: 'Pulling', message: `Pulling image "${image}"` })),
  };
}

function pulled(run: PodRun, pod: Pod, around: PodSurroundings): PodStep {
  const missing = pod.spec.containers.find(
    (container) => !planContainer(pod.spec, container, around.random).isPullable,
  );
  if (missing === undefined) {
    const step = started({ ...run, failures: 0 }, pod, around, 0);
    const events = pod.spec.containers.map(({ image }) => ({
      type: 'Normal' as const,
      reason: 'Pulled',
      message: around.isImagePresent(image)
        ? `Container image "${image}" already present on machine`
        : `Successfully pulled image "${image}" in ${around.random.between(400, 1_900)}ms`,
    }));
    return { ...step, events: [...events, ...step.events] };
  }
  const { image } = missing;
  const failures = run.failures + 1;
  const state = {
    waiting:
      failures === 1
        ? { reason: 'ErrImagePull', message: `failed to pull and unpack image "${image}": not found` }
        : { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` },
  };
  const containers = containerStatuses(pod, () => state, { isReady: false });
  const failed = { type: 'Warning' as const, reason: 'Failed' };
  return {
    run: { phase: 'pull-failed', failures, dueAtMs: around.nowMs + backOffMs(failures) },
    status: podStatus(pod, 'Pending', containers, around.place, around.time),
    events:
      failures === 1
        ? [
            { ...failed, message: `Failed to pull image "${image}": not found` },
            { ...failed, message: 'Error: ErrImagePull' },
          ]
        : [
            { type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${image}"` },
            { ...failed, message: 'Error: ImagePullBackOff' },
          ],
  };
}

function restarted(run: PodRun, pod: Pod, around: PodSurroundings): PodStep {
  // The first crash restarts at once, later ones wait.
  if (run.phase === 'backing-off' || run.failures <= 1) return started(run, pod, around, 1);
  const waitMs = backOffMs(run.failures - 1);
  const { name, namespace, uid } = pod.metadata;
  const [main] = pod.spec.containers;
  const what = `restarting failed container=${main?.name} pod=${name}_${namespace}(${uid})`;
  const waiting = { waiting: { reason: 'CrashLoopBackOff', message: `back-off ${waitMs / 1_000}s ${what}` } };
  const containers = containerStatuses(pod, () => waiting, { isReady: false });
  return {
    run: { phase: 'backing-off', failures: run.failures, dueAtMs: around.nowMs + waitMs },
    status: podStatus(pod, 'Running', containers, around.place, around.time),
    events: [{ type: 'Warning', reason: 'BackOff', message: `Back-off ${what}` }],
  };
}

function readiness(pod: Pod, isReady: boolean, around: PodSurroundings): PodStatus {
  const keep = containerStatuses(pod, (before) => before?.state ?? {}, { isReady });
  return podStatus(pod, 'Running', keep, around.place, around.time);
}

/** When a pod must be looked at again; undefined where nothing is due. */
export function dueAtMs(run: PodRun): number | undefined {
  switch (run.phase) {
    case 'new':
    case 'finished':
      return undefined;
    case 'running': {
      const due = Math.min(run.exitAtMs ?? Infinity, run.unreadyUntilMs ?? Infinity);
      return due === Infinity ? undefined : due;
    }
    default:
      return run.dueAtMs;
  }
}

/** The next step of a pod's life. */
export function stepPod(run: PodRun, pod: Pod, stimulus: PodStimulus, around: PodSurroundings): PodStep {
  const { nowMs } = around;
  const idle: PodStep = { run, events: [] };
  if (pod.metadata.deletionTimestamp !== undefined && run.phase !== 'ending') {
    const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1_000;
    const takesMs = run.phase === 'running' || run.phase === 'warming' ? around.random.between(300, 1_500) : 100;
    const events = pod.spec.containers.map(({ name }) => {
      return { type: 'Normal' as const, reason: 'Killing', message: `Stopping container ${name}` };
    });
    const ending = { phase: 'ending' as const, failures: 0, dueAtMs: nowMs + Math.min(graceMs, takesMs) };
    return { run: ending, events };
  }
  if (stimulus.type === 'crash') {
    return run.phase === 'running' ? ended(run, pod, stimulus.code, stimulus.reason, around) : idle;
  }
  if (stimulus.type === 'probe-failed') {
    if (run.phase !== 'running' || run.unreadyUntilMs !== undefined) return idle;
    const message = 'Readiness probe failed: HTTP probe failed with statuscode: 503';
    return {
      run: { ...run, unreadyUntilMs: nowMs + stimulus.forMs },
      status: readiness(pod, false, around),
      events: [{ type: 'Warning', reason: 'Unhealthy', message }],
    };
  }
  if (run.phase === 'new') return create(run, pod, around);
  const isDue = (dueAtMs(run) ?? Infinity) <= nowMs;
  if (run.phase === 'running' && !isDue && run.unreadyUntilMs === undefined) {
    // Someone else said that the pod is not ready, as happens when its node was away.
    return isTrue(pod.status?.conditions, 'Ready') ? idle : { ...idle, status: readiness(pod, true, around) };
  }
  if (run.phase === 'finished' || !isDue) return idle;
  switch (run.phase) {
    case 'creating':
    case 'pull-failed':
      return pulled(run, pod, around);
    case 'warming': {
      const { failures, exitAtMs, code } = run;
      const next: PodRun = { phase: 'running', sinceMs: nowMs, failures, exitAtMs, code };
      return { run: next, status: readiness(pod, true, around), events: [] };
    }
    case 'running':
      if (run.exitAtMs !== undefined && run.exitAtMs <= nowMs) {
        return ended(run, pod, run.code, run.code === 0 ? 'Completed' : 'Error', around);
      }
      return { run: { ...run, unreadyUntilMs: undefined }, status: readiness(pod, true, around), events: [] };
    case 'exited':
    case 'backing-off':
      return restarted(run, pod, around);
    case 'ending':
      return { run, events: [], isRemoved: true };
  }
}

/** Where a pod is that ran before this scenario looked at it. */
export function adoptPod(pod: Pod, nowMs: number): PodRun {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return { phase: 'finished', failures: 0 };
  if (phase !== 'Running') return { phase: 'new', failures: 0 };
  const isUp = pod.status?.containerStatuses?.every(({ state }) => state.running !== undefined) === true;
  if (!isUp) return { phase: 'exited', failures: 0, dueAtMs: nowMs + 1_000 };
  return { phase: 'running', failures: 0, sinceMs: nowMs, exitAtMs: undefined, code: 0 };
}
