import { afterEach, expect, it, vi } from 'vitest';
import { createPluginPage, exporting, idOf, type FakePlugin, type PluginPage } from '../../test/support/plugin-page.ts';
import type { TargetProps } from '../sdk/index.ts';
import type { PluginLoaderOptions } from './plugin-loader-interface.ts';
import { isSafeMode } from './safe-mode.ts';

const pages: PluginPage[] = [];
afterEach(() => {
  for (const { loader } of pages.splice(0)) void loader.dispose();
});

function open(options: Partial<PluginLoaderOptions> = {}): PluginPage {
  const page = createPluginPage(options);
  pages.push(page);
  return page;
}

const menu = (id: string) => ({ id, title: id, to: `/${id}` });
const withMenu = (name: string, more: Partial<FakePlugin> = {}): FakePlugin => ({
  name,
  evaluate: exporting({ activate: (ctx) => void ctx.register('navigation', menu(name)) }),
  ...more,
});
const menusOf = ({ loader }: PluginPage) => loader.registry.getSnapshot('navigation').map(({ value }) => value.title);
const viewOf = ({ loader }: PluginPage, name: string) => loader.getSnapshot().find(({ id }) => id === idOf(name));

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

it('a good plugin works beside those that do not parse, throw, hang or have a changed byte; they are named', async () => {
  const page = open();
  const hanging = vi.fn(() => new Promise<void>(() => undefined));
  const waiting = vi.fn(() => new Promise<never>(() => undefined));
  await page.show([
    withMenu('unparsable', { evaluate: throwing(new SyntaxError('Unexpected token')) }),
    withMenu('throws-early', { evaluate: throwing(new Error('no')) }),
    withMenu('no-entry', { evaluate: () => ({ something: 1 }) }),
    withMenu('throws', {
      evaluate: exporting({
        activate: (ctx) => {
          ctx.register('navigation', menu('half'));
          throw new Error('half way');
        },
      }),
    }),
    withMenu('hangs', { evaluate: exporting({ activate: hanging }) }),
    withMenu('waits', { evaluate: waiting }),
    withMenu('changed', { sent: '// changed 1.0.0-aaaaaaaaaaab' }),
    withMenu('longer', { sent: '// longer 1.0.0-aaaaaaaaaaaa and more' }),
    withMenu('good'),
  ]);
  await vi.waitFor(() => {
    expect(page.status('good')).toBe('active');
    expect(page.loader.getSnapshot().filter(({ status }) => status === 'loading')).toHaveLength(2);
    expect(hanging).toHaveBeenCalledOnce();
    expect(waiting).toHaveBeenCalledOnce();
  });
  expect(menusOf(page)).toEqual(['good']);
  await page.clock.advanceAsync(10_000);
  const problems = page.loader.getSnapshot().map(({ id, status, problem }) => [id, status, problem?.code]);
  expect(problems).toEqual([
    [idOf('unparsable'), 'failed', 'E_PLUGIN_SYNTAX'],
    [idOf('throws-early'), 'failed', 'E_PLUGIN_EVALUATE'],
    [idOf('no-entry'), 'failed', 'E_PLUGIN_NO_ENTRY'],
    [idOf('throws'), 'failed', 'E_PLUGIN_ACTIVATE'],
    [idOf('hangs'), 'failed', 'E_PLUGIN_TIMEOUT'],
    [idOf('waits'), 'failed', 'E_PLUGIN_TIMEOUT'],
    [idOf('changed'), 'failed', 'E_INTEGRITY'],
    [idOf('longer'), 'failed', 'E_FETCH_TOO_LARGE'],
    [idOf('good'), 'active', undefined],
  ]);
  for (const { problem, id } of page.loader.getSnapshot()) if (problem) expect(problem.message).toContain(id);
  expect(menusOf(page)).toEqual(['good']);
});

it('a changed byte is never evaluated', async () => {
  const page = open();
  const evaluate = vi.fn(() => ({}));
  await page.show([withMenu('changed', { evaluate, sent: '// changed 1.0.0-aaaaaaaaaaab' })]);
  await vi.waitFor(() => expect(page.status('changed')).toBe('failed'));
  expect(evaluate).not.toHaveBeenCalled();
});

