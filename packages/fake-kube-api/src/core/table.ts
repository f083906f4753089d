import type { KubeObject } from '../protocol/kube-object.ts';
import type { ResourceDefinition, TableColumn } from './resource-definition.ts';

/** A column as the wire describes it (Kubernetes API reference, `meta.k8s.io/v1` Table). */
export interface TableColumnDefinition {
  readonly name: string;
  readonly type: TableColumn['type'];
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** How much of an object each row carries. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** One object in a Table: a cell for each column, null where it has no value. */
export interface TableRow {
  readonly cells: readonly (string | number | boolean | null)[];
  readonly object: object | null;
}

/** A list or an object as the server prints it. */
export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: 'meta.k8s.io/v1';
  readonly metadata: object;
  readonly columnDefinitions: readonly TableColumnDefinition[] | null;
  readonly rows: readonly TableRow[];
}

/** What surrounds the rows. */
export interface TableOptions {
  /** Milliseconds since 1970, for ages. */
  readonly nowMs: number;
  /** Default `Metadata`. */
  readonly includeObject?: IncludeObject | undefined;
  /** Metadata of the list: resourceVersion, continue, remainingItemCount. Default: none. */
  readonly listMeta?: object | undefined;
  /** False leaves the column definitions out, as every watch event but the first does. Default true. */
  readonly withColumns?: boolean | undefined;
}

/** Prints objects of one resource (`Accept: application/json;as=Table;v=v1;g=meta.k8s.io`). */
export function renderTable(
  definition: ResourceDefinition,
  objects: readonly KubeObject[],
  options: TableOptions,
): Table {
  const includeObject = options.includeObject ?? 'Metadata';
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.listMeta ?? {},
    columnDefinitions: options.withColumns === false ? null : definition.columns.map(columnDefinition),
    rows: objects.map((object) => {
      const cells = definition.columns.map((column) => column.value(object, options.nowMs));
      return { cells, object: rowObject(object, includeObject) };
    }),
  };
}

function columnDefinition(column: TableColumn): TableColumnDefinition {
  const { name, type, format, description, priority } = column;
  return { name, type, format: format ?? '', description, priority };
}

function rowObject(object: KubeObject, includeObject: IncludeObject): object | null {
  if (includeObject === 'None') return null;
  if (includeObject === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
