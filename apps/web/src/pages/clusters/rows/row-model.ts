import type { ClusterObject, TableObject } from '@fleetwire/kube-watch';
import type { ListColumn } from './list-columns.ts';
import { filterTextOf, rowKey, rowSortValue, type ListRow } from './list-row.ts';
import { compareValues, type SortValue } from './sort-value.ts';

/** What a list shows, and in which order. */
export interface RowPlan {
  /** Words that must all occur. */
  readonly filter: string;
  /** Columns of plugins that it looks into, too; the same array while they are the same. Default: none. */
  readonly ofPlugins?: readonly ListColumn[] | undefined;
  /** Undefined for the list's own order: namespace, name, cluster. */
  readonly sort: { readonly column: ListColumn; readonly descending: boolean } | undefined;
}

/** A row with what its place depends on. */
interface Entry extends ListRow {
  value: SortValue;
  fits: boolean;
}

type Items = readonly ClusterObject<TableObject>[];

/** What an update brought. */
interface Difference {
  /** Of each item, in their order. */
  readonly entries: readonly Entry[];
  /** New rows, and rows that stand for a changed object. */
  readonly added: Entry[];
  /** Rows that went, and rows whose object changed. */
  readonly gone: Entry[];
}

/** An item that went, and those behind it that moved up, are found within so many places. */
const lookAhead = 4;

/** Up to so many rows are put in their places one by one; beyond, all are gone through once. */
const maxPlacedSingly = 64;

/**
 * The rows of a list in their order. An update costs what changed, and one pass over the rest that compares references:
 * with ten thousand rows and events in every frame, sorting anew would take longer than the frame.
 */
export class RowModel {
  #plan: RowPlan = { filter: '', sort: undefined };
  #words: readonly string[] = [];
  #items: Items = [];
  #entries: readonly Entry[] = [];
  readonly #byKey = new Map<string, Entry>();
  #rows: readonly Entry[] = [];
  /** Rows whose place is that of a value which they do not have any more. */
  readonly #late = new Set<Entry>();
  #turn: number | undefined;
  #keepsOrder = false;
  #updates = 0;

  /** Rows that fit the filter, in their order; the same array while nothing changed. */
  get rows(): readonly ListRow[] {
    return this.#rows;
  }

  /** How many there are, fitting or not. */
  get total(): number {
    return this.#byKey.size;
  }

  /** Counts the updates that brought other items. */
  get updates(): number {
    return this.#updates;
  }

  /** Rows that stand where they stood before they changed; the next turn puts them where they belong. */
  get late(): number {
    return this.#late.size;
  }

