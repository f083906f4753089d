import type { ApiResource, KubeResource } from '@fleetwire/kube-watch';
import type { KubeWatchClient, ObjectRef } from '@fleetwire/kube-watch/client';
import type { ListRow } from '../rows/list-row.ts';

/** What can be done with several objects at once. */
export type BulkAction = 'delete' | 'restart' | 'scale';

/** Requests that are under way at once: enough to be quick, few enough to leave the API server to others. */
const maxAtOnce = 6;

/** Kinds whose pods are made anew when their template changes. */
const restartable = new Set(['deployments', 'statefulsets', 'daemonsets']);

/** Why an action cannot be done; undefined when it can. `kind` is what discovery says, when it is known. */
export function whyNot(
  action: BulkAction,
  resource: KubeResource,
  kind: ApiResource | undefined,
  mayWrite: boolean,
): string | undefined {
  if (!mayWrite) return 'Your role lets you look, not change.';
  const verb = action === 'delete' ? 'delete' : 'patch';
  if (kind !== undefined && !kind.verbs.includes(verb))
    return action === 'delete'
      ? 'This kind of resource cannot be deleted.'
      : 'This kind of resource cannot be changed.';
  return undefined;
}

/** The actions that make sense for a kind. */
export function actionsOf(resource: KubeResource, kind: ApiResource | undefined): readonly BulkAction[] {
  const isRestartable = resource.group === 'apps' && restartable.has(resource.resource);
  return [
    ...(isRestartable ? (['restart'] as const) : []),
    ...(kind?.subresources.includes('scale') === true ? (['scale'] as const) : []),
    'delete',
  ];
}

/** The object of a row, as a write names it. */
export function refOf(row: ListRow, resource: KubeResource): ObjectRef {
  const { namespace, name } = row.object.metadata;
  return { cluster: row.cluster, resource, namespace, name };
}

/** What was done, and what could not be. */
export interface BulkOutcome {
  readonly done: number;
  readonly failures: readonly { readonly name: string; readonly message: string }[];
}

/** Does something to each row, a few at once; one that fails stops no other. */
export async function forEachRow(
  rows: readonly ListRow[],
  act: (row: ListRow) => Promise<unknown>,
): Promise<BulkOutcome> {
  const failures: { readonly name: string; readonly message: string }[] = [];
  const left = rows.values();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const row of left) {
      try {
        await act(row);
        done += 1;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        failures.push({ name: row.object.metadata.name, message });
      }
    }
  };
  await Promise.all(Array.from({ length: maxAtOnce }, work));
  return { done, failures };
}

/** Deletes the object that the row shows, and no other of its name. */
export function deleteRow(client: KubeWatchClient, row: ListRow, resource: KubeResource): Promise<void> {
  return client.delete(refOf(row, resource), { uid: row.object.metadata.uid });
}

/** Has the pods made anew, by the annotation that `kubectl rollout restart` sets. `at` is in RFC 3339. */
export function restartRow(
  client: KubeWatchClient,
  row: ListRow,
  resource: KubeResource,
  at: string,
): Promise<unknown> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': at };
  return client.patch(refOf(row, resource), { spec: { template: { metadata: { annotations } } } }, { type: 'merge' });
}
