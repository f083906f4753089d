import {
  KubeList,
  metadataOf,
  type ApplyUpdateOptions,
  type KubeListLike,
  type KubeListUpdate,
} from '../core/kube-list.ts';
import type { KubeObject } from '../protocol/kube-object.ts';

/** Name of an object within a list. */
export function objectKey({ metadata }: Pick<KubeObject, 'metadata'>): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/**
 * A list after many events, each on another object: what {@link KubeList.applyUpdate} makes of them one by one, with one
 * copy of the list and one look through it. The same reference when they change nothing.
 */
export function applyUpdates<T, L extends KubeListLike<T>>(
  list: L & KubeListLike<T>,
  updates: readonly KubeListUpdate[],
  options: ApplyUpdateOptions<T>,
): L {
  const places = new Map<string, number>();
  const items: (T | undefined)[] = [...list.items];
  for (const [index, item] of list.items.entries()) {
    const key = keyOfItem(item);
    if (key !== undefined) places.set(key, index);
  }
  let { metadata } = list;
  let isChanged = false;
  for (const update of updates) {
    const key = objectKey(update.object as KubeObject);
    const place = places.get(key);
    const present = place === undefined ? undefined : items[place];
    const before = { metadata, items: present === undefined ? [] : [present] };
    const after = KubeList.applyUpdate<T, typeof before>(before, update, options);
    if (after === before) continue;
    isChanged = true;
    metadata = after.metadata;
    const [item] = after.items;
    if (place !== undefined) items[place] = item;
    else if (item !== undefined) {
      places.set(key, items.length);
      items.push(item);
    }
  }
  return isChanged ? { ...list, metadata, items: items.filter((item) => item !== undefined) } : list;
}

function keyOfItem(item: unknown): string | undefined {
  const metadata = metadataOf(item);
  return metadata && objectKey({ metadata });
}
