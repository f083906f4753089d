import type { KubeObject, OwnerReference } from '../../protocol/kube-object.ts';
import { StatusError } from '../../protocol/status.ts';
import { jsonEqual } from '../patch/json-value.ts';
import type { KubeStore, NewObject } from '../types.ts';
import { ageOf } from './ages.ts';
import { isLoad } from './load.ts';
import { createObjectCache, type CacheChange, type ObjectCache } from './object-cache.ts';
import type { Random } from './random.ts';
import { RESOURCES, type ResourceKey } from './resource-ids.ts';
import { kubeTime } from './text.ts';
import type {
  Budget,
  Claim,
  ControllerRevision,
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  Node,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
  Volume,
} from './views.ts';
import type { ScenarioClock } from './work-loop.ts';

/** Views of the resources that have one. */
interface Views {
  readonly pods: Pod;
  readonly nodes: Node;
  readonly deployments: Deployment;
  readonly replicaSets: ReplicaSet;
  readonly statefulSets: StatefulSet;
  readonly daemonSets: DaemonSet;
  readonly revisions: ControllerRevision;
  readonly jobs: Job;
  readonly cronJobs: CronJob;
  readonly services: Service;
  readonly budgets: Budget;
  readonly claims: Claim;
  readonly volumes: Volume;
}

/** The view of a resource. */
export type ViewOf<K extends ResourceKey> = K extends keyof Views ? Views[K] : KubeObject;

/** What controllers share: the cluster as they see it, and the ways to change it. */
export interface Cluster {
  readonly clock: ScenarioClock;
  readonly random: Random;
  /** While true, pods start at once and nothing is reported: the cluster is being filled. */
  isWarm: boolean;
  /** Writes so far. */
  readonly writes: number;
  /** Present time as Kubernetes writes it. */
  time(): string;
  cache<K extends ResourceKey>(resource: K): ObjectCache<ViewOf<K>>;
  create(resource: ResourceKey, object: NewObject): KubeObject;
  /** Gives an object that was there before the cluster was filled the age that it would have. */
  backdate(resource: ResourceKey, object: KubeObject): void;
  /** Writes the object back as a whole; the metadata carries the resourceVersion that it was read at. */
  update(resource: ResourceKey, object: KubeObject): void;
  /** Gives a pod its node, as the `binding` subresource does. */
  bind(pod: Pod, nodeName: string): void;
  /** Writes `status` where it differs from the object's. */
  updateStatus(resource: ResourceKey, object: KubeObject, status: object): void;
  /** Deletes; what is gone already is fine. */
  remove(resource: ResourceKey, object: KubeObject, options?: { readonly isForced?: boolean }): void;
  appendLog(pod: Pod, container: string, line: string): void;
  /** Calls back for every change of a resource; for the wiring of controllers. */
  subscribe<K extends ResourceKey>(resource: K, listener: (change: CacheChange<ViewOf<K>>) => void): void;
  dispose(): void;
}

/** What a cluster is made of. */
export interface ClusterParts {
  readonly store: KubeStore;
  readonly clock: ScenarioClock;
  readonly random: Random;
  /** Makes what a cluster is filled with look as if it had been there for a while; absent where it is new. */
  readonly ages: Random | undefined;
  readonly appendLog: (
    pod: { readonly namespace: string; readonly name: string; readonly container: string },
    line: string,
  ) => void;
}

/** Code of the Status that a write failed with, or undefined for any other error. */
export function statusCode(error: unknown): number | undefined {
  return error instanceof StatusError ? error.status.code : undefined;
}

/** The reference by which an owner controls what it creates. */
export function ownerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

const MANAGER = 'kube-controller-manager';

export function createCluster({ store, clock, random, ages, appendLog }: ClusterParts): Cluster {
  const caches = new Map<ResourceKey, ObjectCache>();
  const listeners = new Map<ResourceKey, ((change: CacheChange) => void)[]>();
  let writes = 0;

  const cache = (resource: ResourceKey): ObjectCache => {
    const known = caches.get(resource);
    if (known !== undefined) return known;
    const fresh = createObjectCache(store, RESOURCES[resource], (change) => {
      for (const listener of listeners.get(resource) ?? []) listener(change);
    });
    caches.set(resource, fresh);
    return fresh;
  };

  const createdAt = (resource: ResourceKey) =>
    ages === undefined || !cluster.isWarm ? undefined : clock.now() - ageOf(resource, ages);

  const cluster: Cluster = {
    clock,
    random,
    isWarm: false,
    get writes() {
      return writes;
    },
    time: () => kubeTime(clock.now()),
    cache: <K extends ResourceKey>(resource: K) => cache(resource) as ObjectCache<ViewOf<K>>,
    create: (resource, object) => {
      writes++;
      const options = { fieldManager: MANAGER, createdAt: createdAt(resource) };
      return store.create(RESOURCES[resource], object.metadata.namespace, object, options);
    },
    backdate: (resource, object) => {
      const { namespace, name } = object.metadata;
      store.update(RESOURCES[resource], namespace, name, object, { createdAt: createdAt(resource) });
    },
    update: (resource, object) => {
      writes++;
      const { namespace, name } = object.metadata;
      store.update(RESOURCES[resource], namespace, name, object, { fieldManager: MANAGER });
    },
    bind: (pod, nodeName) => {
      writes++;
      const { namespace, name } = pod.metadata;
      const bound = { ...pod, spec: { ...pod.spec, nodeName } };
      store.update(RESOURCES.pods, namespace, name, bound, { fieldManager: 'kube-scheduler' });
    },
    updateStatus: (resource, object, status) => {
      if (jsonEqual(object['status'] ?? {}, status)) return;
      writes++;
      const { namespace, name } = object.metadata;
      // Tracking fields is half of what a write costs, and load is many writes.
      const options = { subresource: 'status', ...(isLoad(object) ? {} : { fieldManager: MANAGER }) };
      store.update(RESOURCES[resource], namespace, name, { ...object, status }, options);
    },
    remove: (resource, object, { isForced = false } = {}) => {
      writes++;
      const { namespace, name, uid } = object.metadata;
      const grace = isForced ? { gracePeriodSeconds: 0 } : {};
      try {
        const options = { ...grace, preconditions: { uid }, propagationPolicy: 'Background' as const };
        store.delete(RESOURCES[resource], namespace, name, options);
      } catch (error) {
        // Gone, or another object has its name by now: either way this one no longer exists.
        if (statusCode(error) !== 404 && statusCode(error) !== 409) throw error;
      }
    },
    appendLog: (pod, container, line) => {
      const { namespace = 'default', name } = pod.metadata;
      appendLog({ namespace, name, container }, line);
    },
    subscribe: <K extends ResourceKey>(resource: K, listener: (change: CacheChange<ViewOf<K>>) => void) => {
      const known = listeners.get(resource);
      const widened = listener as (change: CacheChange) => void;
      if (known === undefined) listeners.set(resource, [widened]);
      else known.push(widened);
    },
    dispose: () => {
      for (const known of caches.values()) known.dispose();
      caches.clear();
      listeners.clear();
    },
  };
  return cluster;
}
