import { expect, it } from 'vitest';
import { ColumnWidths } from './column-widths.ts';
import type { ListRow } from './list-row.ts';
import { listColumns, shownColumns } from './list-columns.ts';

const columns = shownColumns(
  listColumns([], { isNamespaced: false, manyClusters: false, manyNamespaces: false }),
  undefined,
);
const row = (name: string): ListRow => ({
  key: name,
  cluster: 'demo',
  object: { metadata: { name, uid: name, resourceVersion: '1' }, cells: [] },
  revision: 0,
  changedIn: undefined,
});

it('a column is as wide as what it holds, within bounds, and does not shrink', () => {
  const widths = new ColumnWidths();
  const wide = widths.measure(columns, [row('x'.repeat(20))]);
  expect(wide).toEqual([176, 80]);
  expect(widths.measure(columns, [row('x')])).toEqual(wide);
  expect(widths.measure(columns, [row('x'.repeat(300))])).toEqual([420, 80]);
});
