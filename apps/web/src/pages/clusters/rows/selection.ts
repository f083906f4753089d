import type { ListRow } from './list-row.ts';

/** The selection with one row in it or out of it. */
export function toggleKey(selected: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(selected);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** The selection with every row from one place to another, both included; places beyond the ends are the ends. */
export function moveSelection(
  selected: ReadonlySet<string>,
  rows: readonly ListRow[],
  from: number,
  to: number,
): ReadonlySet<string> {
  const [first, last] = from < to ? [from, to] : [to, from];
  const next = new Set(selected);
  for (const { key } of rows.slice(Math.max(0, first), Math.max(0, last) + 1)) next.add(key);
  return next;
}
