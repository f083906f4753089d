import { afterEach, expect, it, vi } from 'vitest';
import { createPluginPage, exporting, idOf, type FakePlugin, type PluginPage } from '../../test/support/plugin-page.ts';
import type { PluginContext } from '../sdk/index.ts';
import type { PluginLoaderOptions } from './plugin-loader-interface.ts';

const pages: PluginPage[] = [];
afterEach(() => {
  for (const { loader } of pages.splice(0)) void loader.dispose();
});

function open(options: Partial<PluginLoaderOptions> = {}): PluginPage {
  const page = createPluginPage(options);
  pages.push(page);
  return page;
}

const nothing = () => null;
const menusOf = ({ loader }: PluginPage) => loader.registry.getSnapshot('navigation').map(({ pluginId }) => pluginId);
const routesOf = ({ loader }: PluginPage) => loader.registry.getSnapshot('route').map(({ pluginId }) => pluginId);
const viewOf = ({ loader }: PluginPage, name: string) => loader.getSnapshot().find(({ id }) => id === idOf(name));
const warningsOf = (page: PluginPage, name: string) => viewOf(page, name)?.warnings.map(({ reason }) => reason);

function withPage(name: string, path: string, more: Partial<FakePlugin> = {}): FakePlugin {
  const menu = { id: 'n', title: name, to: path };
  const evaluate = exporting({
    activate(ctx) {
      ctx.register('navigation', menu);
      ctx.register('route', { id: 'r', path, component: nothing });
    },
  });
  return { name, evaluate, contributes: { navigation: [menu], route: [{ id: 'r', path }] }, ...more };
}

/** Its `deactivate` ends when it is told to. */
function slow(activate: (ctx: PluginContext) => void, build = '1.0.0-aaaaaaaaaaaa'): FakePlugin & { end: () => void } {
  let end = (): void => undefined;
  const deactivate = () => new Promise<void>((resolve) => (end = resolve));
  return { name: 'a', build, evaluate: exporting({ activate, deactivate }), end: () => end() };
}

async function untilActive(page: PluginPage, name: string): Promise<void> {
  await vi.waitFor(() => expect(page.status(name)).toBe('active'));
}

it('of two plugins with one route the first has it; the second has the rest, and the route when the first goes', async () => {
  const page = open();
  await page.show([withPage('a', '/x'), withPage('b', '/x')]);
  expect([page.status('a'), page.status('b')]).toEqual(['pending', 'pending']);
  expect(menusOf(page)).toEqual([idOf('a'), idOf('b')]);
  expect(routesOf(page)).toEqual([idOf('a')]);
  expect(warningsOf(page, 'b')).toEqual([`route: the path /x is taken by ${idOf('a')}`]);
  expect(page.problems.map(({ code, pluginId }) => [code, pluginId])).toEqual([
    ['E_CONTRIBUTION_DUPLICATE', idOf('b')],
  ]);
  await page.show([withPage('b', '/x')]);
  expect([page.status('b'), routesOf(page), warningsOf(page, 'b')]).toEqual(['pending', [idOf('b')], []]);
  await page.loader.use(idOf('b'));
  expect(page.status('b')).toBe('active');
  await page.show([]);
  expect([menusOf(page), routesOf(page)]).toEqual([[], []]);
});

it('a plugin takes the route of one that goes in the same list, though that one is slow to deactivate', async () => {
  const page = open();
  const a = slow((ctx) => void ctx.register('route', { id: 'r', path: '/x', component: nothing }));
  await page.show([a]);
  await untilActive(page, 'a');
  const eager = withPage('b', '/x', { contributes: {} });
  await page.show([eager, { status: 'disabled', id: idOf('a'), title: 'a', version: '1.0.0' }]);
  await untilActive(page, 'b');
  expect(routesOf(page)).toEqual([idOf('b')]);
  expect(page.loader.getSnapshot().map(({ id }) => id)).toEqual([idOf('b'), idOf('a')]);
  a.end();
});

