// Which controllers a cluster has, and which changes each of them looks at.
import type { KubeObject } from '../../protocol/kube-object.ts';
import type { Cluster } from './cluster.ts';
import { isTrue } from './conditions.ts';
import { createCronJobController } from './cron-job-controller.ts';
import { createDaemonSetController } from './daemon-set-controller.ts';
import { createDeploymentController } from './deployment-controller.ts';
import { budgetsOf, createDisruptionController } from './disruption-controller.ts';
import type { EventRecorder } from './event-recorder.ts';
import { createJobController } from './job-controller.ts';
import { createKubelet } from './kubelet.ts';
import { isLoad } from './load.ts';
import type { LogWriter } from './log-writer.ts';
import { createNamespaceController } from './namespace-controller.ts';
import { createNodeController, podsOn } from './node-controller.ts';
import { keyOf } from './object-cache.ts';
import type { PodStimulus } from './pod-run.ts';
import { createReplicaSetController } from './replica-set-controller.ts';
import type { ResourceKey } from './resource-ids.ts';
import { createScheduler } from './scheduler.ts';
import { createServiceController, servicesOf } from './service-controller.ts';
import { createStatefulSetController } from './stateful-set-controller.ts';
import type { Pod } from './views.ts';
import { createClaimController, createVolumeController, volumeName } from './volume-controllers.ts';
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

const CACHED: readonly ResourceKey[] = [
  ...([
    'namespaces',
    'nodes',
    'leases',
    'serviceAccounts',
    'configMaps',
    'storageClasses',
    'claims',
    'volumes',
  ] as const),
  ...(['services', 'endpoints', 'endpointSlices', 'pods', 'replicaSets', 'deployments', 'revisions'] as const),
  ...(['statefulSets', 'daemonSets', 'jobs', 'cronJobs', 'budgets'] as const),
];

export function createControllers(
  cluster: Cluster,
  events: EventRecorder,
  logs: LogWriter,
  options: { readonly minLeaseMs: number; readonly onError: (error: unknown) => void },
): Controllers {
  const loop = createWorkLoop(cluster.clock, options.onError);
  const scheduler = createScheduler(cluster, events);
  const kubelet = createKubelet(cluster, events, logs);
  const nodes = createNodeController(cluster, events, options.minLeaseMs);
  const deployments = createDeploymentController(cluster, events);
  const cronJobs = createCronJobController(cluster, events);
  const services = createServiceController(cluster);
  const budgets = createDisruptionController(cluster);
  const claims = createClaimController(cluster, events);
  const volumes = createVolumeController(cluster);
  const namespaces = createNamespaceController(cluster);
  /** Those that own pods, by the kind that they control. */
  const podOwners = {
    ReplicaSet: createReplicaSetController(cluster, scheduler, events),
    StatefulSet: createStatefulSetController(cluster, scheduler, events),
    DaemonSet: createDaemonSetController(cluster, scheduler, events),
    Job: createJobController(cluster, scheduler, events),
  };
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

  follow('namespaces', namespaces);
  follow('nodes', nodes);
  follow('deployments', deployments);
  follow('replicaSets', podOwners.ReplicaSet);
  follow('statefulSets', podOwners.StatefulSet);
  follow('daemonSets', podOwners.DaemonSet);
  follow('jobs', podOwners.Job);
  follow('cronJobs', cronJobs);
  follow('services', services);
  follow('budgets', budgets);
  follow('claims', claims);
  follow('volumes', volumes);
  followOwned('replicaSets', { Deployment: deployments });
  followOwned('jobs', { CronJob: cronJobs });
  followOwned('pods', podOwners);
  cluster.subscribe('pods', ({ old, next }) => {
    const pod = next ?? old;
    if (pod === undefined) return;
    const { uid } = pod.metadata;
    for (const key of servicesOf(cluster, pod)) loop.enqueue(services, key);
    for (const key of budgetsOf(cluster, pod)) loop.enqueue(budgets, key);
    if (next === undefined) {
      kubelet.forget(uid);
      talkers.delete(uid);
      return;
    }
    loop.enqueue(next.spec.nodeName === undefined ? scheduler : kubelet, keyOf(next));
    if (next.status?.phase === 'Running' && !isLoad(next)) talkers.set(uid, next);
    else talkers.delete(uid);
  });
  cluster.subscribe('claims', ({ old, next }) => {
    if (old !== undefined && next === undefined) loop.enqueue(volumes, volumeName(old));
  });
  cluster.subscribe('nodes', ({ old, next }) => {
    if (
      old === undefined ||
      next === undefined ||
      old.spec !== next.spec ||
      old.metadata.labels !== next.metadata.labels
    ) {
      for (const set of cluster.cache('daemonSets').values()) loop.enqueue(podOwners.DaemonSet, keyOf(set));
    }
    const isReady = isTrue(next?.status?.conditions, 'Ready');
    const wasReady = isTrue(old?.status?.conditions, 'Ready');
    const name = (next ?? old)?.metadata.name;
    if (name === undefined || (next !== undefined && (isReady === wasReady || !isReady))) return;
    for (const key of podsOn(cluster, name)) loop.enqueue(kubelet, key);
  });
  // Caches that nothing else would have opened by the time that their first change matters.
  for (const resource of CACHED) cluster.cache(resource);

  return {
    drain: () => loop.drain(),
    get depth() {
      return loop.depth;
    },
    stimulate: (pod, stimulus) => kubelet.stimulate(keyOf(pod), stimulus),
    silenceNode: (name, forMs) => {
      nodes.silence(name, forMs);
      loop.enqueue(nodes, name);
    },
    talkative: () => [...talkers.values()],
    stop: () => loop.stop(),
  };
}

function ownerOf(object: KubeObject | undefined) {
  return object?.metadata.ownerReferences?.find(({ controller }) => controller === true);
}
