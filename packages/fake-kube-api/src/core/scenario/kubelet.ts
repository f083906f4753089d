import { isTrue } from './conditions.ts';
import type { Cluster } from './cluster.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { LogWriter } from './log-writer.ts';
import { keyOf } from './object-cache.ts';
import { adoptPod, dueAtMs, stepPod, type PodRun, type PodStimulus } from './pod-run.ts';
import type { PodPlace } from './pod-status.ts';
import type { Node, Pod } from './views.ts';
import type { Controller } from './work-loop.ts';

/** The kubelets of all nodes: runs pods that are bound to a node, and ends those that are deleted. */
export interface Kubelet extends Controller {
  /** Does something to a running pod; ignored when it does not run. */
  stimulate(key: string, stimulus: PodStimulus): void;
  /** Tells that a pod is gone. */
  forget(uid: string): void;
}

/** Images that a node keeps; the one that was pulled longest ago goes first. */
const MAX_IMAGES = 200;

function remember(images: Set<string>, image: string): void {
  images.add(image);
  const [oldest] = images;
  if (images.size > MAX_IMAGES && oldest !== undefined) images.delete(oldest);
}

export function createKubelet(
  cluster: Cluster,
  events: EventRecorder,
  logs: Pick<LogWriter, 'started' | 'crashed'>,
): Kubelet {
  const runs = new Map<string, PodRun>();
  // By node, the images that were pulled there.
  const images = new Map<string, Set<string>>();
  let addresses = 0;

  const placeOf = (pod: Pod, node: Node): PodPlace => {
    const hostIP = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '10.0.0.1';
    const known = pod.status?.podIP;
    if (known !== undefined) return { hostIP, podIP: known };
    if (pod.spec['hostNetwork'] === true) return { hostIP, podIP: hostIP };
    addresses++;
    return { hostIP, podIP: `10.${244 + ((addresses >> 16) % 8)}.${(addresses >> 8) & 255}.${addresses & 255}` };
  };

  const step = (pod: Pod, node: Node, stimulus: PodStimulus): number | undefined => {
    const { uid } = pod.metadata;
    const nowMs = cluster.clock.now();
    const present = images.get(node.metadata.name) ?? new Set<string>();
    images.set(node.metadata.name, present);
    const result = stepPod(runs.get(uid) ?? adoptPod(pod, nowMs), pod, stimulus, {
      nowMs,
      time: (cluster.isWarm ? pod.metadata.creationTimestamp : undefined) ?? cluster.time(),
      random: cluster.random,
      place: placeOf(pod, node),
      isImagePresent: (image) => present.has(image),
      isInstant: cluster.isWarm,
    });
    // The write comes back through the watch and asks for the next step; where it fails, this one is done again.
    if (result.status !== undefined) cluster.updateStatus('pods', pod, result.status);
    runs.set(uid, result.run);
    for (const event of result.events) {
      events.record(pod, { ...event, component: 'kubelet', host: node.metadata.name });
    }
    if (result.isStarted === true) {
      for (const { image } of pod.spec.containers) remember(present, image);
      logs.started(pod);
    }
    if (result.isCrashed === true) logs.crashed(pod);
    if (result.isRemoved === true) cluster.remove('pods', pod, { isForced: true });
    const due = dueAtMs(result.run);
    return due === undefined || result.isRemoved === true ? undefined : Math.max(1, due - nowMs);
  };

  const nodeOf = (pod: Pod) => {
    const node = pod.spec.nodeName === undefined ? undefined : cluster.cache('nodes').get(pod.spec.nodeName);
    return node !== undefined && isTrue(node.status?.conditions, 'Ready') ? node : undefined;
  };

  return {
    name: 'kubelet',
    reconcile: (key) => {
      const pod = cluster.cache('pods').get(key);
      if (pod === undefined) return undefined;
      const { nodeName } = pod.spec;
      const isDeleted = pod.metadata.deletionTimestamp !== undefined;
      const isLost = nodeName !== undefined && cluster.cache('nodes').get(nodeName) === undefined;
      // Nobody else would end a pod that no node runs (the pod garbage collector's part).
      if (isLost || (isDeleted && nodeName === undefined)) {
        cluster.remove('pods', pod, { isForced: true });
        return undefined;
      }
      if (nodeName === undefined) return undefined;
      // What is on a node that does not answer waits for it; its recovery brings the pod here again.
      const node = nodeOf(pod);
      return node === undefined ? undefined : step(pod, node, { type: 'tick' });
    },
    stimulate: (key, stimulus) => {
      const pod = cluster.cache('pods').get(key);
      const node = pod === undefined ? undefined : nodeOf(pod);
      if (pod !== undefined && node !== undefined && keyOf(pod) === key) step(pod, node, stimulus);
    },
    forget: (uid) => runs.delete(uid),
  };
}