  /** The rows of these keys that fit the filter, and how many there are that do not; rows that went are neither. */
  pick(keys: Iterable<string>): { readonly rows: readonly ListRow[]; readonly hidden: number } {
    const found = [...keys].flatMap((key) => this.#byKey.get(key) ?? []);
    const rows = found.filter(({ fits }) => fits);
    return { rows, hidden: found.length - rows.length };
  }

  /**
   * Takes over what the list holds now. `marks`: what differs counts as changed, which in a first list it does not. A row
   * that changes keeps its place until `turn` is another; without a turn it goes where it belongs at once. Rows that come
   * and go do so in any case.
   */
  update(items: Items, plan: RowPlan, marks: boolean, turn?: number): readonly ListRow[] {
    this.#keepsOrder = turn !== undefined && turn === this.#turn;
    this.#turn = turn;
    if (items !== this.#items) {
      this.#updates += 1;
      const mark = marks ? this.#updates : undefined;
      const { entries, added, gone } = this.#changedInPlace(items, mark) ?? this.#changed(items, mark);
      this.#items = items;
      this.#entries = entries;
      if (added.length + gone.length > 0) this.#rows = this.#place(added, gone);
    }
    if (!isSameFilter(plan, this.#plan) || !isSameSort(plan.sort, this.#plan.sort)) this.#replan(plan);
    else if (!this.#keepsOrder && this.#late.size > 0) this.#settle();
    return this.#rows;
  }

  /** The most frequent case: objects changed, and none came, went or moved. Undefined when it is another. */
  #changedInPlace(items: Items, mark: number | undefined): Difference | undefined {
    const known = this.#items;
    if (items.length !== known.length) return undefined;
    const changed: number[] = [];
    for (let index = 0; index < items.length; index += 1) {
      const [item, before] = [items[index], known[index]];
      if (item === before) continue;
      if (item === undefined || before === undefined) return undefined;
      if (item.object === before.object && item.cluster === before.cluster) continue;
      if (rowKey(item) !== rowKey(before)) return undefined;
      changed.push(index);
    }
    const entries = this.#entries.slice();
    const difference: Difference = { entries, added: [], gone: [] };
    for (const index of changed) {
      const [item, old] = [items[index], entries[index]];
      if (item !== undefined && old !== undefined) entries[index] = this.#replace(item, old.key, old, mark, difference);
    }
    return difference;
  }

  #changed(items: Items, mark: number | undefined): Difference {
    const known = this.#items;
    const before = this.#entries;
    const entries: Entry[] = [];
    const difference: Difference = { entries, added: [], gone: [] };
    const passed: Entry[] = [];
    const moved = new Set<Entry>();
    let at = 0;
    for (const item of items) {
      let next = at;
      while (next < at + lookAhead && next < known.length && known[next]?.object !== item.object) next += 1;
      const same = known[next]?.object === item.object && known[next]?.cluster === item.cluster;
      let entry = same ? before[next] : undefined;
      if (entry !== undefined) {
        passed.push(...before.slice(at, next));
        at = next + 1;
      } else {
        const key = rowKey(item);
        const old = this.#byKey.get(key);
        if (old !== undefined && old === before[at]) at += 1;
        if (old?.object === item.object) {
          moved.add(old);
          entry = old;
        } else {
          entry = this.#replace(item, key, old, mark, difference);
        }
      }
      entries.push(entry);
    }
    for (const entry of [...passed, ...before.slice(at)]) {
      if (moved.has(entry) || this.#byKey.get(entry.key) !== entry) continue;
      this.#byKey.delete(entry.key);
      this.#late.delete(entry);
      difference.gone.push(entry);
    }
    return difference;
  }

  #replace(
    { cluster, object }: ClusterObject<TableObject>,
    key: string,
    old: Entry | undefined,
    mark: number | undefined,
    { added, gone }: Difference,
  ): Entry {
    const revision = (old?.revision ?? 0) + (mark === undefined ? 0 : 1);
    const entry: Entry = { key, cluster, object, revision, changedIn: mark, value: undefined, fits: true };
    this.#measure(entry);
    this.#byKey.set(key, entry);
    added.push(entry);
    if (old === undefined) return entry;
    gone.push(old);
    this.#late.delete(old);
    if (this.#keepsOrder && old.fits && entry.fits && entry.value !== old.value) {
      entry.value = old.value;
      this.#late.add(entry);
    }
    return entry;
  }

  /** The rows with some taken out and others put in where they belong. */
  #place(added: readonly Entry[], gone: readonly Entry[]): readonly Entry[] {
    return this.#insert(this.#without(gone.filter(isShown)), added.filter(isShown));
  }

  /** Puts the rows that kept their place where they belong by now. */
  #settle(): void {
    const late = [...this.#late];
    this.#late.clear();
    // They are found by the values that they had.
    const others = this.#without(late);
    for (const entry of late) this.#measure(entry);
    this.#rows = this.#insert(others, late);
  }

  #without(gone: readonly Entry[]): readonly Entry[] {
    if (gone.length > maxPlacedSingly) {
      const going = new Set(gone);
      return this.#rows.filter((entry) => !going.has(entry));
    }
    const rows = this.#rows.slice();
    for (const entry of gone) rows.splice(this.#indexIn(rows, entry), 1);
    return rows;
  }

  #insert(others: readonly Entry[], coming: readonly Entry[]): readonly Entry[] {
    if (coming.length > maxPlacedSingly) return this.#merge(others, coming.toSorted(this.#compare));
    const rows = others.slice();
    for (const entry of coming) rows.splice(this.#indexIn(rows, entry), 0, entry);
    return rows;
  }

  #merge(others: readonly Entry[], coming: readonly Entry[]): readonly Entry[] {
    const rows: Entry[] = [];
    let next = 0;
    for (const entry of others) {
      for (let each = coming[next]; each !== undefined && this.#compare(each, entry) < 0; each = coming[next]) {
        rows.push(each);
        next += 1;
      }
      rows.push(entry);
    }
    return [...rows, ...coming.slice(next)];
  }

  /** Where a row is, or belongs. */
  #indexIn(rows: readonly Entry[], entry: Entry): number {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = rows[middle];
      if (other !== undefined && this.#compare(other, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Looks at every row anew. */
  #replan(plan: RowPlan): void {
    this.#plan = plan;
    this.#late.clear();
    this.#words = plan.filter.toLowerCase().split(/\s+/).filter(Boolean);
    const all = [...this.#byKey.values()];
    for (const entry of all) this.#measure(entry);
    this.#rows = all.filter(isShown).sort(this.#compare);
  }

  #measure(entry: Entry): void {
    const { sort } = this.#plan;
    entry.value = sort === undefined ? undefined : rowSortValue(entry, sort.column);
    entry.fits = this.#words.length === 0 || fits(filterTextOf(entry, this.#plan.ofPlugins), this.#words);
  }

  readonly #compare = (a: Entry, b: Entry): number => {
    const { sort } = this.#plan;
    if (sort !== undefined) {
      const order = compareValues(a.value, b.value);
      // What has no value is last either way.
      const isFixed = a.value === undefined || b.value === undefined;
      if (order !== 0) return sort.descending && !isFixed ? -order : order;
    }
    const [one, other] = [a.object.metadata, b.object.metadata];
    return (
      compareText(one.namespace ?? '', other.namespace ?? '') ||
      compareText(one.name, other.name) ||
      compareText(a.key, b.key)
    );
  };
}

function isSameSort(a: RowPlan['sort'], b: RowPlan['sort']): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [one, other] = [a.column, b.column];
  const isSameColumn = one.id === other.id && one.indexIn === other.indexIn && one.text === other.text;
  return isSameColumn && a.descending === b.descending;
}

function isSameFilter(a: RowPlan, b: RowPlan): boolean {
  return a.filter === b.filter && a.ofPlugins === b.ofPlugins;
}

function isShown({ fits }: Entry): boolean {
  return fits;
}

function fits(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}

/** By code units, as the API server orders its lists. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
