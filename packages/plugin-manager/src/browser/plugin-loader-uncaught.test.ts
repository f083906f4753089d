import { afterEach, expect, it, vi } from 'vitest';
import { createPluginPage, exporting, idOf, type PluginPage } from '../../test/support/plugin-page.ts';

const pages: PluginPage[] = [];
afterEach(() => {
  for (const { loader } of pages.splice(0)) void loader.dispose();
});

const url = 'https://fleet.example/plugins/hub-acme-a/1.0.0-aaaaaaaaaaaa/main.js';
const plugin = (name: string) => ({ name, evaluate: exporting({ activate: () => undefined }) });
const problemOf = ({ loader }: PluginPage, name: string) =>
  loader.getSnapshot().find(({ id }) => id === idOf(name))?.problem;

async function open(): Promise<PluginPage> {
  const page = createPluginPage();
  pages.push(page);
  await page.show([plugin('a'), plugin('b')]);
  await vi.waitFor(() => expect([page.status('a'), page.status('b')]).toEqual(['active', 'active']));
  return page;
}

const thrownAt = (stack: unknown) => Object.assign(new Error('no such row'), { stack });

it('what nobody caught is the problem of the plugin whose script is the first in its stack, and counts as no crash', async () => {
  const page = await open();
  const stack = `Error: no such row
    at work (https://fleet.example/assets/react.js:1:2)
    at onClick (${url}:3:4)
    at other (${url.replace('-a/', '-b/')}:5:6)`;
  const listener = vi.fn();
  page.loader.subscribe(listener);
  for (let time = 0; time < 5; time += 1) {
    expect(page.loader.reportUncaught(thrownAt(stack))).toMatchObject({
      code: 'E_PLUGIN_CRASHED',
      pluginId: idOf('a'),
    });
    await page.clock.advanceAsync(2_000);
  }
  expect([page.status('a'), problemOf(page, 'a')?.reason]).toEqual([
    'active',
    'something outside of its contributions failed: Error: no such row',
  ]);
  expect(problemOf(page, 'b')).toBeUndefined();
  expect(listener).toHaveBeenCalledTimes(1);
});

it('the first of a run stands for all, whatever the later ones say: nothing is rendered anew for each', async () => {
  const page = await open();
  const listener = vi.fn();
  page.loader.subscribe(listener);
  for (let time = 0; time < 5; time += 1) {
    const thrown = Object.assign(new Error(`at ${String(time)}`), { stack: `Error\n    at f (${url}:1:2)` });
    expect(page.loader.reportUncaught(thrown)?.reason).toMatch(/Error: at 0$/);
  }
  expect(listener).toHaveBeenCalledTimes(1);
});

it('who is named in a message alone did not throw it', async () => {
  const page = await open();
  const other = url.replace('-a/', '-b/');
  const message = `Error: no module ${other}:1`;
  expect(page.loader.reportUncaught(thrownAt(`${message}\n    at f (https://fleet.example/x.js:1:2)`))).toBeUndefined();
  expect(page.loader.reportUncaught(thrownAt(message))).toBeUndefined();
  expect(page.loader.reportUncaught(thrownAt(`${message}\n    at f (${url}:1:2)`))).toMatchObject({
    pluginId: idOf('a'),
  });
  // Without that line, as Firefox and Safari write it.
  expect(page.loader.reportUncaught(thrownAt(`f@${other}:1:2\ng@${url}:3:4`))).toMatchObject({ pluginId: idOf('b') });
});

it('a message of many lines, such as frames have, blames nobody', async () => {
  const page = await open();
  const other = url.replace('-a/', '-b/');
  for (const message of [`no\n    at f (${other}:1:1)`, `no\n    at f (${other}:1:1)\n`]) {
    expect(page.loader.reportUncaught(new Error(message))).toBeUndefined();
    const named = Object.assign(new TypeError(message), { name: 'Named' });
    expect(page.loader.reportUncaught(named)).toBeUndefined();
    const stack = `${message}\n    at f (${url}:1:2)`;
    expect(page.loader.reportUncaught(Object.assign(new Error(message), { stack }))).toMatchObject({
      pluginId: idOf('a'),
    });
  }
});

it('a stack counts whatever its message is', async () => {
  const page = await open();
  for (const message of [undefined, '', { toString: 1 }]) {
    const thrown = Object.assign(new Error('x'), { message, stack: `Error: x\n    at f (${url}:1:2)` });
    expect(page.loader.reportUncaught(thrown)).toMatchObject({ pluginId: idOf('a') });
  }
});

it.each([
  ['empty lines', '\n'.repeat(100_000)],
  ['spaces', ' '.repeat(1_000_000)],
  ['lines of another browser that are none', `${'a@:1'.repeat(100_000)}x`],
])('a stack of %s takes no time', async (_, stack) => {
  const page = await open();
  const since = performance.now();
  expect(page.loader.reportUncaught(thrownAt(stack))).toBeUndefined();
  expect(performance.now() - since).toBeLessThan(1_000);
});

it('without a stack the script that it was thrown in says whose it is', async () => {
  const page = await open();
  expect(page.loader.reportUncaught('a text', url)).toMatchObject({ pluginId: idOf('a') });
  expect(page.loader.reportUncaught(undefined, `${url}.map`)).toBeUndefined();
});

it('what is of no plugin that runs is nobody’s, whatever its stack is', async () => {
  const page = await open();
  const hostile = Object.defineProperty(new Error('x'), 'stack', {
    get() {
      throw new Error('no stack');
    },
  });
  expect(
    [hostile, thrownAt({}), thrownAt('at https://fleet.example/assets/x.js:1:1'), null].map((thrown) =>
      page.loader.reportUncaught(thrown),
    ),
  ).toEqual([undefined, undefined, undefined, undefined]);
  await page.show([plugin('b')]);
  expect(page.loader.reportUncaught(thrownAt(`at ${url}:1:1`))).toBeUndefined();
});
