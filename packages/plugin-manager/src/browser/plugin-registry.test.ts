import { expect, it, vi } from 'vitest';
import type { Contribution } from '../sdk/index.ts';
import { PluginRegistry } from './plugin-registry.ts';

const nothing = () => null;
const idle = () => undefined;
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
  ['rowAction', { id: 'a', title: 'A', target: 'x', run: idle, isEnabled: 1 }, 'rowAction: isEnabled: expected'],
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
  const route = { id: 'r', path: '/%43lusters/mine', component: () => null };
  const refused = { code: 'E_CONTRIBUTION_INVALID', message: expect.stringContaining("the dashboard's own") as string };
  expect(() => registry.openScope('hub:a/a').register('route', route)).toThrow(expect.objectContaining(refused));
  const declared = registry.declare('hub:a/b', { route: [{ id: 'r', path: '/Clusters/mine' }] });
  expect(declared.problems()).toEqual([expect.objectContaining(refused)]);
  expect(registry.getSnapshot('route')).toEqual([]);
});

it('what is declared is taken one by one; what cannot be is named, and takes nothing with it', () => {
  const registry = new PluginRegistry();
  const declared = registry.declare('hub:a/a', {
    command: [
      { id: 'x', title: 'X' },
      { id: 'x', title: 'Again' },
      { id: 'y', title: ' ' },
    ],
    route: [
      { id: 'r', path: '/r' },
      { id: 's', path: '/R/' },
    ],
    navigation: [menu('n')],
  });
  expect(declared.problems().map(({ code, message }) => [code, message])).toEqual([
    ['E_CONTRIBUTION_DUPLICATE', 'hub:a/a: route: the path /R/ is taken by hub:a/a'],
    ['E_CONTRIBUTION_DUPLICATE', 'hub:a/a: command: the id "x" is taken'],
    ['E_CONTRIBUTION_INVALID', expect.stringMatching(/^hub:a\/a: command: title: expected/)],
  ]);
  const kinds = ['command', 'route', 'navigation'] as const;
  expect(kinds.map((kind) => registry.getSnapshot(kind).length)).toEqual([1, 1, 1]);
});

it('a declared route waits for that of another plugin, in any spelling, and is there when the other goes', () => {
  const registry = new PluginRegistry();
  const scope = registry.openScope('hub:a/a');
  scope.register('route', { id: 'r', path: '/x', component: nothing });
  const declared = registry.declare('hub:a/b', {
    route: [{ id: 'r', path: '/X' }],
    command: [{ id: 'c', title: 'C' }],
  });
  expect(declared.problems().map(({ message }) => message)).toEqual([
    'hub:a/b: route: the path /X is taken by hub:a/a',
  ]);
  expect(registry.getSnapshot('route').map(({ pluginId }) => pluginId)).toEqual(['hub:a/a']);
  scope.dispose();
  expect(declared.problems()).toEqual([]);
  expect(registry.getSnapshot('route').map(({ pluginId }) => pluginId)).toEqual(['hub:a/b']);
  declared.dispose();
  expect([registry.getSnapshot('route'), registry.getSnapshot('command')]).toEqual([[], []]);
});

it('what a plugin declares is no obstacle to what its own code registers', () => {
  const registry = new PluginRegistry();
  const declared = registry.declare('hub:a/a', { route: [{ id: 'r', path: '/x' }] });
  registry.openScope('hub:a/a').register('route', { id: 'other', path: '/x', component: nothing });
  expect(registry.getSnapshot('route').map(({ value }) => value.id)).toEqual(['other']);
  expect(declared.problems()).toEqual([]);
});