it('without crypto.subtle the browser compares, by the integrity of fetch', async () => {
  const asked: (string | undefined)[] = [];
  const page = open({
    crypto: {},
    fetch: async (_url, init) => {
      asked.push(init?.integrity);
      throw new TypeError('Failed to fetch');
    },
  });
  await page.show([withMenu('a')]);
  // As what the browser refuses looks like what did not come, it is asked for again.
  await page.clock.advanceAsync(60_000);
  await vi.waitFor(() => expect(viewOf(page, 'a')?.problem?.code).toBe('E_FETCH'));
  expect(asked).toEqual(Array(4).fill(expect.stringMatching(/^sha384-/)));
});

it('an update deactivates the old build, takes its contributions back and activates the new, without a reload', async () => {
  const page = open();
  const order: string[] = [];
  const build = (version: string): FakePlugin => ({
    name: 'a',
    build: `${version}-aaaaaaaaaaaa`,
    evaluate: exporting({
      activate(ctx) {
        order.push(`activate ${version}, menus: ${menusOf(page).join()}`);
        ctx.register('navigation', { ...menu('a'), title: version });
        ctx.onDispose(() => order.push(`dispose ${version}, aborted: ${String(ctx.signal.aborted)}`));
      },
      deactivate: () => void order.push(`deactivate ${version}, menus: ${menusOf(page).join()}`),
    }),
  });
  // Plugins start beside each other: what is not in question is there before.
  await page.show([withMenu('other')]);
  await vi.waitFor(() => expect(menusOf(page)).toEqual(['other']));
  await page.show([build('1'), withMenu('other')]);
  await vi.waitFor(() => expect(menusOf(page)).toEqual(['1', 'other']));
  await page.show([build('2'), withMenu('other')]);
  await vi.waitFor(() => expect(menusOf(page)).toEqual(['2', 'other']));
  expect(order).toEqual([
    'activate 1, menus: other',
    'deactivate 1, menus: other',
    'dispose 1, aborted: true',
    'activate 2, menus: other',
  ]);
  expect(page.fetched).toHaveLength(3);
});

it('disabled and enabled again by the server, it goes and comes back; unlisted, it is gone', async () => {
  const page = open();
  await page.show([withMenu('a')]);
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));
  await page.show([{ status: 'disabled', id: idOf('a'), title: 'a', version: '1.0.0', reason: 'by an administrator' }]);
  expect(viewOf(page, 'a')).toMatchObject({ status: 'disabled', reason: 'by an administrator' });
  expect(menusOf(page)).toEqual([]);
  await page.show([withMenu('a')]);
  await vi.waitFor(() => expect(menusOf(page)).toEqual(['a']));
  await page.show([]);
  expect(page.loader.getSnapshot()).toEqual([]);
  expect(menusOf(page)).toEqual([]);
});

it('a plugin that hangs in deactivate holds its own update up for its time limit, and nothing else', async () => {
  const page = open();
  const hanging = (build: string): FakePlugin => ({
    name: 'a',
    build,
    evaluate: exporting({
      activate: (ctx) => void ctx.register('navigation', menu(build)),
      deactivate: () => new Promise(() => undefined),
    }),
  });
  await page.show([hanging('1')]);
  await vi.waitFor(() => expect(menusOf(page)).toEqual(['1']));
  await page.show([hanging('2'), withMenu('b')]);
  await vi.waitFor(() => expect(page.status('b')).toBe('active'));
  expect(page.status('a')).toBe('loading');
  await page.clock.advanceAsync(2_000);
  await vi.waitFor(() => expect(menusOf(page)).toEqual(['2', 'b']));
  expect(page.problems).toMatchObject([{ code: 'E_PLUGIN_TIMEOUT', phase: 'deactivate', pluginId: idOf('a') }]);
});

