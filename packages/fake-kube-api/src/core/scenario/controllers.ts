// Which controllers a cluster has, and which changes each of them looks at.
import type { KubeObject } from '../../protocol/kube-object.ts';
import type { Cluster } from './cluster.ts';
import { isTrue } from './conditions.ts';
import { createDeploymentController } from './deployment-controller.ts';
import type { EventRecorder } from './event-recorder.ts';
import { createKubelet } from './kubelet.ts';
import type { LogWriter } from './log-writer.ts';
import { createNodeController, podsOn } from './node-controller.ts';
import { keyOf } from './object-cache.ts';
import type { PodStimulus } from './pod-run.ts';
import { createReplicaSetController } from './replica-set-controller.ts';
import type { ResourceKey } from './resource-ids.ts';
import { createScheduler } from './scheduler.ts';
import type { Pod } from './views.ts';
import { createWorkLoop, type Controller } from './work-loop.ts';

/** All controllers of a cluster, running. */
export interface Controllers {
  /** Runs until nothing is due. */
  drain(): void;
  readonly depth: number;
  stimulate(pod: Pod, stimulus: PodStimulus): void;
  silenceNode(name: string, forMs: number): void;
  /** Pods that write logs by themselves. */
  talkative(): readonly Pod[];
  stop(): void;
}

/** Load has no logs: thousands of idle pods would drown the others. */
const isLoad = (pod: Pod) => pod.metadata.namespace?.startsWith('load-') === true;

export function createControllers(
  cluster: Cluster,
  events: EventRecorder,
  logs: LogWriter,
  options: { readonly minLeaseMs: number; readonly onError: (error: unknown) => void },
): Controllers {
  const loop = createWorkLoop(cluster.clock, options.onError);
  const scheduler = createScheduler(cluster, events);
  const kubelet = createKubelet(cluster, events, (pod) => {
    if (!isLoad(pod)) logs.started(pod);
  });
  const nodes = createNodeController(cluster, events, options.minLeaseMs);
  const replicaSets = createReplicaSetController(cluster, scheduler, events);
  const deployments = createDeploymentController(cluster, events);
  const talkers = new Map<string, Pod>();

  const follow = (resource: ResourceKey, controller: Controller) => {
    cluster.subscribe(resource, ({ old, next }) => {
      const object = next ?? old;
      if (object !== undefined) loop.enqueue(controller, keyOf(object));
    });
  };
  /** A change of a dependant is a matter for its controller too. */
  const followOwned = (resource: ResourceKey, owners: Readonly<Record<string, Controller>>) => {
    cluster.subscribe(resource, ({ old, next }) => {
      const owner = ownerOf(next ?? old);
      const controller = owner && owners[owner.kind];
      const namespace = (next ?? old)?.metadata.namespace ?? '';
      if (controller !== undefined) loop.enqueue(controller, `${namespace}/${owner?.name ?? ''}`);
    });
  };

  follow('nodes', nodes);
  follow('deployments', deployments);
  follow('replicaSets', replicaSets);
  followOwned('replicaSets', { Deployment: deployments });
  followOwned('pods', { ReplicaSet: replicaSets });
  cluster.subscribe('pods', ({ old, next }) => {
    const pod = next ?? old;
    if (pod === undefined) return;
    const { uid } = pod.metadata;
    if (next === undefined) {
      kubelet.forget(uid);
      talkers.delete(uid);
      return;
    }
    loop.enqueue(next.spec.nodeName === undefined ? scheduler : kubelet, keyOf(next));
    if (next.status?.phase === 'Running' && !isLoad(next)) talkers.set(uid, next);
    else talkers.delete(uid);
  });
  cluster.subscribe('nodes', ({ old, next }) => {
    const isReady = isTrue(next?.status?.conditions, 'Ready');
    const wasReady = isTrue(old?.status?.conditions, 'Ready');
    if (next === undefined || isReady === wasReady || !isReady) return;
    for (const key of podsOn(cluster, next.metadata.name)) loop.enqueue(kubelet, key);
  });
  // Caches that nothing else would have opened by the time that their first change matters.
  for (const resource of ['nodes', 'pods', 'replicaSets', 'deployments', 'leases'] as const) cluster.cache(resource);

  return {
    drain: loop.drain,
    get depth() {
      return loop.depth;
    },
    stimulate: (pod, stimulus) => kubelet.stimulate(keyOf(pod), stimulus),
    silenceNode: (name, forMs) => {
      nodes.silence(name, forMs);
      loop.enqueue(nodes, name);
    },
    talkative: () => [...talkers.values()],
    stop: loop.stop,
  };
}

function ownerOf(object: KubeObject | undefined) {
  return object?.metadata.ownerReferences?.find(({ controller }) => controller === true);
}
