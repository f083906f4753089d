import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import type { PatchType } from '../types.ts';
import { applyPatch } from './apply-patch.ts';
import { applyJsonPatch } from './json-patch.ts';
import { isRecord } from './json-value.ts';
import { applyMergePatch } from './merge-patch.ts';
import { badRequest } from '../status-errors.ts';
import { unprocessable, unsupportedPatch } from './patch-errors.ts';
import { applyStrategicMerge } from './strategic-merge.ts';

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
  const { definition, object, type, patch } = request;
  switch (type) {
    case 'json':
      return asObject(applyJsonPatch(object, patch));
    case 'merge':
      return asObject(applyMergePatch(object, asPatch(patch)));
    case 'strategic':
      if (!definition.strategicMerge) {
        throw unsupportedPatch(
          'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
        );
      }
      return asObject(applyStrategicMerge(definition.schema, object, asPatch(patch)));
    case 'apply':
      return applyPatch(request);
  }
}

function asPatch(patch: unknown): unknown {
  if (!isRecord(patch)) throw badRequest('a merge patch of an object is an object');
  return patch;
}

function asObject(value: unknown): KubeObject {
  if (!isRecord(value) || !isRecord(value['metadata'])) throw unprocessable('the result has no metadata');
  return value as unknown as KubeObject;
}
