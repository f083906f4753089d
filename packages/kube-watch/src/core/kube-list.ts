import type { KubeObject, ListMeta, ObjectMeta } from '../protocol/kube-object.ts';
import { compareVersions } from './resource-version.ts';

/** A list as the application holds it: plain objects, or instances of a class around them. */
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
  /** Stamped on each new item as `cluster`; items of other clusters are others, whatever their uid. */
  readonly cluster?: string | undefined;
}

/** Immutable updates of small lists. For large ones, and for many changes a second, take an ObjectStore. */
export const KubeList: {
  /**
   * The list after one watch event; the *same reference* when it changes nothing: BOOKMARK and ERROR, what is not newer
   * than the item of the same uid, a DELETED of what is unknown. Another uid under the same name takes its place.
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
    if (present?.uid !== metadata.uid || isOlder(metadata, present)) return list;
    return withItems(list, list.items.toSpliced(index, 1), metadata);
  }
  if (type !== 'ADDED' && type !== 'MODIFIED') return list;
  if (present === undefined) return withItems(list, [...list.items, wrap(object, options)], metadata);
  if (isOlder(metadata, present)) return list;
  const isSame = compareVersions(metadata.resourceVersion, present.resourceVersion) === 0;
  if (isSame && present.uid === metadata.uid) return list;
  return withItems(list, list.items.with(index, wrap(object, options)), metadata);
}

/** Instances keep the object they were made of in `jsonData`. */
function metadataOf(item: unknown): ObjectMeta | undefined {
  const { metadata, jsonData } = (item ?? {}) as { metadata?: ObjectMeta; jsonData?: { metadata?: ObjectMeta } };
  const found = metadata ?? jsonData?.metadata;
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

function wrap<T>(object: KubeObject, { itemClass, cluster }: ApplyUpdateOptions<T>): T {
  if (itemClass === undefined) return (cluster === undefined ? object : { ...object, cluster }) as T;
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

function withItems<T, L extends KubeListLike<T>>(list: L, items: readonly T[], { resourceVersion }: ObjectMeta): L {
  return { ...list, metadata: { ...list.metadata, resourceVersion }, items };
}
