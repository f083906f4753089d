import type { TableColumnDefinition, TableObject } from '@fleetwire/kube-watch';
import type { ColumnsOf } from '@fleetwire/kube-watch/react';
import type { PluginLoader, Registered } from '@fleetwire/plugin-manager/browser';

/** A column of a list. */
export interface ListColumn {
  /** In addresses and saved views: `name`, `last-seen`. */
  readonly id: string;
  readonly title: string;
  /**
   * Where its text comes from: the object itself, the cell that its server printed at `indexIn`, or the plugin, which
   * renders its cells itself and may say what is in them.
   */
  readonly source: 'name' | 'cluster' | 'namespace' | 'age' | 'cell' | 'plugin';
  /** Of a column of a plugin. */
  readonly contribution?: Registered<'listColumn'> | undefined;
  /** What a cell of a plugin says; a column of a plugin without it is neither sorted nor searched. */
  readonly text?: ((object: TableObject, cluster: string) => string) | undefined;
  /**
   * Where the objects of a cluster and namespace have this cell; undefined where their server does not print it. Servers
   * of different versions print different columns.
   */
  readonly indexIn: (cluster: string, namespace: string | undefined) => number | undefined;
  readonly description: string;
  /** Shown unless somebody chose otherwise. */
  readonly isDefault: boolean;
  /** Numbers stand at the right. */
  readonly isNumber: boolean;
}

/** What decides over the columns besides what the server prints. */
export interface ListScope {
  readonly isNamespaced: boolean;
  /** More than one is looked at. */
  readonly manyNamespaces: boolean;
  readonly manyClusters: boolean;
}

type Definitions = readonly TableColumnDefinition[];

