import type { ClusterObject, TableObject } from '@fleetwire/kube-watch';
import type { ListColumn } from './list-columns.ts';
import { filterTextOf, rowKey, rowSortValue, type ListRow } from './list-row.ts';
import { compareValues, type SortValue } from './sort-value.ts';

/** What a list shows, and in which order. */
export interface RowPlan {
  /** Words that must all occur. */
  readonly filter: string;
  /** Undefined for the list's own order: namespace, name, cluster. */
  readonly sort: { readonly column: ListColumn; readonly descending: boolean } | undefined;
}

/** A row with what its place depends on. */
interface Entry {
  readonly row: ListRow;
  readonly value: SortValue;
  readonly fits: boolean;
  /** The last update that had it. */
  seenIn: number;
}

type Items = readonly ClusterObject<TableObject>[];

/** An item that went, and those behind it that moved up, are found within so many places. */
const lookAhead = 4;

/**
 * The rows of a list in their order. An update costs what changed, and one pass over the rest that compares references:
 * with ten thousand rows and events in every frame, sorting anew would take longer than the frame.
 */
export class RowModel {
  #plan: RowPlan = { filter: '', sort: undefined };
  #words: readonly string[] = [];
  #items: Items = [];
  /** Of each item, in their order. */
  #entries: readonly Entry[] = [];
  readonly #byKey = new Map<string, Entry>();
  #updates = 0;
  #shown: readonly Entry[] = [];
  #rows: readonly ListRow[] = [];

  /** Rows that fit the filter, in their order; the same array while nothing changed. */
  get rows(): readonly ListRow[] {
    return this.#rows;
  }

  /** How many there are, fitting or not. */
  get total(): number {
    return this.#entries.length;
  }

  /** The row of a key, shown or not. */
  row(key: string): ListRow | undefined {
    return this.#byKey.get(key)?.row;
  }

  /** Counts the updates that brought other items. */
  get updates(): number {
    return this.#updates;
  }

  /** Takes over what the list holds now. `marks`: what differs counts as changed, which in a first list it does not. */
  update(items: Items, plan: RowPlan, marks: boolean): readonly ListRow[] {
    if (items !== this.#items) this.#replace(items, marks);
    if (plan.filter !== this.#plan.filter || !isSameSort(plan.sort, this.#plan.sort)) {
      this.#plan = plan;
      this.#words = plan.filter.toLowerCase().split(/\s+/).filter(Boolean);
      this.#replan();
    }
    return this.#rows;
  }

  #replace(items: Items, marks: boolean): void {
    this.#updates += 1;
    const before = this.#entries;
    const known = this.#items;
    const entries: Entry[] = [];
    const changed: Entry[] = [];
    let at = 0;
    for (const item of items) {
      let next = at;
      while (next < at + lookAhead && next < known.length && known[next]?.object !== item.object) next += 1;
      const isKnown = known[next]?.object === item.object && known[next]?.cluster === item.cluster;
      let entry = isKnown ? before[next] : undefined;
      if (entry !== undefined) {
        at = next + 1;
      } else {
        const key = rowKey(item);
        const old = this.#byKey.get(key);
        // In place: the items behind it have not moved.
        if (old !== undefined && old === before[at]) at += 1;
        entry =
          old?.row.object === item.object
            ? old
            : this.#entry(rowOf(item, key, old?.row, marks ? this.#updates : undefined));
        if (entry !== old) {
          this.#byKey.set(key, entry);
          changed.push(entry);
        }
      }
      entry.seenIn = this.#updates;
      entries.push(entry);
    }
    this.#items = items;
    this.#entries = entries;
    const hasGone = this.#byKey.size > entries.length;
    if (hasGone) this.#forgetUnseen();
    if (hasGone || changed.length > 0) this.#merge(changed);
  }

  #forgetUnseen(): void {
    for (const [key, { seenIn }] of this.#byKey) if (seenIn !== this.#updates) this.#byKey.delete(key);
  }

  /** Takes the changed rows out of the order and puts them in where they belong now; leaves out those that went. */
  #merge(changed: readonly Entry[]): void {
    const added = changed.filter((entry) => entry.fits).sort(this.#compare);
    const shown: Entry[] = [];
    let next = 0;
    for (const entry of this.#shown) {
      if (entry.seenIn !== this.#updates) continue;
      for (let each = added[next]; each !== undefined && this.#compare(each, entry) < 0; each = added[next]) {
        shown.push(each);
        next += 1;
      }
      shown.push(entry);
    }
    this.#show([...shown, ...added.slice(next)]);
  }

  /** Looks at every row anew. */
  #replan(): void {
    this.#entries = this.#entries.map(({ row }) => this.#entry(row));
    for (const entry of this.#entries) this.#byKey.set(entry.row.key, entry);
    this.#show(this.#entries.filter(({ fits }) => fits).sort(this.#compare));
  }

  #show(shown: readonly Entry[]): void {
    this.#shown = shown;
    this.#rows = shown.map(({ row }) => row);
  }

  #entry(row: ListRow): Entry {
    const { sort } = this.#plan;
    return {
      row,
      value: sort === undefined ? undefined : rowSortValue(row, sort.column),
      fits: this.#words.length === 0 || fits(filterTextOf(row), this.#words),
      seenIn: this.#updates,
    };
  }

  readonly #compare = (a: Entry, b: Entry): number => {
    const { sort } = this.#plan;
    if (sort !== undefined) {
      const order = compareValues(a.value, b.value);
      // What has no value is last either way.
      const isFixed = a.value === undefined || b.value === undefined;
      if (order !== 0) return sort.descending && !isFixed ? -order : order;
    }
    const [one, other] = [a.row.object.metadata, b.row.object.metadata];
    return (
      compareText(one.namespace ?? '', other.namespace ?? '') ||
      compareText(one.name, other.name) ||
      compareText(a.row.key, b.row.key)
    );
  };
}

function rowOf(
  { cluster, object }: ClusterObject<TableObject>,
  key: string,
  before: ListRow | undefined,
  changedIn: number | undefined,
): ListRow {
  const revision = before?.revision ?? 0;
  return { key, cluster, object, revision: changedIn === undefined ? revision : revision + 1, changedIn };
}

function isSameSort(a: RowPlan['sort'], b: RowPlan['sort']): boolean {
  return a?.column.id === b?.column.id && a?.column.index === b?.column.index && a?.descending === b?.descending;
}

function fits(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

/** By code units, as the API server orders its lists. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
