import type { KubeObject } from '../../protocol/kube-object.ts';
import { trackManagedFields } from '../patch/managed-fields.ts';
import { patchObject } from '../patch/patch-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import { invalidValue } from '../resources/field-causes.ts';
import { alreadyExists, badRequest, conflict, forbidden, invalid, notFound } from '../status-errors.ts';
import type { NewObject, PatchType, ResourceId, WriteOptions } from '../types.ts';
import type { Collection } from './collection.ts';
import { removeStored } from './delete-objects.ts';
import { nameCauses } from './name-rules.ts';
import {
  apiVersionOf,
  isoTime,
  isUnchanged,
  shapeMetadata,
  shapeObject,
  specDiffers,
  withMetadata,
} from './object-shape.ts';
import { applyScale, SCALE, scaleOf } from './scale.ts';
import type { StoreContext } from './store-context.ts';
import { inVersion, storedDefinition, toStored } from './versions.ts';

// Without vowels and look-alikes, as generated names of Kubernetes are.
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const MAX_GENERATED_PREFIX = 58;
const GENERATE_ATTEMPTS = 8;

type Subject = Pick<ResourceDefinition, 'group' | 'resource'>;

interface Target {
  readonly context: StoreContext;
  readonly collection: Collection;
  /** By which objects are checked and stored. */
  readonly definition: ResourceDefinition;
  /** Of the version that the client speaks. */
  readonly asked: ResourceDefinition;
}

function targetOf(context: StoreContext, id: ResourceId): Target {
  const { collection, definition: asked } = context.lookup(id);
  return { context, collection, asked, definition: asked.conversion ? storedDefinition(collection, asked) : asked };
}

function storageApiVersion({ collection, asked }: Target): string {
  return apiVersionOf(storedDefinition(collection, asked));
}

/** Whether the server counts changes of the spec in `metadata.generation`. */
function tracksGeneration({ group, resource, strategicMerge, schema }: ResourceDefinition): boolean {
  if (group === '') return resource === 'pods' || resource === 'replicationcontrollers';
  return !strategicMerge || schema.properties?.['spec'] !== undefined;
}

function checkBody(target: Target, namespace: string | undefined, object: NewObject): void {
  const { definition } = target;
  const { apiVersion, kind, metadata } = object as Partial<KubeObject>;
  if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))) {
    throw badRequest(`${definition.kind} in version "${definition.version}" cannot be handled: metadata is no object`);
  }
  const expected = apiVersionOf(definition);
  if (
    apiVersion !== undefined &&
    apiVersion !== '' &&
    apiVersion !== expected &&
    apiVersion !== storageApiVersion(target)
  ) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (kind !== undefined && kind !== '' && kind !== definition.kind) {
    throw badRequest(`the kind in the data (${kind}) does not match the expected kind (${definition.kind})`);
  }
  const inBody = metadata?.namespace;
  if (
    definition.namespaced &&
    inBody !== undefined &&
    inBody !== '' &&
    namespace !== undefined &&
    inBody !== namespace
  ) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** Admission of the namespace: it must exist and not be on its way out. */
function checkNamespace({ context, definition }: Target, namespace: string, name: string): void {
  const namespaces = context.collectionOf('', 'namespaces');
  if (!namespaces) return;
  const found = namespaces.get('', namespace);
  if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace);
  if (found.metadata.deletionTimestamp !== undefined) {
    throw forbidden(
      definition,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
      [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    );
  }
}

function generatedName(target: Target, namespace: string, prefix: string): string {
  for (let attempt = 0; attempt < GENERATE_ATTEMPTS; attempt += 1) {
    let name = prefix.slice(0, MAX_GENERATED_PREFIX);
    for (let index = 0; index < 5; index += 1) {
      name += NAME_ALPHABET[Math.floor(target.context.random() * NAME_ALPHABET.length)] ?? 'x';
    }
    if (!target.collection.get(namespace, name)) return name;
  }
  throw alreadyExists(target.definition, prefix);
}

function validate({ definition }: Target, object: KubeObject, old: KubeObject | undefined): void {
  const causes = [
    ...(old ? [] : nameCauses(definition, object.metadata.name)),
    ...(definition.validate?.(object, old) ?? []),
  ];
  if (causes.length > 0) throw invalid(definition, object.metadata.name, causes);
}

