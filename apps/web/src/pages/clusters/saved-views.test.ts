import { expect, it } from 'vitest';
import { applyView, deleteView, isChanged, parseViews, saveView } from './saved-views.ts';

const search = { resource: 'v1/pods', ns: 'default', view: 'Before' };

it('a view is saved, applied, told apart from what was changed since, and deleted', () => {
  const views = saveView([], ' Mine ', search);
  expect(views).toEqual([{ name: 'Mine', search: { resource: 'v1/pods', ns: 'default' } }]);
  const [view] = views;
  if (view === undefined) expect.fail();
  const applied = applyView(view);
  expect(applied).toEqual({ resource: 'v1/pods', ns: 'default', view: 'Mine' });
  expect([isChanged(view, applied), isChanged(view, { ...applied, q: 'web' })]).toEqual([false, true]);
  expect(deleteView(views, 'Mine')).toEqual([]);
});

it('a view of the same name is replaced, one without a name is none, and the oldest goes beyond forty', () => {
  expect(saveView(saveView([], 'a', search), 'a', { resource: 'v1/nodes' })).toEqual([
    { name: 'a', search: { resource: 'v1/nodes' } },
  ]);
  expect(saveView([], '  ', search)).toEqual([]);
  let views = saveView([], 'first', search);
  for (let each = 0; each < 40; each += 1) views = saveView(views, String(each), search);
  expect([views.length, views[0]?.name]).toEqual([40, '0']);
});

it('what is stored is read again, and what makes no sense is left out', () => {
  const views = saveView([], 'a', search);
  expect(parseViews(JSON.parse(JSON.stringify(views)))).toEqual(views);
  expect(parseViews([null, 3, {}, { name: 'x' }, { name: 'y', search: { q: 4, evil: 'z', ns: 'n' } }])).toEqual([
    { name: 'y', search: { ns: 'n' } },
  ]);
  expect(parseViews({ a: 1 })).toEqual([]);
});
