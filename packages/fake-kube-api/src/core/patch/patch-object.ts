import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import type { PatchType } from '../types.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';

/** One PATCH request, without what HTTP adds. */
export interface PatchRequest {
  readonly definition: ResourceDefinition;
  /** The stored object; undefined only for an apply that creates. */
  readonly object: KubeObject | undefined;
  readonly type: PatchType;
  /** The parsed body. */
  readonly patch: unknown;
  /** Required for apply. */
  readonly fieldManager?: string | undefined;
  /** Takes fields over that other managers own; apply alone. */
  readonly force?: boolean | undefined;
  /** RFC 3339 in whole seconds, for `managedFields`. */
  readonly nowIso: string;
  readonly subresource?: string | undefined;
}

/**
 * The object after a patch; the stored one is not changed. Apply also writes `managedFields`; after every other type the
 * caller notes the change with `trackManagedFields`. Throws a StatusError: 400 for a body that is no patch of its type,
 * 409 for conflicts of apply, 415 for a strategic patch of a custom resource, 422 for a JSON patch that does not fit.
 */
export function patchObject(request: PatchRequest): KubeObject {
  const { object, type, patch } = request;
  if (type === 'json') return applyJsonPatch(object, patch) as KubeObject;
  return applyMergePatch(object, patch) as KubeObject;
}
