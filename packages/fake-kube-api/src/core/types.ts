import type { KubeObject } from '../protocol/kube-object.ts';
import type { WatchEvent } from '../protocol/watch-event.ts';
import type { ResourceDefinition } from './resource-definition.ts';

/** Names one resource type of the server; the core group is `''`. */
export interface ResourceId {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** Which objects of a resource: all of them, or those of a namespace, of some labels, of some fields. */
export interface Selection {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** Which state of a list, and how much of it (Kubernetes documentation, API concepts). */
export interface ListOptions {
  /** At most so many items; 0 and absent are unlimited. Ignored with resourceVersion `0`, as by the real server. */
  readonly limit?: number | undefined;
  readonly continueToken?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
}

/** A list as it was at one resourceVersion. */
export interface StoredList {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  /** Present when `limit` cut the list. */
  readonly continueToken?: string;
  readonly remainingItemCount?: number;
}

/** Who changes an object, for `managedFields`. */
export interface WriteOptions {
  readonly fieldManager?: string | undefined;
  readonly dryRun?: boolean | undefined;
  /** Write only this subresource (`status`, `scale`). */
  readonly subresource?: string | undefined;
  /**
   * The time of creation that the object gets, in milliseconds since 1970; default: at creation the present, later the
   * one that it has. For filling a store with objects that are not new: no HTTP request can say it.
   */
  readonly createdAt?: number | undefined;
}

/** Kinds of patches, by media type. */
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number | undefined;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground' | undefined;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  readonly dryRun?: boolean | undefined;
}

/** What a fresh object needs of the caller; the store fills in uid, resourceVersion, times and generation. */
export type NewObject = Omit<KubeObject, 'metadata'> & {
  readonly metadata: Partial<KubeObject['metadata']>;
};

/**
 * The storage of the server: one resourceVersion for everything, a bounded history that watches start from. Every
 * method throws a StatusError where the real server would answer with that Status. Synchronous: one process, one truth.
 */
export interface KubeStore {
  /** Of the last write, an unbounded decimal. */
  readonly resourceVersion: string;
  readonly definitions: readonly ResourceDefinition[];
  definition(id: ResourceId): ResourceDefinition | undefined;
  /** Adds a type, as a CustomResourceDefinition does; returns its undo, which also removes its objects. */
  define(definition: ResourceDefinition): () => void;
  get(id: ResourceId, namespace: string | undefined, name: string): KubeObject;
  list(id: ResourceId, selection?: Selection, options?: ListOptions): StoredList;
  create(id: ResourceId, namespace: string | undefined, object: NewObject, options?: WriteOptions): KubeObject;
  update(
    id: ResourceId,
    namespace: string | undefined,
    name: string,
    object: NewObject,
    options?: WriteOptions,
  ): KubeObject;
  patch(
    id: ResourceId,
    namespace: string | undefined,
    name: string,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { readonly force?: boolean | undefined },
  ): { readonly object: KubeObject; readonly created: boolean };
  /** `removed` is false while finalizers, dependants or a grace period keep the object. */
  delete(
    id: ResourceId,
    namespace: string | undefined,
    name: string,
    options?: DeleteOptions,
  ): { readonly object: KubeObject; readonly removed: boolean };
  /**
   * Calls `listener` for each change after `resourceVersion`, those of the history at once; returns its undo. Throws
   * 410 Expired when the history does not reach back that far, as it never does to versions of another store, and 504
   * when the version has not come yet. Events are ADDED, MODIFIED, DELETED, as the selection
   * sees them: an object that begins to match is ADDED; one that no longer matches is DELETED with its last matching
   * state and the resourceVersion of the change, as is one that was removed. `ended` is called when the type is gone.
   */
  watch(
    id: ResourceId,
    selection: Selection,
    resourceVersion: string,
    listener: (event: WatchEvent) => void,
    ended?: () => void,
  ): () => void;
  /** Forgets the history up to now, so that older watches and continue tokens are answered with 410. */
  compact(): void;
}
