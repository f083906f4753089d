import type { ClusterObject, TableObject } from '@fleetwire/kube-watch';
import type { ListColumn } from './list-columns.ts';
import { sortValueOf, type SortValue } from './sort-value.ts';

/** An object of a list as a row shows it; a new one whenever the object changes, the same one otherwise. */
export interface ListRow {
  /** Cluster and uid. */
  readonly key: string;
  readonly cluster: string;
  readonly object: TableObject;
  /** How often it changed while the list was open; 0 as it was when the list came. */
  readonly revision: number;
  /** The model's update that it last changed or came in; undefined while it is as it was. */
  readonly changedIn: number | undefined;
}

/** The key of a row. */
export function rowKey({ cluster, object }: ClusterObject<TableObject>): string {
  const { uid, namespace, name } = object.metadata;
  // Some aggregated APIs give their objects no uid.
  return `${cluster}\n${uid === '' ? `${namespace ?? ''}/${name}` : uid}`;
}

/** When the object was made, in milliseconds since 1970; undefined when it does not say. */
export function createdAtOf({ metadata }: TableObject): number | undefined {
  const at = metadata.creationTimestamp === undefined ? NaN : Date.parse(metadata.creationTimestamp);
  return Number.isNaN(at) ? undefined : at;
}

/** The text of a cell; an age has none, as it runs, and what a plugin renders has what the plugin says. */
export function cellText(row: ListRow, column: ListColumn): string {
  const { cluster, object } = row;
  switch (column.source) {
    case 'name':
      return object.metadata.name;
    case 'cluster':
      return cluster;
    case 'namespace':
      return object.metadata.namespace ?? '';
    case 'age':
      return '';
    case 'plugin':
      return column.text?.(object, cluster) ?? '';
    case 'cell':
      return printCell(cellOf(row, column));
  }
}

/** What a row is sorted by; the youngest has the least age. */
export function rowSortValue(row: ListRow, column: ListColumn): SortValue {
  if (column.source === 'plugin') return sortValueOf(cellText(row, column), column.title);
  if (column.source === 'cell') return sortValueOf(cellOf(row, column), column.title);
  if (column.source !== 'age') return cellText(row, column);
  const createdAt = createdAtOf(row.object);
  return createdAt === undefined ? undefined : -createdAt;
}

/** What the text filter looks into: everything that is printed, shown or not, and what the columns of plugins say. */
export function filterTextOf({ cluster, object }: ListRow, ofPlugins: readonly ListColumn[] = []): string {
  const { name, namespace = '' } = object.metadata;
  const said = ofPlugins.map(({ text }) => text?.(object, cluster) ?? '');
  return [name, namespace, cluster, ...object.cells.map(printCell), ...said].join('\n').toLowerCase();
}

function cellOf({ cluster, object }: ListRow, { indexIn }: ListColumn): unknown {
  const index = indexIn(cluster, object.metadata.namespace);
  return index === undefined ? undefined : object.cells[index];
}

function printCell(cell: unknown): string {
  if (typeof cell === 'string') return cell;
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : JSON.stringify(cell);
}
