import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition } from '../resource-definition.ts';
import { conflict } from '../status-errors.ts';
import type { DeleteOptions, ResourceId } from '../types.ts';
import type { Collection } from './collection.ts';
import { isoTime, withMetadata } from './object-shape.ts';
import type { StoreContext } from './store-context.ts';

const FOREGROUND = 'foregroundDeletion';

/** The outcome of a deletion. */
export interface Deletion {
  readonly object: KubeObject;
  /** False while finalizers, dependants or a grace period keep it. */
  readonly removed: boolean;
}

function checkPreconditions(definition: ResourceDefinition, object: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const { metadata } = object;
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(
      definition,
      metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
    );
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      definition,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}

/** The object marked as on its way out, or the same one when it is so already and no sooner now. */
function marked(
  context: StoreContext,
  object: KubeObject,
  graceSeconds: number,
  finalizers: readonly string[] | undefined,
): KubeObject {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation } = object.metadata;
  const isSooner = deletionTimestamp === undefined || graceSeconds < deletionGracePeriodSeconds;
  if (!isSooner && finalizers === object.metadata.finalizers) return object;
  const isNamespace = object.kind === 'Namespace' && object.apiVersion === 'v1';
  const next = withMetadata(object, {
    finalizers,
    ...(isSooner
      ? {
          deletionTimestamp: isoTime(context.now() + graceSeconds * 1000),
          deletionGracePeriodSeconds: graceSeconds,
        }
      : {}),
    ...(deletionTimestamp === undefined && generation !== undefined ? { generation: generation + 1 } : {}),
  });
  if (!isNamespace) return next;
  return { ...next, status: { ...(next['status'] as object | undefined), phase: 'Terminating' } };
}

/** Deletes one object; see `KubeStore.delete`. */
export function deleteObject(
  context: StoreContext,
  id: ResourceId,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions,
): Deletion {
  const { collection, definition } = context.lookup(id);
  const object = context.object(collection, namespace, name);
  checkPreconditions(definition, object, options);
  return deleteStored(context, collection, definition, object, options);
}

function deleteStored(
  context: StoreContext,
  collection: Collection,
  definition: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions,
): Deletion {
  const isGraceful = definition.gracePeriodSeconds !== undefined;
  const own = definition.gracePeriodSeconds?.(object) ?? 0;
  // An object that would go at once does not wait because the caller would: pods without a node.
  const graceSeconds = own === 0 ? 0 : Math.max(0, options.gracePeriodSeconds ?? own);
  const policy = options.propagationPolicy;
  const { finalizers = [], uid } = object.metadata;
  const waitsForDependants = policy === 'Foreground' && isBlocked(context, uid) && !finalizers.includes(FOREGROUND);
  const kept = waitsForDependants ? [...finalizers, FOREGROUND] : object.metadata.finalizers;
  const isNamespace = definition.group === '' && definition.resource === 'namespaces';
  const content = isNamespace ? contentOf(context, object.metadata.name) : [];
  const waits = graceSeconds > 0 || (kept?.length ?? 0) > 0 || content.length > 0;

  if (options.dryRun === true) return { object, removed: !waits };
  if (policy === 'Orphan') orphan(context, uid);
  const next = waits || isGraceful ? marked(context, object, graceSeconds, kept) : object;
  const stored = next === object ? object : context.write(collection, object, next);
  if (!waits) {
    removeStored(context, collection, stored);
    return { object: stored, removed: true };
  }
  if (waitsForDependants) deleteDependants(context, stored, { propagationPolicy: 'Foreground' });
  for (const { collection: inner, object: part } of content) {
    const [innerDefinition] = inner.definitions.values();
    // An owner that went before may have taken it along.
    const present = inner.get(part.metadata.namespace ?? '', part.metadata.name);
    if (innerDefinition && present) deleteStored(context, inner, innerDefinition, present, {});
  }
  const left = collection.get(object.metadata.namespace ?? '', object.metadata.name);
  return { object: left ?? stored, removed: left === undefined };
}

/** Everything in a namespace. */
function contentOf(
  context: StoreContext,
  namespace: string,
): { readonly collection: Collection; readonly object: KubeObject }[] {
  return [...context.collections.values()].flatMap((collection) =>
    collection.sorted(namespace).map((object) => ({ collection, object })),
  );
}

/** Removes an object and lets go what waited for it: dependants, a foreground owner, a terminating namespace. */
export function removeStored(context: StoreContext, collection: Collection, object: KubeObject): void {
  context.remove(collection, object);
  afterRemoval(context, object);
}

/** What follows from the removal of an object. */
function afterRemoval(context: StoreContext, object: KubeObject): void {
  deleteDependants(context, object, {});
  for (const owner of object.metadata.ownerReferences ?? []) finishForeground(context, owner.uid);
  if (object.metadata.namespace !== undefined) finishNamespace(context, object.metadata.namespace);
}

/** Deletes dependants that no other owner keeps; those that another keeps lose the reference. */
function deleteDependants(context: StoreContext, owner: KubeObject, options: DeleteOptions): void {
  for (const place of context.owners.dependants(owner.metadata.uid)) {
    const object = place.collection.get(place.namespace, place.name);
    const [definition] = place.collection.definitions.values();
    if (!object || !definition) continue;
    const others = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
    if (others.some(({ uid }) => context.owners.exists(uid))) {
      context.write(place.collection, object, withMetadata(object, { ownerReferences: others }));
    } else if (object.metadata.deletionTimestamp === undefined) {
      deleteStored(context, place.collection, definition, object, options);
    }
  }
}

/** Takes the owner's references away, so that its dependants outlive it. */
function orphan(context: StoreContext, ownerUid: string): void {
  for (const { collection, namespace, name } of context.owners.dependants(ownerUid)) {
    const object = collection.get(namespace, name);
    if (!object) continue;
    const ownerReferences = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== ownerUid);
    context.write(collection, object, withMetadata(object, { ownerReferences }));
  }
}

/** Whether a dependant says that its owner must outlive it. */
function isBlocked(context: StoreContext, ownerUid: string): boolean {
  return context.owners.dependants(ownerUid).some(({ collection, namespace, name }) => {
    const owners = collection.get(namespace, name)?.metadata.ownerReferences ?? [];
    return owners.some(({ uid, blockOwnerDeletion }) => uid === ownerUid && blockOwnerDeletion === true);
  });
}

/** Removes an owner whose foreground deletion waited, once the last dependant that blocks it has gone. */
function finishForeground(context: StoreContext, ownerUid: string): void {
  const place = context.owners.place(ownerUid);
  const owner = place?.collection.get(place.namespace, place.name);
  if (!place || !owner?.metadata.finalizers?.includes(FOREGROUND)) return;
  if (isBlocked(context, ownerUid)) return;
  const finalizers = owner.metadata.finalizers.filter((finalizer) => finalizer !== FOREGROUND);
  if (finalizers.length > 0) context.write(place.collection, owner, withMetadata(owner, { finalizers }));
  else removeStored(context, place.collection, owner);
}

/** Removes a terminating namespace that has become empty. */
function finishNamespace(context: StoreContext, namespace: string): void {
  const namespaces = context.collectionOf('', 'namespaces');
  const object = namespaces?.get('', namespace);
  if (!namespaces || object?.metadata.deletionTimestamp === undefined) return;
  if ((object.metadata.finalizers?.length ?? 0) > 0) return;
  for (const collection of context.collections.values()) if (collection.count(namespace) > 0) return;
  removeStored(context, namespaces, object);
}
