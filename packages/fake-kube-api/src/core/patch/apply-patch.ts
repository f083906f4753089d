import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import { compareObjects, fieldSetOf } from './compare-objects.ts';
import { EMPTY_FIELD_SET, intersectionOf, pathTexts, unionOf, type FieldSet } from './field-set.ts';
import { isRecord, jsonEqual } from './json-value.ts';
import { hasStatus, managersOf, withManagers, withoutFields, withoutUnowned, type Manager } from './managed-fields.ts';
import { mergeApplied, pruneApplied } from './merge-applied.ts';
import { badRequest } from '../status-errors.ts';
import { applyConflict } from './patch-errors.ts';
import type { PatchRequest } from './patch-object.ts';

/** Every object keeps its metadata, also when nobody owns a field of it any more. */
const IDENTITY: FieldSet = { 'f:metadata': { 'f:name': {} } };

/**
 * Server-side apply (Kubernetes documentation, Server-Side Apply): the object with the applied fields, without those that
 * the manager applied before and no longer does, and with `managedFields` brought up to date. The same configuration
 * again gives the very same object.
 */
export function applyPatch(request: PatchRequest): KubeObject {
  const { definition, object, fieldManager, force } = request;
  if (fieldManager === undefined || fieldManager === '') {
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  }
  const applied = readConfiguration(request);
  const live: KubeObject = object ?? {
    apiVersion: applied.apiVersion,
    kind: applied.kind,
    metadata: {} as KubeObject['metadata'],
  };
  const managers = managersOf(live, undefined);
  const own = managers.find((one) => isApplier(one, request));
  const others = managers.filter((one) => one !== own);

  const fieldsV1 = withoutUnowned(fieldSetOf(definition.schema, applied));
  const kept = others.reduce((all, one) => unionOf(all, one.fieldsV1), unionOf(fieldsV1, IDENTITY));
  const merged = mergeApplied(definition.schema, live, applied);
  const next = pruneApplied(definition.schema, merged, own?.fieldsV1 ?? EMPTY_FIELD_SET, kept) as KubeObject;

  const comparison = compareObjects(definition.schema, live, next);
  const changed = withoutUnowned(comparison.changed);
  if (force !== true && object !== undefined) refuseConflicts(others, changed);
  const isSame = own !== undefined && jsonEqual(own.fieldsV1, fieldsV1);
  if (object !== undefined && isSame && jsonEqual(live, next)) return object;
  return withManagers(next, [
    ...others.map((one) => withoutFields(one, changed, comparison.removed)),
    {
      manager: fieldManager,
      operation: 'Apply',
      apiVersion: applied.apiVersion,
      time: isSame ? (own.time ?? request.nowIso) : request.nowIso,
      fieldsType: 'FieldsV1',
      fieldsV1,
      ...(request.subresource === undefined ? {} : { subresource: request.subresource }),
    },
  ]);
}

function isApplier(one: Manager, request: PatchRequest): boolean {
  return (
    one.manager === request.fieldManager &&
    one.operation === 'Apply' &&
    (one.subresource ?? '') === (request.subresource ?? '')
  );
}

/** Only `status` counts on its subresource, and everything else but it on the resource itself. */
function readConfiguration({ definition, patch, subresource }: PatchRequest): KubeObject {
  const apiVersion = apiVersionOf(definition);
  if (!isRecord(patch)) throw badRequest('an apply patch is an object');
  if (patch['apiVersion'] !== apiVersion || patch['kind'] !== definition.kind) {
    const found = `${String(patch['apiVersion'])}, Kind=${String(patch['kind'])}`;
    throw badRequest(`an apply patch of this resource is ${apiVersion}, Kind=${definition.kind}, not ${found}`);
  }
  const configuration = withoutNulls(patch) as KubeObject;
  if ((configuration.metadata as KubeObject['metadata'] | undefined)?.managedFields !== undefined) {
    throw badRequest('metadata.managedFields must be nil');
  }
  if (subresource === 'status') {
    return { apiVersion, kind: definition.kind, metadata: configuration.metadata, status: configuration['status'] };
  }
  if (!hasStatus(definition)) return configuration;
  const { status: _, ...rest } = configuration;
  return rest;
}

function apiVersionOf({ group, version }: ResourceDefinition): string {
  return group === '' ? version : `${group}/${version}`;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(entries.map(([name, field]) => [name, withoutNulls(field)]));
}

function refuseConflicts(others: readonly Manager[], changed: FieldSet): void {
  const conflicts = others
    .map((one) => ({ name: managerText(one), paths: pathTexts(intersectionOf(one.fieldsV1, changed)) }))
    .filter(({ paths }) => paths.length > 0)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const [first] = conflicts;
  if (first === undefined) return;
  const count = conflicts.reduce((sum, { paths }) => sum + paths.length, 0);
  const message =
    count === 1
      ? `Apply failed with 1 conflict: conflict with ${first.name}: ${first.paths[0] ?? ''}`
      : `Apply failed with ${count} conflicts: ${conflicts.flatMap(conflictLines).join('\n')}`;
  const causes = conflicts.flatMap(({ name, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field })),
  );
  throw applyConflict(message, causes);
}

function conflictLines({
  name,
  paths,
}: {
  readonly name: string;
  readonly paths: readonly string[];
}): readonly string[] {
  return [`conflicts with ${name}:`, ...paths.map((path) => `- ${path}`)];
}

function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = JSON.stringify(manager) + (subresource === undefined ? '' : ` with subresource "${subresource}"`);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
