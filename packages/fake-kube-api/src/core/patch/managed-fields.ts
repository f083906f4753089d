import type { KubeObject, ManagedFieldsEntry } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import { compareObjects } from './compare-objects.ts';
import {
  differenceOf,
  EMPTY_FIELD_SET,
  isEmptySet,
  readFields,
  unionOf,
  withoutSubtree,
  type FieldSet,
} from './field-set.ts';
import { jsonEqual } from './json-value.ts';

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

/** An entry of `managedFields`, its fields as a set. */
export type Manager = Omit<ManagedFieldsEntry, 'fieldsV1'> & { readonly fieldsV1: FieldSet };

/** Fields that nobody owns, because the server alone sets them. */
const UNOWNED: FieldSet = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    'f:creationTimestamp': {},
    'f:deletionGracePeriodSeconds': {},
    'f:deletionTimestamp': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:name': {},
    'f:namespace': {},
    'f:resourceVersion': {},
    'f:selfLink': {},
    'f:uid': {},
  },
};

/**
 * `after` with its `managedFields` brought up to date: what the change set or added belongs to `manager`, what it
 * removed belongs to nobody. A client may also write `managedFields` itself; `[{}]` forgets all owners.
 */
export function trackManagedFields(change: TrackedChange): KubeObject {
  const { before, after, definition } = change;
  const managers = managersOf(after, before);
  const comparison = compareObjects(definition.schema, before ?? {}, after);
  const removed = differenceOf(comparison.removed, UNOWNED);
  const changed = before === undefined ? managedAtCreation(change, comparison.changed) : comparison.changed;
  const set = differenceOf(changed, UNOWNED);
  if (isEmptySet(set) && isEmptySet(removed)) return withManagers(after, managers);

  const own = managers.find(
    (one) =>
      one.manager === change.manager &&
      one.operation === change.operation &&
      one.apiVersion === after.apiVersion &&
      (one.subresource ?? '') === (change.subresource ?? ''),
  );
  const others = managers.filter((one) => one !== own).map((one) => withoutFields(one, set, removed));
  const fieldsV1 = unionOf(differenceOf(own?.fieldsV1 ?? EMPTY_FIELD_SET, removed), set);
  const next: Manager = {
    manager: change.manager,
    operation: change.operation,
    apiVersion: after.apiVersion,
    time: own !== undefined && jsonEqual(own.fieldsV1, fieldsV1) ? (own.time ?? change.nowIso) : change.nowIso,
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(change.subresource === undefined || change.subresource === '' ? {} : { subresource: change.subresource }),
  };
  return withManagers(after, [...others, next]);
}

function managedAtCreation({ definition }: TrackedChange, set: FieldSet): FieldSet {
  const paths = [...(definition.unmanagedAtCreation ?? []), ...(hasStatus(definition) ? ['status'] : [])];
  return paths.reduce(
    (rest, path) =>
      withoutSubtree(
        rest,
        path.split('.').map((name) => `f:${name}`),
      ),
    set,
  );
}

/** The owners of an object's fields: its own entries, or those of its former version where it says nothing. */
export function managersOf(object: KubeObject | undefined, former: KubeObject | undefined): readonly Manager[] {
  const own = object?.metadata.managedFields ?? [];
  if (own.length === 1 && Object.keys(own[0] ?? {}).length === 0) return [];
  const entries = own.length > 0 ? own : (former?.metadata.managedFields ?? []);
  // Clients may write anything here, null included.
  const present = entries.filter((entry: ManagedFieldsEntry | null) => entry !== null);
  return present.map((entry) => ({ ...entry, fieldsV1: readFields(entry.fieldsV1) }));
}

/** The object with these owners; those who own nothing are left out. Apply comes first, then the older. */
export function withManagers(object: KubeObject, managers: readonly Manager[]): KubeObject {
  const managedFields = managers.filter(({ fieldsV1 }) => !isEmptySet(fieldsV1)).toSorted(compareManagers);
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: managedFields.length === 0 ? metadata : { ...metadata, managedFields } };
}

/** An owner without what another has taken over and what is gone. */
export function withoutFields(manager: Manager, taken: FieldSet, removed: FieldSet): Manager {
  const fieldsV1 = differenceOf(differenceOf(manager.fieldsV1, taken), removed);
  return fieldsV1 === manager.fieldsV1 ? manager : { ...manager, fieldsV1 };
}

/** Takes out of a set what nobody owns. */
export function withoutUnowned(set: FieldSet): FieldSet {
  return differenceOf(set, UNOWNED);
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
