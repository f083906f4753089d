import type { KubeObject } from '@fleetwire/kube-watch';
import { at, containersOf } from '../../../../kube/read-object.ts';

/** Where a shell can run now. */
export interface ShellPlace {
  readonly pod: string;
  readonly namespace: string;
  /** Another one for a pod that was made anew under its name. */
  readonly uid: string;
  /** Containers that run, those of the pod's own first: kubectl's default before the others. */
  readonly containers: readonly string[];
}

/** The annotation by which a pod names the container that is meant (kubectl). */
const defaultContainer = 'kubectl.kubernetes.io/default-container';

/** The pods of these in which something runs, in their order. */
export function shellPlaces(pods: readonly KubeObject[]): readonly ShellPlace[] {
  return pods.flatMap((pod) => {
    const { name, namespace = '', uid, annotations } = pod.metadata;
    const ofInit = new Set(namesOf(at(pod, 'spec', 'initContainers')));
    const rank = (container: string): number =>
      container === annotations?.[defaultContainer] ? 0 : ofInit.has(container) ? 2 : 1;
    const containers = containersOf(pod)
      .filter(({ state }) => state === 'Running')
      .map((container) => container.name)
      .toSorted((a, b) => rank(a) - rank(b));
    return containers.length === 0 ? [] : [{ pod: name, namespace, uid, containers }];
  });
}

function namesOf(containers: unknown): readonly unknown[] {
  return Array.isArray(containers) ? containers.map((container) => at(container, 'name')) : [];
}