function track(
  { context, definition }: Target,
  before: KubeObject | undefined,
  after: KubeObject,
  { fieldManager, subresource, createdAt }: WriteOptions,
): KubeObject {
  if (fieldManager === undefined || fieldManager === '') return after;
  return trackManagedFields({
    definition,
    before,
    after,
    manager: fieldManager,
    operation: 'Update',
    subresource,
    nowIso: isoTime(createdAt ?? context.now()),
  });
}

/** Creates an object; see `KubeStore.create`. `isTracked` is true where apply has written managedFields already. */
export function createObject(
  context: StoreContext,
  id: ResourceId,
  namespaceAsked: string | undefined,
  body: NewObject,
  options: WriteOptions,
  isTracked = false,
): KubeObject {
  const target = targetOf(context, id);
  const { collection, definition } = target;
  const input = toStored(body, target.asked, definition);
  checkBody(target, namespaceAsked, input);
  const given = (input.metadata as NewObject['metadata'] | undefined) ?? {};
  const namespace = definition.namespaced ? (namespaceAsked ?? given.namespace ?? '') : '';
  if (definition.namespaced && namespace === '') {
    throw badRequest('an empty namespace may not be set during creation');
  }
  if (given.resourceVersion !== undefined && given.resourceVersion !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  const hasName = given.name !== undefined && given.name !== '';
  const name = hasName
    ? String(given.name)
    : given.generateName === undefined || given.generateName === ''
      ? ''
      : generatedName(target, namespace, given.generateName);
  if (definition.namespaced) checkNamespace(target, namespace, name);

  const metadata = shapeMetadata({
    ...given,
    name,
    namespace,
    uid: context.uid(),
    resourceVersion: '',
    generation: tracksGeneration(definition) ? 1 : undefined,
    creationTimestamp: isoTime(options.createdAt ?? context.now()),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  });
  const shaped = shapeObject(input, definition.kind, storageApiVersion(target), metadata);
  const prepared = definition.prepare ? definition.prepare(shaped, undefined) : shaped;
  validate(target, prepared, undefined);
  if (collection.get(namespace, name)) throw alreadyExists(definition, name);
  const tracked = isTracked ? prepared : track(target, undefined, prepared, options);
  return options.dryRun === true ? tracked : context.write(collection, undefined, tracked);
}

/** Keeps what a client cannot change, and of a subresource everything else. */
function merged(
  { definition }: Target,
  old: KubeObject,
  input: NewObject,
  { subresource, createdAt }: WriteOptions,
): KubeObject {
  if (subresource === 'status') {
    const managedFields = input.metadata.managedFields ?? old.metadata.managedFields;
    const { status: _status, ...rest } = withMetadata(old, { managedFields });
    return input['status'] === undefined ? rest : { ...rest, status: input['status'] };
  }
  const kept = old.metadata;
  const metadata = shapeMetadata({
    managedFields: kept.managedFields,
    ...input.metadata,
    name: kept.name,
    namespace: kept.namespace,
    generateName: kept.generateName,
    uid: kept.uid,
    resourceVersion: kept.resourceVersion,
    generation: kept.generation,
    creationTimestamp: createdAt === undefined ? kept.creationTimestamp : isoTime(createdAt),
    deletionTimestamp: kept.deletionTimestamp,
    deletionGracePeriodSeconds: kept.deletionGracePeriodSeconds,
  });
  const shaped = shapeObject(input, definition.kind, old.apiVersion, metadata);
  if (!definition.subresources.some(({ name }) => name === 'status')) return shaped;
  const { status: _status, ...rest } = shaped;
  return old['status'] === undefined ? rest : { ...rest, status: old['status'] };
}

/** Of a body that replaces an object or its Scale, the uid is a precondition. */
function checkUid(subject: Subject, old: KubeObject, { uid }: NewObject['metadata']): void {
  if (!isOther(uid, old)) return;
  const why = `Precondition failed: UID in precondition: ${String(uid)}, UID in object meta: ${old.metadata.uid}`;
  throw conflict(subject, old.metadata.name, why);
}

function checkVersion({ definition }: Target, old: KubeObject, { resourceVersion }: NewObject['metadata']): void {
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(definition, old.metadata.name);
  }
}

function isOther(uid: string | undefined, { metadata }: KubeObject): boolean {
  return uid !== undefined && uid !== '' && uid !== metadata.uid;
}

