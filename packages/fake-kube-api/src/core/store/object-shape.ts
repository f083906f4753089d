import type { KubeObject, ObjectMeta } from '../../protocol/kube-object.ts';
import { jsonEqual } from '../patch/json-value.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import type { NewObject } from '../types.ts';

// The order in which the API server writes them; recorded traffic is compared with ours.
const METADATA_ORDER = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const satisfies readonly (keyof ObjectMeta)[];

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.keys(value).length === 0);

/** `group/version` as objects carry it. */
export const apiVersionOf = ({ group, version }: Pick<ResourceDefinition, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

/** Members of `metadata` that may be absent are left out, the others are put in the server's order. */
export function shapeMetadata(metadata: Readonly<Record<string, unknown>>): ObjectMeta {
  const shaped: Record<string, unknown> = {};
  for (const field of METADATA_ORDER) {
    const value = metadata[field];
    if (field === 'resourceVersion' || field === 'name' || !isEmpty(value)) shaped[field] = value;
  }
  return shaped as unknown as ObjectMeta;
}

/** Puts `kind`, `apiVersion` and `metadata` first, as the API server writes them. */
export function shapeObject(object: NewObject, kind: string, apiVersion: string, metadata: ObjectMeta): KubeObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata: _metadata, ...rest } = object;
  return { kind, apiVersion, metadata, ...rest };
}

/** A copy with other metadata; everything else is shared. */
export const withMetadata = (object: KubeObject, changes: Readonly<Record<string, unknown>>): KubeObject => ({
  ...object,
  metadata: shapeMetadata({ ...object.metadata, ...changes }),
});

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export const isoTime = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;

/** Whether something other than metadata and status differs: what `generation` counts. */
export function specDiffers(before: KubeObject, after: KubeObject): boolean {
  const { metadata: _a, status: _b, ...left } = before;
  const { metadata: _c, status: _d, ...right } = after;
  return !jsonEqual(left, right);
}

/** Whether a write would change nothing: times in managedFields and the resourceVersion do not count. */
export function isUnchanged(before: KubeObject, after: KubeObject): boolean {
  const comparable = (object: KubeObject): unknown => ({
    ...object,
    metadata: {
      ...object.metadata,
      resourceVersion: '',
      managedFields: object.metadata.managedFields?.map((entry) => ({ ...entry, time: '' })),
    },
  });
  return jsonEqual(comparable(before), comparable(after));
}
