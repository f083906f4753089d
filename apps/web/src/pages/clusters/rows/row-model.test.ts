import { expect, it } from 'vitest';
import type { ClusterObject, TableObject } from '@fleetwire/kube-watch';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import { isSortable, listColumns, withPluginColumns } from './list-columns.ts';
import { RowModel, type RowPlan } from './row-model.ts';

type Item = ClusterObject<TableObject>;

const item = (name: string, cells: readonly unknown[] = [name], cluster = 'demo'): Item => ({
  cluster,
  object: { metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1' }, cells },
});
const definitions = ['Name', 'Restarts'].map((name) => ({
  name,
  type: 'string',
  format: '',
  description: '',
  priority: 0,
}));
const columns = listColumns([definitions], { isNamespaced: true, manyNamespaces: false, manyClusters: false });
const restarts = columns.find(({ id }) => id === 'restarts') ?? expect.fail();
const own: RowPlan = { filter: '', sort: undefined };
const names = (model: RowModel): string[] => model.rows.map(({ object }) => object.metadata.name);

it('a list without a sort is in the order of its names', () => {
  const model = new RowModel();
  model.update([item('b'), item('a'), item('c')], own, false);
  expect(names(model)).toEqual(['a', 'b', 'c']);
});

it('a changed row goes where it belongs now, is a new row and counts the change; the others stay the same rows', () => {
  const model = new RowModel();
  const plan: RowPlan = { filter: '', sort: { column: restarts, descending: true } };
  const items = [item('a', ['a', '1']), item('b', ['b', '5']), item('c', ['c', '3'])];
  const [b, c] = model.update(items, plan, false);
  model.update([item('a', ['a', '9']), ...items.slice(1)], plan, true);
  expect(names(model)).toEqual(['a', 'b', 'c']);
  expect(model.rows[0]).toMatchObject({ revision: 1, changedIn: 2 });
  expect([model.rows[1], model.rows[2]]).toEqual([b, c]);
  expect(model.rows[1]).toBe(b);
});

it('the same items in a new array, also wrapped anew, change nothing', () => {
  const model = new RowModel();
  const items = [item('a'), item('b')];
  const rows = model.update(items, own, false);
  expect(
    model.update(
      items.map((each) => ({ ...each })),
      own,
      true,
    ),
  ).toBe(rows);
});

it('a row that changes keeps its place until the next turn, and shows at once what it holds', () => {
  const model = new RowModel();
  const plan: RowPlan = { filter: '', sort: { column: restarts, descending: false } };
  const [a, b, c] = [item('a', ['a', '1']), item('b', ['b', '2']), item('c', ['c', '3'])];
  model.update([a, b, c], plan, false, 1);
  const rows = model.update([remake(a, 9), b, c], plan, true, 1);
  expect([names(model), model.late]).toEqual([['a', 'b', 'c'], 1]);
  expect(rows[0]).toMatchObject({ object: { cells: ['', '9'] }, revision: 1, changedIn: 2 });
  // What comes and goes does so at once, beside the places that are kept.
  model.update([remake(a, 9), c, item('d', ['d', '2'])], plan, true, 1);
  expect(names(model)).toEqual(['a', 'd', 'c']);
  const [kept] = model.rows;
  model.update([remake(a, 8), c, item('d', ['d', '2'])], plan, true, 2);
  expect([names(model), model.late, model.rows[2] === kept]).toEqual([['d', 'c', 'a'], 0, false]);
});

it('a turn without a change puts the rows in order, and they are the same rows', () => {
  const model = new RowModel();
  const plan: RowPlan = { filter: '', sort: { column: restarts, descending: false } };
  const items = Array.from({ length: 200 }, (_, index) => item(`p${String(index)}`, ['', String(index)]));
  model.update(items, plan, false, 1);
  const changed = items.map((each, index) => (index % 2 === 0 ? remake(each, 500 - index) : each));
  const before = model.update(changed, plan, true, 1);
  expect(model.late).toBe(100);
  expect(model.update(changed, plan, true, 1)).toBe(before);
  const after = model.update(changed, plan, true, 2);
  expect([after[0] === before[1], after[199] === before[0], model.late]).toEqual([true, true, 0]);
});

it('a row that goes back to what it was, goes, or no longer fits is late no more; another sort begins anew', () => {
  const model = new RowModel();
  const plan: RowPlan = { filter: 'p', sort: { column: restarts, descending: false } };
  const [a, b, c] = [item('pa', ['p', '1']), item('pb', ['p', '2']), item('pc', ['p', '3'])];
  const late = (cells: readonly unknown[]): Item => item('pa', cells);
  model.update([a, b, c], plan, false, 1);
  model.update([late(['p', '9']), b, c], plan, true, 1);
  model.update([late(['p', '1']), b, c], plan, true, 1);
  expect(model.late).toBe(0);
  model.update([late(['p', '9']), b, c], plan, true, 1);
  model.update([b, c], plan, true, 1);
  expect([names(model), model.late]).toEqual([['pb', 'pc'], 0]);
  model.update([b, c, a], plan, true, 1);
  model.update([b, c, late(['p', '9'])], plan, true, 1);
  expect([names(model), model.late]).toEqual([['pa', 'pb', 'pc'], 1]);
  model.update([b, c, late(['p', '9'])], { ...plan, sort: undefined }, true, 1);
  expect([names(model), model.late]).toEqual([['pa', 'pb', 'pc'], 0]);
});

it('rows that went are gone, wherever they stood, and one that comes again is new', () => {
  const model = new RowModel();
  const items = Array.from('abcdefghij', (name) => item(name));
  model.update(items, own, false);
  model.update(items.slice(6), own, true);
  expect(names(model)).toEqual(['g', 'h', 'i', 'j']);
  expect([model.total, model.pick(['demo\nuid-a'])]).toEqual([4, { rows: [], hidden: 0 }]);
  model.update([...items.slice(6), item('a')], own, true);
  expect(model.rows[0]).toMatchObject({ revision: 1, changedIn: 3 });
});

it('every word of the filter must occur in what is printed, whatever its case', () => {
  const model = new RowModel();
  const items = [
    item('web-1', ['web-1', 'Running']),
    item('web-2', ['web-2', 'Pending']),
    item('db', ['db', 'Running']),
  ];
  model.update(items, { filter: 'RUN web', sort: undefined }, false);
  expect([names(model), model.total]).toEqual([['web-1'], 3]);
  model.update(
    [items[0] ?? expect.fail(), item('web-2', ['web-2', 'Running'])],
    { filter: 'RUN web', sort: undefined },
    true,
  );
  expect(names(model)).toEqual(['web-1', 'web-2']);
  model.update([], { filter: '', sort: undefined }, true);
  expect(model.rows).toEqual([]);
});

it('picks of a selection what is shown, counts what the filter hides, and knows nothing of what went', () => {
  const model = new RowModel();
  const items = [item('web-1'), item('web-2'), item('db')];
  const keys = model.update(items, own, false).map(({ key }) => key);
  const picked = (): unknown[] => {
    const { rows, hidden } = model.pick(keys);
    return [rows.map(({ object }) => object.metadata.name), hidden];
  };
  model.update(items, { filter: 'web', sort: undefined }, true);
  expect(picked()).toEqual([['web-1', 'web-2'], 1]);
  model.update(items.slice(1), { filter: 'web', sort: undefined }, true);
  expect(picked()).toEqual([['web-2'], 1]);
});

it('what has no value is last, upwards and downwards', () => {
  const model = new RowModel();
  const items = [item('a', ['a', '<none>']), item('b', ['b', '2']), item('c', ['c', '1'])];
  model.update(items, { filter: '', sort: { column: restarts, descending: false } }, false);
  expect(names(model)).toEqual(['c', 'b', 'a']);
  model.update(items, { filter: '', sort: { column: restarts, descending: true } }, false);
  expect(names(model)).toEqual(['b', 'c', 'a']);
});

it('objects of the same name in two clusters are two rows', () => {
  const model = new RowModel();
  model.update([item('a', ['a'], 'x'), item('a', ['a'], 'y')], own, false);
  expect(model.rows.map(({ cluster }) => cluster)).toEqual(['x', 'y']);
});

it('after any changes it has what a new one would have', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  const model = new RowModel();
  let items: Item[] = [];
  for (let step = 0; step < 300; step += 1) {
    items = items.filter(() => random(12) > 0).map((each) => (random(6) === 0 ? remake(each, random(9)) : each));
    const coming = Array.from({ length: random(4) }, () => item(`n${String(random(60))}`, ['', String(random(9))]));
    for (const each of coming) {
      if (!items.some(({ object }) => object.metadata.uid === each.object.metadata.uid))
        items.splice(random(items.length + 1), 0, each);
    }
    const plan: RowPlan = {
      filter: step % 50 < 25 ? '' : 'n1',
      sort: step % 40 < 20 ? undefined : { column: restarts, descending: step % 20 < 10 },
    };
    // Between two turns some rows stand where they stood; a turn makes up for all of them.
    for (let part = 0; part < 2; part += 1) {
      model.update(items, plan, true, step);
      expect(new Set(names(model)).size).toBe(model.rows.length);
      items = items.map((each) => (random(6) === 0 ? remake(each, random(9)) : each));
    }
    model.update(items, plan, true);
    const anew = new RowModel();
    anew.update(items, plan, false);
    expect(names(model)).toEqual(names(anew));
    expect(model.total).toBe(items.length);
  }
});

