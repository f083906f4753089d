import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';

/** A container and the image that it is to run. */
export interface ContainerImage {
  readonly container: string;
  readonly image: string;
}

interface PodSpec {
  readonly initContainers?: unknown;
  readonly containers?: unknown;
}

/** The images of a pod, or of what has a template of pods: a deployment, a stateful set, a job. */
export function imagesOf(object: unknown): readonly ContainerImage[] {
  const { spec } = (object ?? {}) as { readonly spec?: PodSpec & { readonly template?: { readonly spec?: PodSpec } } };
  const pod = spec?.template?.spec ?? spec;
  return [pod?.initContainers, pod?.containers].flatMap((containers) =>
    Array.isArray(containers) ? containers.flatMap(readContainer) : [],
  );
}

function readContainer(value: unknown): readonly ContainerImage[] {
  const { name, image } = (value ?? {}) as { readonly name?: unknown; readonly image?: unknown };
  return typeof name === 'string' && typeof image === 'string' ? [{ container: name, image }] : [];
}

/** A pod, as far as a link to it goes. */
export interface PodPlace {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

/** An image and the pods that run it. */
export interface ImageUse {
  readonly image: string;
  readonly pods: readonly PodPlace[];
  readonly clusters: readonly string[];
}

/** The images of many pods, by name. */
export function imageUses(pods: readonly ClusterObject<KubeObject>[]): readonly ImageUse[] {
  const places = new Map<string, PodPlace[]>();
  for (const { cluster, object } of pods) {
    const { name, namespace = '' } = object.metadata;
    for (const image of new Set(namesOf(object))) {
      const found = places.get(image) ?? [];
      found.push({ cluster, namespace, name });
      places.set(image, found);
    }
  }
  return [...places]
    .map(([image, list]) => ({ image, pods: list, clusters: [...new Set(list.map(({ cluster }) => cluster))].sort() }))
    .sort((a, b) => (a.image < b.image ? -1 : 1));
}

const namesBy = new WeakMap<object, readonly string[]>();

/** An object that did not change is the same one in the next list. */
function namesOf(object: KubeObject): readonly string[] {
  let names = namesBy.get(object);
  if (names === undefined) {
    names = imagesOf(object).map(({ image }) => image);
    namesBy.set(object, names);
  }
  return names;
}

const mapsBy = new WeakMap<object, ReadonlyMap<string, readonly string[]>>();

/** The images of each pod by its uid; the same map for the same list, so that many cells cost one pass over it. */
export function imagesByUid(pods: readonly KubeObject[]): ReadonlyMap<string, readonly string[]> {
  let map = mapsBy.get(pods);
  if (map === undefined) {
    map = new Map(pods.map((pod) => [pod.metadata.uid, namesOf(pod)]));
    mapsBy.set(pods, map);
  }
  return map;
}

/** The address of a pod's page. */
export function podHref({ cluster, namespace, name }: PodPlace): string {
  return `/clusters/${encodeURIComponent(cluster)}/v1~pods/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}