it('an activation that ends after its time limit can add nothing, and is deactivated', async () => {
  const page = open();
  let wake = (): void => undefined;
  let late: unknown;
  const deactivate = vi.fn();
  const activate = vi.fn(async (ctx: Parameters<Parameters<typeof exporting>[0]['activate']>[0]) => {
    await new Promise<void>((resolve) => (wake = resolve));
    try {
      ctx.register('navigation', menu('late'));
    } catch (error) {
      late = error;
    }
  });
  await page.show([{ name: 'a', evaluate: exporting({ activate, deactivate }) }]);
  // The steps before have limits of their own.
  await vi.waitFor(() => expect(activate).toHaveBeenCalledOnce());
  await page.clock.advanceAsync(10_000);
  await vi.waitFor(() => expect(page.status('a')).toBe('failed'));
  wake();
  await vi.waitFor(() => expect(deactivate).toHaveBeenCalledOnce());
  expect(late).toMatchObject({ code: 'E_PLUGIN_STOPPED' });
  expect(menusOf(page)).toEqual([]);
});

it('what is declared is there before the code, which runs at the first use', async () => {
  const page = open();
  const ran = vi.fn();
  const activate = vi.fn((ctx: Parameters<Parameters<typeof exporting>[0]['activate']>[0]) => {
    ctx.register('command', { id: 'go', title: 'Go!', run: ran });
  });
  const contributes = { navigation: [menu('a')], command: [{ id: 'go', title: 'Go' }] };
  await page.show([{ name: 'a', contributes, evaluate: exporting({ activate }) }]);
  expect(page.status('a')).toBe('pending');
  expect(menusOf(page)).toEqual(['a']);
  const [command] = page.loader.registry.getSnapshot('command');
  expect(command).toMatchObject({ isDeclared: true, value: { title: 'Go' } });
  await page.loader.run(command!);
  expect(activate).toHaveBeenCalledOnce();
  expect(ran).toHaveBeenCalledOnce();
  expect(page.loader.registry.getSnapshot('command')).toMatchObject([{ isDeclared: false, value: { title: 'Go!' } }]);
});

it('a command that throws three times within a minute ends its plugin for the session; a person brings it back', async () => {
  const page = open();
  const activate: Parameters<typeof exporting>[0]['activate'] = (ctx) => {
    ctx.register('command', { id: 'go', title: 'Go', run: () => Promise.reject(new Error('boom')) });
  };
  await page.show([{ name: 'a', evaluate: exporting({ activate }) }, withMenu('b')]);
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));
  for (const crash of [1, 2, 3]) {
    expect(page.status('a')).toBe('active');
    const [command] = page.loader.registry.getSnapshot('command');
    const failed = page.loader.run(command!);
    await expect(failed, String(crash)).rejects.toMatchObject({ code: 'E_PLUGIN_CRASHED', cause: { message: 'boom' } });
    page.clock.advance(1_000);
  }
  expect(viewOf(page, 'a')).toMatchObject({ status: 'disabled', problem: { code: 'E_PLUGIN_CRASHED' } });
  await vi.waitFor(() => expect(page.loader.registry.getSnapshot('command')).toEqual([]));
  expect(page.status('b')).toBe('active');
  page.loader.retry(idOf('a'));
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));
});

it('safe mode lists the plugins and loads none', async () => {
  const page = open({ isSafeMode: isSafeMode('?x=1&safe-mode=1') });
  await page.show([withMenu('a', { contributes: { navigation: [menu('a')] } })]);
  expect(viewOf(page, 'a')).toMatchObject({ status: 'disabled', reason: 'safe mode: no plugin is loaded' });
  expect([page.fetched, menusOf(page)]).toEqual([[], []]);
  expect(isSafeMode('?safe-mode=0')).toBe(false);
});

it('an item of the list that is damaged is named, and the others load', async () => {
  const page = open();
  const foreign = { url: 'https://evil.example/x.js', integrity: 'sha384-x', size: 1 };
  const damaged = { status: 'ready', id: idOf('bad'), title: 'bad', version: '1', build: '1', entry: foreign };
  await page.show([damaged, {}, withMenu('a')]);
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));
  expect(viewOf(page, 'bad')).toMatchObject({ status: 'blocked' });
  expect(viewOf(page, 'bad')?.reason).toMatch(/^plugins\[0\]\.entry\.url: expected an absolute path/);
  expect(page.problems.map(({ pluginId }) => pluginId).sort()).toEqual([idOf('bad'), undefined]);
});

