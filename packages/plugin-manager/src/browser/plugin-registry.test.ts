import { expect, it, vi } from 'vitest';
import type { Contribution } from '../sdk/index.ts';
import { PluginRegistry } from './plugin-registry.ts';

const nothing = () => null;
const menu = (id: string, order?: number) => ({
  id,
  title: id,
  to: `/${id}`,
  ...(order === undefined ? {} : { order }),
});

it('what is registered is there until it, or its scope, is disposed of', () => {
  const registry = new PluginRegistry();
  const scope = registry.openScope('hub:a/a');
  const one = scope.register('navigation', menu('one'));
  scope.register('navigation', menu('two'));
  scope.register('overviewWidget', { id: 'one', title: 'One', component: nothing });
  one.dispose();
  one.dispose();
  expect(registry.getSnapshot('navigation').map(({ key }) => key)).toEqual(['hub:a/a#navigation/two']);
  scope.dispose();
  expect([registry.getSnapshot('navigation'), registry.getSnapshot('overviewWidget')]).toEqual([[], []]);
  expect(() => scope.register('navigation', menu('late'))).toThrow(
    expect.objectContaining({ code: 'E_PLUGIN_STOPPED' }),
  );
});

it('a disposable that outlives its contribution takes no successor with it', () => {
  const registry = new PluginRegistry();
  const scope = registry.openScope('hub:a/a');
  const first = scope.register('navigation', menu('one'));
  first.dispose();
  scope.register('navigation', menu('one'));
  first.dispose();
  expect(registry.getSnapshot('navigation')).toHaveLength(1);
});

it('a duplicate id is refused with its plugin and kind; another plugin or another kind may have it', () => {
  const registry = new PluginRegistry();
  const scope = registry.openScope('hub:a/a');
  scope.register('navigation', menu('one'));
  expect(() => scope.register('navigation', menu('one'))).toThrow('hub:a/a: navigation: the id "one" is taken');
  registry.openScope('hub:a/b').register('navigation', menu('one'));
  scope.register('command', { id: 'one', title: 'One', run: () => undefined });
  expect(registry.getSnapshot('navigation')).toHaveLength(2);
});

it('two plugins cannot have the same route', () => {
  const registry = new PluginRegistry();
  registry.openScope('hub:a/a').register('route', { id: 'x', path: '/x', component: nothing });
  expect(() => registry.openScope('hub:a/b').register('route', { id: 'y', path: '/x', component: nothing })).toThrow(
    'hub:a/b: route: the path /x is taken by hub:a/a',
  );
});

it.each([
  ['navigation', { id: 'a', title: 'A', to: 'javascript:alert(1)' }, 'navigation: to: expected a path'],
  ['navigation', { id: 'a', title: 'A', to: '//evil.example' }, 'navigation: to: expected a path'],
  ['navigation', { id: '', title: 'A', to: '/a' }, 'navigation: id: expected'],
  ['navigation', null, 'navigation: id: '],
  ['route', { id: 'a', path: '/a' }, 'route: component: expected a component'],
  ['listColumn', { id: 'a', target: 'x', title: 'A', component: 'div' }, 'listColumn: component: expected'],
  ['command', { id: 'a', title: 'A' }, 'command: run: expected a function'],
  [
    'listColumn',
    { id: 'a', title: 'A', target: 'x', component: nothing, text: 'A' },
    'listColumn: text: expected a function',
  ],
  ['rowAction', { id: 'a', title: 'A', target: 'x', run: nothing, isEnabled: 1 }, 'rowAction: isEnabled: expected'],
  ['theme', { id: 'a', title: 'A', colorScheme: 'red', variables: {} }, 'theme: colorScheme: '],
  [
    'theme',
    { id: 'a', title: 'A', colorScheme: 'dark', variables: { '--a': 'red;} body {' } },
    'theme: variables.--a: ',
  ],
  ['theme', { id: 'a', title: 'A', colorScheme: 'dark', variables: { '--a': 'URL(//x)' } }, 'theme: variables.--a: '],
  ['nonsense', { id: 'a' }, 'expected a kind of contribution (navigation, '],
] as const)('a %s of %j is refused, and nothing is kept of it', (kind, value, message) => {
  const registry = new PluginRegistry();
  const scope = registry.openScope('hub:a/a');
  const register = () => scope.register(kind as 'command', value as unknown as Contribution<'command'>);
  expect(register).toThrow(`hub:a/a: ${message}`);
  expect(register).toThrow(expect.objectContaining({ code: 'E_CONTRIBUTION_INVALID', pluginId: 'hub:a/a' }));
  expect(registry.getSnapshot(kind as 'command')).toEqual([]);
});

it('a snapshot is ordered, and stays the same array until something of its kind changes', () => {
  const registry = new PluginRegistry();
  const scope = registry.openScope('hub:a/a');
  const listener = vi.fn();
  const undo = registry.subscribe(listener);
  scope.register('navigation', menu('z', -1));
  scope.register('navigation', menu('b'));
  scope.register('navigation', menu('a'));
  const before = registry.getSnapshot('navigation');
  expect(before.map(({ value }) => value.id)).toEqual(['z', 'a', 'b']);
  scope.register('command', { id: 'x', title: 'X', run: () => undefined });
  expect(registry.getSnapshot('navigation')).toBe(before);
  expect(listener).toHaveBeenCalledTimes(4);
  undo();
  scope.dispose();
  expect(listener).toHaveBeenCalledTimes(4);
});

it('what is registered stands before what is declared, and the declaration comes back after it', () => {
  const registry = new PluginRegistry();
  registry.declare('hub:a/a', { navigation: [menu('one')] });
  const scope = registry.openScope('hub:a/a');
  scope.register('navigation', { ...menu('one'), title: 'Better' });
  expect(registry.getSnapshot('navigation')).toMatchObject([{ isDeclared: false, value: { title: 'Better' } }]);
  scope.dispose();
  expect(registry.getSnapshot('navigation')).toMatchObject([{ isDeclared: true, value: { title: 'one' } }]);
});

it('a listener that throws harms neither the plugin nor the other listeners', () => {
  const registry = new PluginRegistry();
  const listener = vi.fn();
  registry.subscribe(() => {
    throw new Error('broken');
  });
  registry.subscribe(listener);
  registry.openScope('hub:a/a').register('navigation', menu('one'));
  expect(listener).toHaveBeenCalledOnce();
});

it("a route may not have the dashboard's own path, registered or declared", () => {
  const registry = new PluginRegistry((path) => path.startsWith('/clusters'));
  const route = { id: 'r', path: '/clusters/mine', component: () => null };
  const refused = { code: 'E_CONTRIBUTION_INVALID', message: expect.stringContaining("the dashboard's own") as string };
  expect(() => registry.openScope('hub:a/a').register('route', route)).toThrow(expect.objectContaining(refused));
  expect(() => registry.declare('hub:a/b', { route: [{ id: 'r', path: '/clusters/mine' }] })).toThrow();
  expect(registry.getSnapshot('route')).toEqual([]);
});
