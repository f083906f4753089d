import type {
  KubeObject,
  TableColumnDefinition,
  TableObject,
  TableResponse,
  TableRow,
} from '../protocol/kube-object.ts';
import type { ListPage } from './watch-transport.ts';

/** Whether an answer or the object of a watch event is a Table (`as=Table`). */
export function isTable(value: unknown): value is TableResponse {
  const table = value as Partial<TableResponse> | null | undefined;
  return typeof table === 'object' && table !== null && table.kind === 'Table' && Array.isArray(table.rows);
}

/** A Table as a page of a list: each row is the object's metadata with its cells. Rows without an object are left out. */
export function tablePage(table: TableResponse): ListPage {
  return {
    apiVersion: table.apiVersion,
    kind: 'Table',
    metadata: table.metadata,
    items: tableObjects(table),
    columns: tableColumns(table),
  };
}

/** The rows of a Table as objects. */
export function tableObjects(table: TableResponse): TableObject[] {
  return table.rows.filter(hasObject).map(({ object, cells }) => ({ ...object, cells }));
}

/** The columns of a Table; those of a watch have none after its first event. */
export function tableColumns(table: TableResponse): readonly TableColumnDefinition[] | undefined {
  const { columnDefinitions } = table;
  return Array.isArray(columnDefinitions) && columnDefinitions.length > 0 ? columnDefinitions : undefined;
}

function hasObject(row: TableRow | null | undefined): row is TableRow {
  const object = row?.object as Partial<KubeObject> | null | undefined;
  return typeof object?.metadata?.name === 'string';
}