/** A Scale's own conflicts name the subresource. */
function scaleSubject({ definition: { group, resource } }: Target): Subject {
  return { group, resource: `${resource}/scale` };
}

/** Stores `next` in place of `old`, or removes it when its last finalizer is gone while it is being deleted. */
function replace(
  target: Target,
  old: KubeObject,
  next: KubeObject,
  options: WriteOptions,
  isTracked: boolean,
): KubeObject {
  const { context, collection, definition } = target;
  const prepared = definition.prepare ? definition.prepare(next, old) : next;
  validate(target, prepared, old);
  const counted =
    old.metadata.generation !== undefined && specDiffers(old, prepared)
      ? withMetadata(prepared, { generation: old.metadata.generation + 1 })
      : prepared;
  const tracked = isTracked ? counted : track(target, old, counted, options);
  if (isUnchanged(old, tracked)) return old;
  if (options.dryRun === true) return tracked;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = tracked.metadata;
  if (deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0 && finalizers.length === 0) {
    removeStored(context, collection, old);
    return tracked;
  }
  return context.write(collection, old, tracked);
}

/** Replaces an object; see `KubeStore.update`. */
export function updateObject(
  context: StoreContext,
  id: ResourceId,
  namespace: string | undefined,
  name: string,
  body: NewObject,
  options: WriteOptions,
): KubeObject {
  const target = targetOf(context, id);
  const input = options.subresource === 'scale' ? body : toStored(body, target.asked, target.definition);
  const old = context.object(target.collection, namespace, name);
  const given = (input.metadata as NewObject['metadata'] | undefined) ?? {};
  if (given.name !== undefined && given.name !== name) {
    throw badRequest(`the name of the object (${given.name}) does not match the name on the URL (${name})`);
  }
  if (options.subresource === 'scale') {
    checkUid(scaleSubject(target), old, given);
    checkVersion(target, old, given);
    return replace(target, old, applyScale(target.definition, old, input), options, false);
  }
  checkBody(target, namespace, input);
  checkUid(target.definition, old, given);
  checkVersion(target, old, given);
  return replace(target, old, merged(target, old, { ...input, metadata: given }, options), options, false);
}

/** Patches an object; see `KubeStore.patch`. */
export function patchStored(
  context: StoreContext,
  id: ResourceId,
  namespace: string | undefined,
  name: string,
  type: PatchType,
  patch: unknown,
  options: WriteOptions & { readonly force?: boolean | undefined },
): { readonly object: KubeObject; readonly created: boolean } {
  const target = targetOf(context, id);
  const { collection, definition, asked } = target;
  const old = collection.get(namespace ?? '', name);
  if (!old && (type !== 'apply' || options.subresource !== undefined)) throw notFound(definition, name);
  const request = {
    type,
    patch,
    fieldManager: options.fieldManager,
    force: options.force,
    nowIso: isoTime(context.now()),
    subresource: options.subresource,
  };
  if (options.subresource === 'scale' && old) {
    const scale = patchObject({ ...request, definition: SCALE, object: scaleOf(definition, old) });
    checkUid(scaleSubject(target), old, scale.metadata);
    checkVersion(target, old, scale.metadata);
    return { object: replace(target, old, applyScale(definition, old, scale), options, false), created: false };
  }
  // The client reads and patches its own version; storage may keep another.
  const object = old && inVersion(old, asked);
  const patched = patchObject({ ...request, definition: asked, object });
  if (!old) {
    const { uid } = patched.metadata as NewObject['metadata'];
    if (uid !== undefined && uid !== '') {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict(definition, name, why);
    }
    const input = { ...patched, metadata: { ...patched.metadata, name, resourceVersion: '' } };
    return { object: createObject(context, id, namespace, input, options, true), created: true };
  }
  const input = toStored(patched, asked, definition);
  checkBody(target, namespace, input);
  checkVersion(target, old, patched.metadata);
  // To a patch the uid is no precondition: it is a field like others, and may not change.
  if (isOther(patched.metadata.uid, old)) {
    throw invalid(definition, name, [invalidValue('metadata.uid', patched.metadata.uid, 'field is immutable')]);
  }
  const next = merged(target, old, input, options);
  return { object: replace(target, old, next, options, type === 'apply'), created: false };
}
