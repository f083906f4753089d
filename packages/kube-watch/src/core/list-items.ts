import type { KubeObject } from '../protocol/kube-object.ts';
import type { ListPage } from './watch-transport.ts';

/**
 * The items of a page with `apiVersion` and `kind`, which a list says once for all of them (`PodList`). Items that say it
 * themselves (rows of a table, `PartialObjectMetadata`) are left as they are; what has no name is left out.
 */
export function listItems(page: ListPage): KubeObject[] {
  const { apiVersion } = page;
  const kind = page.kind.endsWith('List') ? page.kind.slice(0, -'List'.length) : '';
  const items: KubeObject[] = [];
  for (const item of page.items as readonly (KubeObject | null | undefined)[]) {
    if (typeof item?.metadata?.name !== 'string') continue;
    items.push(item.kind !== undefined || kind === '' ? item : { apiVersion, kind, ...item });
  }
  return items;
}

/** Whether an answer is a list that a watch can begin from. */
export function isListPage(page: unknown): page is ListPage {
  const { kind, metadata, items } = (page ?? {}) as Partial<ListPage>;
  return typeof kind === 'string' && typeof metadata?.resourceVersion === 'string' && Array.isArray(items);
}