it('a store that begins anew is followed, whatever its generation; what is no list is refused', async () => {
  const page = open();
  await page.show([withMenu('a')], 5);
  await page.show([withMenu('b')], 1);
  expect(page.loader.getSnapshot().map(({ id }) => id)).toEqual([idOf('b')]);
  await expect(createPluginPage({ runtime: async () => '<html>' }).loader.refresh()).rejects.toMatchObject({
    code: 'E_RUNTIME_INVALID',
  });
});

it('an answer that was asked for before the newest one changes nothing', async () => {
  const answers: ((plugins: object[]) => void)[] = [];
  const runtime = () => new Promise((give) => answers.push((plugins) => give({ generation: answers.length, plugins })));
  const { loader } = open({ runtime });
  const disabled = (name: string) => ({ status: 'disabled', id: idOf(name), title: name, version: '1.0.0' });
  const [first, second] = [loader.refresh(), loader.refresh()];
  answers[1]?.([disabled('new')]);
  await second;
  answers[0]?.([disabled('old')]);
  await first;
  expect(loader.getSnapshot().map(({ title }) => title)).toEqual(['new']);
});

it('listed again while it still stops, it never runs twice at once', async () => {
  const page = open();
  let running = 0;
  let most = 0;
  const a: FakePlugin = {
    name: 'a',
    evaluate: exporting({
      activate: (ctx) => {
        most = Math.max(most, (running += 1));
        ctx.onDispose(() => (running -= 1));
      },
      deactivate: () => new Promise(() => undefined),
    }),
  };
  await page.show([a]);
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));
  await page.show([]);
  expect(page.loader.getSnapshot()).toEqual([]);
  await page.show([a]);
  await page.clock.advanceAsync(2_000);
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));
  expect([most, running]).toEqual([1, 1]);
});

it('each run of a plugin has an SDK of its own, which ends with the run', async () => {
  const made: { id: string; build: string; signal: AbortSignal }[] = [];
  const sdk: PluginLoaderOptions['sdk'] = ({ id, build }, signal) => {
    made.push({ id, build, signal });
    return { version: '1.0.0' } as ReturnType<PluginLoaderOptions['sdk']>;
  };
  const page = open({ sdk });
  const evaluate = exporting({ activate: () => undefined });
  await page.show([
    { name: 'a', build: '1', evaluate },
    { name: 'b', build: '1', evaluate },
  ]);
  await page.show([
    { name: 'a', build: '2', evaluate },
    { name: 'b', build: '1', evaluate },
  ]);
  expect(made.map(({ id, build, signal }) => [id, build, signal.aborted])).toEqual([
    [idOf('a'), '1', true],
    [idOf('b'), '1', false],
    [idOf('a'), '2', false],
  ]);
});

it('what a column says of an object is its text; one that throws has crashed once, and is not asked again', async () => {
  const page = open();
  const text = vi.fn(({ object }: TargetProps): string => {
    if (object === 'bad') throw new Error('boom');
    return object === 'odd' ? (7 as unknown as string) : String(object);
  });
  const column = { id: 'c', title: 'Cost', target: 'v1/pods', component: () => null };
  const activate: Parameters<typeof exporting>[0]['activate'] = (ctx) => {
    ctx.register('listColumn', { ...column, text });
    ctx.register('listColumn', { ...column, id: 'd' });
  };
  await page.show([{ name: 'a', evaluate: exporting({ activate }) }]);
  const [one, other] = page.loader.registry.getSnapshot('listColumn');
  const say = (object: string) => page.loader.textOf(one!, { object });
  expect([say('12 €'), say('odd'), page.loader.textOf(other!, { object: 'x' })]).toEqual(['12 €', '', '']);
  expect(say('x'.repeat(2_000))).toHaveLength(1_000);
  text.mockClear();
  expect(['bad', 'bad', 'fine'].map(say)).toEqual(['', '', '']);
  expect(text).toHaveBeenCalledOnce();
  expect(page.problems).toEqual([]);
  await page.clock.settle();
  expect(page.problems.map(({ code }) => code)).toEqual(['E_PLUGIN_CRASHED']);
  expect(page.status('a')).toBe('active');
});