it('two that register one route: the second fails, and says which has it, once', async () => {
  const page = open();
  await page.show([withPage('a', '/x', { contributes: {} })]);
  await untilActive(page, 'a');
  await page.show([withPage('a', '/x', { contributes: {} }), withPage('b', '/x', { contributes: {} })]);
  await vi.waitFor(() => expect(page.status('b')).toBe('failed'));
  expect(viewOf(page, 'b')?.problem?.message).toBe(
    `${idOf('b')}: activate failed: route: the path /x is taken by ${idOf('a')}`,
  );
  expect([menusOf(page), page.status('a')]).toEqual([[idOf('a')], 'active']);
});

it('nothing of an old run is seen or counts while it deactivates', async () => {
  const page = open();
  const column = { id: 'c', target: 'pods', title: 'C', component: nothing };
  const build = (name: string) => slow((ctx) => void ctx.register('listColumn', column), name);
  const old = build('1.0.0-aaaaaaaaaaaa');
  await page.show([old]);
  await untilActive(page, 'a');
  const [registered] = page.loader.registry.getSnapshot('listColumn');
  await page.show([build('2.0.0-bbbbbbbbbbbb')]);
  expect(page.loader.registry.getSnapshot('listColumn')).toEqual([]);
  for (const turn of [1, 2, 3]) {
    page.loader.reportCrash(registered!, new Error(`store is closed ${String(turn)}`));
    page.clock.advance(1_000);
  }
  expect(page.status('a')).toBe('loading');
  old.end();
  await untilActive(page, 'a');
  page.loader.reportCrash(registered!, new Error('late'));
  expect(viewOf(page, 'a')).toMatchObject({ build: '2.0.0-bbbbbbbbbbbb', problem: undefined });
});

it('what a plugin declares and does not register is gone once it is active, and named', async () => {
  const page = open();
  const contributes = { route: [{ id: 'r', path: '/r' }], navigation: [{ id: 'n', title: 'N', to: '/r' }] };
  await page.show([{ name: 'a', contributes, evaluate: exporting({ activate: () => undefined }) }]);
  expect([routesOf(page), warningsOf(page, 'a')]).toEqual([[idOf('a')], []]);
  await page.loader.use(idOf('a'));
  expect(routesOf(page)).toEqual([]);
  expect(page.loader.registry.getSnapshot('navigation')).toMatchObject([{ isDeclared: false }]);
  expect(warningsOf(page, 'a')).toEqual(['declares the route "r" and does not register it']);
  expect(page.problems.map(({ code }) => code)).toEqual(['E_CONTRIBUTION_INVALID']);
});

it('what the server left out of what a plugin declares is said of it, like what the page leaves out', async () => {
  const page = open();
  const warnings = ['contributes.route[1]: expected a path', 'contributes.command: expected a list'];
  const contributes = { route: [{ id: 'r', path: '/r' }] };
  await page.show([{ name: 'a', contributes, warnings, evaluate: exporting({ activate: () => undefined }) }]);
  expect(warningsOf(page, 'a')).toEqual(warnings);
  expect(page.problems.map(({ code, pluginId }) => [code, pluginId])).toEqual(
    warnings.map(() => ['E_CONTRIBUTION_INVALID', idOf('a')]),
  );
  await page.loader.use(idOf('a'));
  expect(warningsOf(page, 'a')).toEqual([...warnings, 'declares the route "r" and does not register it']);
  expect(page.problems).toHaveLength(3);
});

it('a duplicate in what is declared costs the duplicate alone', async () => {
  const page = open();
  const command = [
    { id: 'x', title: 'X' },
    { id: 'x', title: 'Again' },
  ];
  await page.show([withPage('a', '/x', { contributes: { command, navigation: [{ id: 'n', title: 'N', to: '/x' }] } })]);
  expect([page.status('a'), menusOf(page), warningsOf(page, 'a')]).toEqual([
    'pending',
    [idOf('a')],
    ['command: the id "x" is taken'],
  ]);
});

it('dispose takes everything back at once, and resolves when the last plugin has deactivated', async () => {
  const page = open();
  const a = slow((ctx) => void ctx.register('navigation', { id: 'n', title: 'N', to: '/n' }));
  await page.show([a]);
  await untilActive(page, 'a');
  let isOver = false;
  const disposal = page.loader.dispose().then(() => (isOver = true));
  expect(page.loader.dispose()).toBe(page.loader.dispose());
  expect([menusOf(page), page.loader.getSnapshot()]).toEqual([[], []]);
  await page.clock.settle();
  expect(isOver).toBe(false);
  a.end();
  await disposal;
});