/** Columns of an object that every list has, for a server that prints none. */
const plainDefinitions: Definitions = [
  { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
  { name: 'Age', type: 'string', format: '', description: '', priority: 0 },
];

/**
 * The columns of a list: its name first, cluster and namespace where there are several, then all that some server
 * prints, each as the first server prints it that has it. The servers' `Age` is left to the page, which lets it run.
 * `columnsOf` says what each cluster prints.
 */
export function listColumns(
  printed: readonly Definitions[],
  { isNamespaced, manyNamespaces, manyClusters }: ListScope,
  columnsOf: ColumnsOf = () => printed[0],
): readonly ListColumn[] {
  const known = printed.filter(({ length }) => length > 0);
  const sets = known.length === 0 ? [plainDefinitions] : known;
  const columns: ListColumn[] = [own('name', 'Name', true)];
  if (manyClusters) columns.push(own('cluster', 'Cluster', true));
  if (isNamespaced) columns.push(own('namespace', 'Namespace', manyNamespaces));
  for (const [id, { name, type, description, priority }] of unitedColumns(sets)) {
    columns.push({
      id,
      title: name,
      source: 'cell',
      indexIn: indexOfCells(id, sets, columnsOf),
      description,
      isDefault: priority === 0,
      isNumber: type === 'integer' || type === 'number',
    });
  }
  columns.push(
    own(
      'age',
      'Age',
      sets.some((definitions) => definitions.some(isAge)),
    ),
  );
  return columns;
}

/** The columns with those of plugins, which stand before the age. The loader asks a plugin what its cell says. */
export function withPluginColumns(
  columns: readonly ListColumn[],
  contributions: readonly Registered<'listColumn'>[],
  loader?: Pick<PluginLoader, 'textOf'>,
): readonly ListColumn[] {
  if (contributions.length === 0) return columns;
  const added = contributions.map((contribution): ListColumn => {
    const { pluginId, value } = contribution;
    return {
      id: `${pluginId}#${value.id}`,
      title: value.title,
      source: 'plugin',
      contribution,
      text:
        value.text === undefined || loader === undefined
          ? undefined
          : (object, cluster) => loader.textOf(contribution, { object, cluster }),
      indexIn: () => undefined,
      description: `From the plugin ${pluginId}`,
      isDefault: true,
      isNumber: false,
    };
  });
  return [...columns.slice(0, -1), ...added, ...columns.slice(-1)];
}

/** Whether a list can be sorted by the column. */
export function isSortable({ source, text }: ListColumn): boolean {
  return source !== 'plugin' || text !== undefined;
}

/** Every printed column once; one that only later servers have stands behind the one that they print before it. */
function unitedColumns(sets: readonly Definitions[]): ReadonlyMap<string, TableColumnDefinition> {
  const ids: string[] = [];
  const united = new Map<string, TableColumnDefinition>();
  for (const definitions of sets) {
    let at = 0;
    for (const [id, index] of printedCells(definitions)) {
      const definition = definitions[index];
      if (definition === undefined) continue;
      if (!united.has(id)) {
        united.set(id, definition);
        ids.splice(at, 0, id);
      }
      at = ids.indexOf(id) + 1;
    }
  }
  return new Map(ids.flatMap((id) => [[id, united.get(id) as TableColumnDefinition] as const]));
}

function indexOfCells(id: string, sets: readonly Definitions[], columnsOf: ColumnsOf): ListColumn['indexIn'] {
  const [index, ...others] = new Set(sets.map((definitions) => printedCells(definitions).get(id)));
  // All have it in one place, so that a cell costs no look-up.
  if (others.length === 0) return () => index;
  return (cluster, namespace) => {
    const theirs = columnsOf(cluster, namespace);
    return theirs === undefined ? undefined : printedCells(theirs).get(id);
  };
}

const cellsBy = new WeakMap<Definitions, ReadonlyMap<string, number>>();

/** Where each printed cell is, by the id of its column: by name, and by number among columns of one name. */
function printedCells(definitions: Definitions): ReadonlyMap<string, number> {
  const known = cellsBy.get(definitions);
  if (known !== undefined) return known;
  const nameIndex = definitions.findIndex(({ format, name }) => format === 'name' || name === 'Name');
  const taken = new Set(['name', 'cluster', 'namespace', 'age']);
  const cells = new Map<string, number>();
  for (const [index, definition] of definitions.entries()) {
    if (index !== nameIndex && !isAge(definition)) cells.set(freeId(slug(definition.name), taken), index);
  }
  cellsBy.set(definitions, cells);
  return cells;
}

function isAge({ name }: TableColumnDefinition): boolean {
  return name === 'Age' || name === 'Created At';
}

/** The columns that are shown: those that were chosen, or the default; the name always. */
export function shownColumns(
  columns: readonly ListColumn[],
  chosen: readonly string[] | undefined,
): readonly ListColumn[] {
  if (chosen === undefined) return columns.filter(({ isDefault }) => isDefault);
  return columns.filter(({ id }) => id === 'name' || chosen.includes(id));
}

/** The choice after one column is switched; undefined when it is the default again. */
export function toggleColumn(
  columns: readonly ListColumn[],
  chosen: readonly string[] | undefined,
  id: string,
): readonly string[] | undefined {
  const before = shownColumns(columns, chosen).map((column) => column.id);
  const after = before.includes(id) ? before.filter((each) => each !== id) : [...before, id];
  const isDefault = columns.every((column) => column.isDefault === after.includes(column.id));
  return isDefault ? undefined : columns.filter((column) => after.includes(column.id)).map((column) => column.id);
}

function own(id: 'name' | 'cluster' | 'namespace' | 'age', title: string, isDefault: boolean): ListColumn {
  return { id, title, source: id, indexIn: () => undefined, description: '', isDefault, isNumber: false };
}

function slug(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '') || 'column'
  );
}

/** A custom resource may print two columns of one name. */
function freeId(id: string, taken: Set<string>): string {
  let free = id;
  for (let next = 2; taken.has(free); next += 1) free = `${id}-${String(next)}`;
  taken.add(free);
  return free;
}
