import type { KubeObject, ListMeta, ObjectMeta } from '../protocol/kube-object.ts';
import type { ClusterObject } from '../protocol/resource.ts';
import { compareVersions } from './resource-version.ts';

/** A list as the application holds it: plain objects, `{cluster, object}`, or instances of a class around objects. */
export interface KubeListLike<T> {
  readonly metadata: Partial<ListMeta>;
  readonly items: readonly T[];
}

/** A watch event, as it came. */
export interface KubeListUpdate {
  readonly type: string;
  readonly object: unknown;
}

/** How a new item is made. */
export interface ApplyUpdateOptions<T> {
  /** Items are instances of it, made of the object and the cluster. */
  readonly itemClass?: (new (object: never, cluster?: string) => T) | undefined;
  /**
   * Stamped on each new item as `cluster`; items of other clusters are others, whatever their uid. Among items of
   * `{cluster, object}` a new one is of that form.
   */
  readonly cluster?: string | undefined;
}

/** Immutable updates of small lists. For large ones, and for many changes a second, take an ObjectStore. */
export const KubeList: {
  /**
   * The list after one watch event; the *same reference* when it changes nothing: BOOKMARK and ERROR, what is not newer
   * than the item of the same uid, a DELETED of what is unknown. Another uid under the same name takes its place. The
   * list's resourceVersion never goes back.
   */
  applyUpdate<T, L extends KubeListLike<T>>(
    list: L & KubeListLike<T>,
    update: KubeListUpdate,
    options?: ApplyUpdateOptions<T>,
  ): L;
} = { applyUpdate };

function applyUpdate<T, L extends KubeListLike<T>>(
  list: L & KubeListLike<T>,
  update: KubeListUpdate,
  options: ApplyUpdateOptions<T> = {},
): L {
  const { type } = update;
  const object = update.object as KubeObject;
  const metadata = metadataOf(object);
  if (metadata === undefined) return list;
  const index = list.items.findIndex((item) => isSameName(item, metadata, options.cluster));
  const present = index === -1 ? undefined : metadataOf(list.items[index]);
  if (type === 'DELETED') {
    if (present === undefined || present.uid !== metadata.uid || isOlder(metadata, present)) return list;
    return withItems(list, list.items.toSpliced(index, 1), metadata);
  }
  if (type !== 'ADDED' && type !== 'MODIFIED') return list;
  const like = list.items[Math.max(index, 0)];
  if (present === undefined) return withItems(list, [...list.items, wrap(object, like, options)], metadata);
  if (isOlder(metadata, present)) return list;
  const isSame = compareVersions(metadata.resourceVersion, present.resourceVersion) === 0;
  if (isSame && present.uid === metadata.uid) return list;
  return withItems(list, list.items.with(index, wrap(object, like, options)), metadata);
}

interface Item {
  readonly metadata?: ObjectMeta;
  /** Instances keep the object they were made of here. */
  readonly jsonData?: { readonly metadata?: ObjectMeta };
  /** A list over several clusters has its objects here. */
  readonly object?: { readonly metadata?: ObjectMeta };
}

/** Of an item in any of its forms; undefined where there is no name. */
export function metadataOf(item: unknown): ObjectMeta | undefined {
  const { metadata, jsonData, object } = (item ?? {}) as Item;
  const found = metadata ?? jsonData?.metadata ?? object?.metadata;
  return typeof found?.name === 'string' ? found : undefined;
}

function isSameName(item: unknown, { name, namespace }: ObjectMeta, cluster: string | undefined): boolean {
  const metadata = metadataOf(item);
  if (metadata?.name !== name || metadata.namespace !== namespace) return false;
  const itemCluster = (item as { cluster?: unknown }).cluster;
  return cluster === undefined || itemCluster === undefined || itemCluster === cluster;
}

function isOlder(metadata: ObjectMeta, present: ObjectMeta): boolean {
  const order = compareVersions(metadata.resourceVersion, present.resourceVersion);
  return order !== undefined && order < 0;
}

function wrap<T>(object: KubeObject, like: unknown, { itemClass, cluster }: ApplyUpdateOptions<T>): T {
  if (itemClass === undefined) {
    if (isClusterObject(like)) return { cluster: cluster ?? like.cluster, object } as T;
    return (cluster === undefined ? object : { ...object, cluster }) as T;
  }
  const item = new itemClass(object as never, cluster);
  if (
    cluster !== undefined &&
    typeof item === 'object' &&
    item !== null &&
    (item as { cluster?: unknown }).cluster === undefined
  )
    Object.assign(item, { cluster });
  return item;
}

function isClusterObject(item: unknown): item is ClusterObject<KubeObject> {
  const { metadata, object } = (item ?? {}) as Item;
  return metadata === undefined && object?.metadata !== undefined;
}

function withItems<T, L extends KubeListLike<T>>(list: L, items: readonly T[], event: ObjectMeta): L {
  const known = list.metadata.resourceVersion;
  const order = compareVersions(event.resourceVersion, known);
  const resourceVersion = order !== undefined && order < 0 ? known : event.resourceVersion;
  return { ...list, metadata: { ...list.metadata, resourceVersion }, items };
}