it('once the code has run, what it declared and did not register is gone, but for what needs no code', () => {
  const registry = new PluginRegistry();
  const declared = registry.declare('hub:a/a', {
    route: [{ id: 'r', path: '/r' }],
    command: [{ id: 'c', title: 'C' }],
    navigation: [menu('n')],
  });
  const command = registry.openScope('hub:a/a').register('command', { id: 'c', title: 'C!', run: idle });
  declared.settle();
  declared.settle();
  expect(declared.problems().map(({ message }) => message)).toEqual([
    'hub:a/a: declares the route "r" and does not register it',
  ]);
  expect(registry.getSnapshot('route')).toEqual([]);
  expect(registry.getSnapshot('navigation')).toMatchObject([{ isDeclared: false, value: menu('n') }]);
  expect(registry.getSnapshot('command')).toMatchObject([{ isDeclared: false, value: { title: 'C!' } }]);
  command.dispose();
  expect(registry.getSnapshot('command')).toEqual([]);
  declared.dispose();
  expect(registry.getSnapshot('navigation')).toEqual([]);
});

it('what is used is what was checked: nothing that the plugin keeps changes it', () => {
  const registry = new PluginRegistry();
  const scope = registry.openScope('hub:a/a');
  const theme = { id: 't', title: 'T', colorScheme: 'dark' as const, variables: { '--a': 'red' } };
  scope.register('theme', theme);
  let reads = 0;
  const sly = {
    id: 'n',
    title: 'N',
    get to() {
      reads += 1;
      return reads === 1 ? '/n' : 'javascript:alert(1)';
    },
  };
  scope.register('navigation', sly);
  theme.variables['--a'] = 'url(https://evil.example)';
  const [{ value } = { value: theme }] = registry.getSnapshot('theme');
  expect(value.variables).toEqual({ '--a': 'red' });
  expect(() => {
    (value.variables as Record<string, string>)['--a'] = 'blue';
  }).toThrow(TypeError);
  expect(registry.getSnapshot('navigation')[0]?.value.to).toBe('/n');
  expect(registry.getSnapshot('navigation')[0]?.value.to).toBe('/n');
});

it('what throws when it is read is refused like the rest', () => {
  const hostile = {
    get id(): string {
      throw new Error('boom');
    },
  };
  expect(() => new PluginRegistry().openScope('hub:a/a').register('command', hostile as never)).toThrow(
    expect.objectContaining({
      code: 'E_CONTRIBUTION_INVALID',
      message: 'hub:a/a: command: cannot be read: Error: boom',
    }),
  );
});

it('a plugin has at most 64 of a kind at once; the next is refused', () => {
  const registry = new PluginRegistry();
  const scope = registry.openScope('hub:a/a');
  const [first] = Array.from({ length: 64 }, (_, index) => scope.register('navigation', menu(String(index))));
  expect(() => scope.register('navigation', menu('more'))).toThrow(
    'hub:a/a: navigation: expected at most 64 of a kind',
  );
  scope.register('command', { id: 'c', title: 'C', run: idle });
  registry.openScope('hub:a/b').register('navigation', menu('other'));
  first?.dispose();
  scope.register('navigation', menu('more'));
  expect(registry.getSnapshot('navigation')).toHaveLength(65);
});

it('a scope goes at once: no listener sees a part of it', () => {
  const registry = new PluginRegistry();
  const scope = registry.openScope('hub:a/a');
  scope.register('navigation', menu('one'));
  scope.register('command', { id: 'c', title: 'C', run: idle });
  const seen: number[] = [];
  registry.subscribe(() => {
    seen.push(registry.getSnapshot('navigation').length + registry.getSnapshot('command').length);
  });
  scope.dispose();
  expect(seen).toEqual([0]);
});

it('a dashboard that cannot tell whether a path is its own refuses the route, and nothing else', () => {
  const registry = new PluginRegistry(() => {
    throw new Error('boom');
  });
  const declared = registry.declare('hub:a/a', { route: [{ id: 'r', path: '/r' }], navigation: [menu('n')] });
  expect(declared.problems().map(({ message }) => message)).toEqual(['hub:a/a: route: cannot be read: Error: boom']);
  expect(registry.getSnapshot('navigation')).toHaveLength(1);
});
