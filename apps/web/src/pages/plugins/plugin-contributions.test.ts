import { expect, it } from 'vitest';
import type { Registered } from '@fleetwire/plugin-manager/browser';
import { byPlugin, contributionOf, countKinds, kindTitle } from './plugin-contributions.ts';

function registered(kind: Registered['kind'], pluginId: string, value: object): Registered {
  return {
    key: `${pluginId}#${kind}`,
    pluginId,
    kind,
    value: { id: 'x', ...value } as Registered['value'],
    isDeclared: true,
  };
}

it('a contribution is named by its title, a page without one by its path', () => {
  expect(contributionOf(registered('listColumn', 'a:b/c', { title: 'Cost', target: 'v1/pods' }))).toMatchObject({
    title: 'Cost',
    place: 'v1/pods',
  });
  expect(contributionOf(registered('route', 'a:b/c', { path: '/costs' }))).toMatchObject({
    title: '/costs',
    place: '/costs',
  });
});

it('kinds are counted, one and many', () => {
  expect(countKinds([{ kind: 'listColumn' }, { kind: 'route' }, { kind: 'listColumn' }])).toBe('2 columns, 1 page');
  expect(countKinds([])).toBe('');
  expect(kindTitle('overviewWidget')).toBe('Widget');
});

it('each contribution stays with its plugin', () => {
  const all = ['a:b/c', 'a:b/d', 'a:b/c'].map((id) => contributionOf(registered('command', id, { title: id })));
  const grouped = byPlugin(all);
  expect(grouped.get('a:b/c')).toHaveLength(2);
  expect(grouped.get('a:b/d')).toHaveLength(1);
});

it('what waits for code to run is told from what needs none', () => {
  const ofKind = (kind: Registered['kind']) => contributionOf(registered(kind, 'a:b/c', { title: 'x' })).awaitsCode;
  expect((['navigation', 'theme'] as const).map(ofKind)).toEqual([false, false]);
  expect(
    (['route', 'listColumn', 'detailSection', 'rowAction', 'overviewWidget', 'command'] as const).map(ofKind),
  ).toEqual([true, true, true, true, true, true]);
});
