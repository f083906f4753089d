import type { KubeObject } from '../../protocol/kube-object.ts';
import { ownerReference, type Cluster } from './cluster.ts';
import type { Scheduler } from './scheduler.ts';
import type { Pod, PodSpec, PodTemplate } from './views.ts';

/** A pod as its owner creates it from its template. */
export interface NewPod {
  readonly owner: KubeObject;
  readonly template: PodTemplate;
  /** Its name; without one, the owner's name with a random end. */
  readonly name?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Fields of the spec in place of the template's. */
  readonly spec?: Partial<PodSpec> | undefined;
}

/** Creates a pod; while the cluster is filled it is put on a node at once. */
export function createPod(cluster: Cluster, scheduler: Scheduler, pod: NewPod): KubeObject {
  const { owner, template, name } = pod;
  const spec = { ...template.spec, ...pod.spec };
  const found = cluster.isWarm && spec.nodeName === undefined ? scheduler.place(spec) : undefined;
  const { annotations } = template.metadata ?? {};
  return cluster.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(name === undefined ? { generateName: `${owner.metadata.name}-` } : { name }),
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      labels: { ...template.metadata?.labels, ...pod.labels },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [ownerReference(owner)],
    },
    spec: found !== undefined && 'node' in found ? { ...spec, nodeName: found.node.metadata.name } : spec,
  });
}

/** Whether a pod counts for its owner: it has not ended and is not being deleted. */
export function isActive(pod: Pod): boolean {
  const { phase } = pod.status ?? {};
  return pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed';
}