it('a change among ten thousand rows costs a fraction of a frame', () => {
  const model = new RowModel();
  const plan: RowPlan = { filter: 'p', sort: { column: restarts, descending: true } };
  const items = Array.from({ length: 10_000 }, (_, index) => item(`p${String(index)}`, ['', String(index % 50)]));
  model.update(items, plan, false);
  const took: number[] = [];
  for (let frame = 0; frame < 60; frame += 1) {
    const changed = items.slice();
    for (let each = 0; each < 20; each += 1)
      changed[(frame * 20 + each) % 10_000] = item(`p${String((frame * 20 + each) % 10_000)}`, ['', String(frame)]);
    const before = performance.now();
    model.update(changed, plan, true);
    took.push(performance.now() - before);
  }
  // Measured at 0.5 ms; what it must stay below leaves room for a busy machine.
  expect(took.sort((a, b) => a - b)[30]).toBeLessThan(8);
});

function remake({ cluster, object }: Item, value: number): Item {
  return { cluster, object: { ...object, cells: ['', String(value)] } };
}

it('a list is sorted and filtered by what the column of a plugin says; what it says nothing of is last', () => {
  const said = new Map([
    ['a', 'nginx:10'],
    ['b', 'nginx:9'],
  ]);
  const contribution: Registered<'listColumn'> = {
    key: 'hub:acme/images#listColumn/images',
    pluginId: 'hub:acme/images',
    kind: 'listColumn',
    value: { id: 'images', title: 'Images', target: 'pods', component: () => null, text: () => '' },
    isDeclared: false,
  };
  const textOf = (_: unknown, { object }: { readonly object: unknown }): string =>
    said.get((object as TableObject).metadata.name) ?? '';
  const all = withPluginColumns(columns, [contribution], { textOf });
  const column = all.find(({ source }) => source === 'plugin') ?? expect.fail();
  expect(all.every(isSortable)).toBe(true);
  const model = new RowModel();
  const items = [item('a'), item('b'), item('c')];
  const sort = { column, descending: false };
  model.update(items, { filter: '', ofPlugins: [column], sort }, false);
  expect(names(model)).toEqual(['b', 'a', 'c']);
  model.update(items, { filter: '', ofPlugins: [column], sort: { column, descending: true } }, false);
  expect(names(model)).toEqual(['a', 'b', 'c']);
  model.update(items, { filter: 'nginx:10', ofPlugins: [column], sort }, false);
  expect(names(model)).toEqual(['a']);
  // Without the plugin nothing says so.
  model.update(items, { filter: 'nginx:10', sort: undefined }, false);
  expect(names(model)).toEqual([]);
  const { text: _, ...mute } = contribution.value;
  expect(withPluginColumns(columns, [{ ...contribution, value: mute }], { textOf }).filter(isSortable)).toEqual(
    columns,
  );
});
