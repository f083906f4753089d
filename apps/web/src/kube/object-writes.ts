import type { KubeObject } from '@fleetwire/kube-watch';
import type { KubeWatchClient, ObjectRef } from '@fleetwire/kube-watch/client';

/**
 * The object that the user sees, and where it is. What is written below goes to that very object: another one that has
 * its name by now, made anew or of another cluster that has taken the cluster's name, is left as it is.
 */
export interface SeenObject {
  readonly ref: ObjectRef;
  readonly uid: string;
}

/** Has the pods made anew, by the annotation that `kubectl rollout restart` sets. `at` is in RFC 3339. */
export function restartObject(client: KubeWatchClient, { ref, uid }: SeenObject, at: string): Promise<KubeObject> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': at };
  return client.patch(ref, { spec: { template: { metadata: { annotations } } } }, { type: 'merge', uid });
}

export function scaleObject(client: KubeWatchClient, { ref, uid }: SeenObject, replicas: number): Promise<void> {
  return client.scale(ref, replicas, { uid });
}

export function deleteObject(client: KubeWatchClient, { ref, uid }: SeenObject): Promise<void> {
  return client.delete(ref, { uid });
}

/** Server-side apply of what became of the object's text; `force` takes the fields that others manage. */
export function applyObject(
  client: KubeWatchClient,
  { ref, uid }: SeenObject,
  edited: object,
  force: boolean,
): Promise<KubeObject> {
  return client.apply(ref, edited, { force, uid });
}
