import type { ApiResource, KubeResource } from '@fleetwire/kube-watch';
import type { SeenObject } from '../../../kube/object-writes.ts';
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

/** The object that a row shows, as writes take it. */
export function seenIn(row: ListRow, resource: KubeResource): SeenObject {
  const { namespace, name, uid } = row.object.metadata;
  return { ref: { cluster: row.cluster, resource, namespace, name }, uid };
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