it('dispose waits for a deactivate that hangs as long as that may take, and for an activate that still runs', async () => {
  const page = open();
  const order: string[] = [];
  let endActivate = (): void => undefined;
  const activate = vi.fn(async () => {
    await new Promise<void>((resolve) => (endActivate = resolve));
    order.push('activated');
  });
  const deactivate = () => {
    order.push('deactivate');
    return new Promise<void>(() => undefined);
  };
  await page.show([{ name: 'a', evaluate: exporting({ activate, deactivate }) }]);
  await vi.waitFor(() => expect(activate).toHaveBeenCalledOnce());
  const disposal = page.loader.dispose().then(() => order.push('over'));
  await page.clock.advanceAsync(1_999);
  endActivate();
  await page.clock.settle();
  expect(order).toEqual(['activated', 'deactivate']);
  await page.clock.advanceAsync(2_000);
  await disposal;
  expect(order).toEqual(['activated', 'deactivate', 'over']);
});

it.each(Array.from({ length: 12 }, (_, turns) => turns))(
  'a plugin that is listed again as it ends is never lost (%i turns)',
  async (turns) => {
    const page = open();
    async function listAgain(): Promise<void> {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await page.loader.refresh();
    }
    const activate = (ctx: PluginContext) => {
      ctx.onDispose(() => void listAgain());
    };
    const a: FakePlugin = {
      name: 'a',
      evaluate: exporting({ activate, deactivate: () => new Promise(() => undefined) }),
    };
    await page.show([a]);
    await untilActive(page, 'a');
    for (const list of [[], [a], []]) await page.show(list);
    page.prepare([a]);
    await page.clock.advanceAsync(2_000);
    await untilActive(page, 'a');
    await page.show([a]);
    expect(page.loader.getSnapshot()).toHaveLength(1);
  },
);

it('a failure that the page keeps says that trying again does not help', async () => {
  const page = open();
  const evaluate = vi.fn(() => {
    throw new Error('once');
  });
  await page.show([{ name: 'a', evaluate }]);
  await vi.waitFor(() => expect(page.status('a')).toBe('failed'));
  expect(viewOf(page, 'a')?.problem).toMatchObject({ code: 'E_PLUGIN_EVALUATE', needsReload: true });
  page.loader.retry(idOf('a'));
  await vi.waitFor(() => expect(page.status('a')).toBe('failed'));
  expect(evaluate).toHaveBeenCalledOnce();
});

const trap = new Proxy(new Error('x'), {
  get: () => {
    throw new Error('get');
  },
  getPrototypeOf: () => {
    throw new Error('prototype');
  },
});

it.each([
  ['no message', Object.assign(new Error(), { message: { toString: nothing } })],
  ['a proxy', trap],
  ['nothing', undefined],
  ['no prototype', Object.create(null)],
])('a plugin that throws %s is named all the same, wherever it throws', async (_, thrown) => {
  const page = open();
  const fail = () => {
    throw thrown;
  };
  const run = { id: 'c', title: 'C', run: fail };
  await page.show([
    { name: 'evaluates', evaluate: fail },
    { name: 'activates', evaluate: exporting({ activate: fail }) },
    { name: 'runs', evaluate: exporting({ activate: (ctx) => void ctx.register('command', run), deactivate: fail }) },
  ]);
  await vi.waitFor(() =>
    expect(page.loader.getSnapshot().map(({ status }) => status)).toEqual(['failed', 'failed', 'active']),
  );
  const [command] = page.loader.registry.getSnapshot('command');
  await expect(page.loader.run(command!)).rejects.toMatchObject({ code: 'E_PLUGIN_CRASHED' });
  await page.show([]);
  expect(page.problems.map(({ code }) => code).sort()).toEqual([
    'E_PLUGIN_ACTIVATE',
    'E_PLUGIN_CRASHED',
    'E_PLUGIN_DEACTIVATE',
    'E_PLUGIN_EVALUATE',
  ]);
  for (const { message } of page.problems) expect(message).toBeTypeOf('string');
});
