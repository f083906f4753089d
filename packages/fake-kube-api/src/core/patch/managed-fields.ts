import type { KubeObject, ManagedFieldsEntry } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import { compareObjects } from './compare-objects.ts';
import {
  decodeFields,
  differenceOf,
  EMPTY_FIELD_SET,
  encodeFields,
  equalSets,
  isEmptySet,
  unionOf,
  withoutSubtree,
  type FieldSet,
} from './field-set.ts';

/** A change that was made other than by apply. */
export interface TrackedChange {
  readonly definition: ResourceDefinition;
  /** Undefined at creation. */
  readonly before: KubeObject | undefined;
  /** As it will be stored, with defaults; its `managedFields` may be absent. */
  readonly after: KubeObject;
  readonly manager: string;
  readonly operation: 'Update' | 'Apply';
  readonly subresource?: string | undefined;
  /** RFC 3339 in whole seconds. */
  readonly nowIso: string;
}

/** An entry of `managedFields` with its fields as a set. */
export interface Manager extends Omit<ManagedFieldsEntry, 'fieldsType' | 'fieldsV1'> {
  readonly fields: FieldSet;
}

/** Fields that nobody owns, because the server alone sets them. */
const UNOWNED_META = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'name',
  'namespace',
  'resourceVersion',
  'selfLink',
  'uid',
];

/**
 * `after` with its `managedFields` brought up to date: what the change set or added belongs to `manager`, what it
 * removed belongs to nobody. A client may also write `managedFields` itself; `[{}]` forgets all owners.
 */
export function trackManagedFields(change: TrackedChange): KubeObject {
  const { before, after, definition } = change;
  const managers = managersOf(after, before);
  const { added, modified, removed } = compareObjects(definition.schema, before ?? {}, after);
  const gone = withoutUnowned(removed);
  let set = withoutUnowned(unionOf(added, modified));
  if (before === undefined) {
    const paths = [...(definition.unmanagedAtCreation ?? []), ...(hasStatus(definition) ? ['status'] : [])];
    set = paths.reduce(
      (rest, path) =>
        withoutSubtree(
          rest,
          path.split('.').map((name) => `f:${name}`),
        ),
      set,
    );
  }
  const isOwn = (one: Manager): boolean =>
    one.manager === change.manager &&
    one.operation === change.operation &&
    one.apiVersion === after.apiVersion &&
    (one.subresource ?? '') === (change.subresource ?? '');
  const own = managers.find(isOwn);
  const others = managers
    .filter((one) => one !== own)
    .map((one) => withFields(one, differenceOf(differenceOf(one.fields, set), gone), one.time));
  const fields = unionOf(differenceOf(own?.fields ?? EMPTY_FIELD_SET, gone), set);
  const isSame = own !== undefined && equalSets(own.fields, fields);
  const next: Manager = {
    manager: change.manager,
    operation: change.operation,
    apiVersion: after.apiVersion,
    ...(isSame ? timeOf(own.time) : timeOf(change.nowIso)),
    fields,
    ...(change.subresource === undefined || change.subresource === '' ? {} : { subresource: change.subresource }),
  };
  return withManagers(after, [...others, next]);
}

/** The owners of an object's fields: its own entries, or those of its former version where it says nothing. */
export function managersOf(object: KubeObject | undefined, former: KubeObject | undefined): readonly Manager[] {
  const own = object?.metadata.managedFields ?? [];
  if (own.length === 1 && Object.keys(own[0] ?? {}).length === 0) return [];
  const entries = own.length > 0 ? own : (former?.metadata.managedFields ?? []);
  return entries.map(({ fieldsV1, fieldsType: _, ...entry }) => ({ ...entry, fields: decodeFields(fieldsV1) }));
}

/** The object with these owners; those who own nothing are left out. Apply comes first, then the older. */
export function withManagers(object: KubeObject, managers: readonly Manager[]): KubeObject {
  const entries = managers
    .filter(({ fields }) => !isEmptySet(fields))
    .toSorted(compareManagers)
    .map(encodeManager);
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: entries.length === 0 ? metadata : { ...metadata, managedFields: entries } };
}

/** An owner with other fields. */
export function withFields(manager: Manager, fields: FieldSet, time: string | undefined): Manager {
  return equalSets(manager.fields, fields) ? manager : { ...manager, fields, ...timeOf(time) };
}

/** Takes out of a set what nobody owns. */
export function withoutUnowned(set: FieldSet): FieldSet {
  const paths = [['f:apiVersion'], ['f:kind'], ...UNOWNED_META.map((name) => ['f:metadata', `f:${name}`])];
  return paths.reduce(withoutSubtree, set);
}

/** Whether `status` is written through its subresource alone. */
export function hasStatus(definition: ResourceDefinition): boolean {
  return definition.subresources.some(({ name }) => name === 'status');
}

function compareManagers(left: Manager, right: Manager): number {
  if (left.operation !== right.operation) return left.operation === 'Apply' ? -1 : 1;
  const [a, b] = [left.time ?? '', right.time ?? ''];
  if (a !== b) return a < b ? -1 : 1;
  if (left.manager !== right.manager) return left.manager < right.manager ? -1 : 1;
  return (left.subresource ?? '') < (right.subresource ?? '') ? -1 : 1;
}

function encodeManager({ manager, operation, apiVersion, time, fields, subresource }: Manager): ManagedFieldsEntry {
  return {
    manager,
    operation,
    apiVersion,
    ...timeOf(time),
    fieldsType: 'FieldsV1',
    fieldsV1: encodeFields(fields),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function timeOf(time: string | undefined): { readonly time?: string } {
  return time === undefined ? {} : { time };
}
