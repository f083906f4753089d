import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { addPod, startFleet } from '../src/fleet.ts';
import { expectFit } from '../src/looks.ts';
import {
  callPlugins,
  labId,
  runPluginCli,
  startPluginLab,
  watchTroubles,
  widgetModule,
  type PluginLab,
} from '../src/plugins.ts';
import { password, startServer, type ServerProcess } from '../src/server-process.ts';
import { callServer } from '../src/user-cluster.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const poll = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 30_000 });
const row = (page: Page, name: string) => page.getByTestId(`plugin-${labId(name)}`);
const standing = (page: Page, name: string) => row(page, name).getByTestId('standing');
const widget = (page: Page) => page.getByTestId('widget');
/** Once it is known that it may be, and what it was asked before is answered. */
const press = async (page: Page, plugin: string): Promise<void> => {
  const control = page.getByRole('switch', { name: `${plugin} enabled`, disabled: false });
  await poll(() => control.getAttribute('aria-busy')).toBe('false');
  await control.press('Space');
};
const navigation = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true });
const toast = (page: Page, text: string) => page.getByTestId('toast').filter({ hasText: text });

/** Two versions of a plugin that says which one it is. */
const clock = (version: string) => ({
  name: 'clock',
  title: 'Clock',
  version,
  contributes: { overviewWidget: [{ id: 'widget', title: 'Widget' }] },
  changes: [`what is new in ${version}`],
  module: widgetModule(`clock ${version}`),
});

describe.skipIf(chromiumPath === undefined)('plugins in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  async function serve(): Promise<{ readonly server: ServerProcess; readonly lab: PluginLab }> {
    const fleet = await startFleet(['east']);
    undo.push(() => fleet.dispose());
    addPod(fleet.api('east'), 'shop-1');
    const lab = await startPluginLab();
    undo.push(() => lab.dispose());
    const server = await startServer({ env: { KUBECONFIG: fleet.kubeconfig, ...lab.env } });
    undo.push(() => server.stop('SIGKILL'));
    return { server, lab };
  }

  async function open(
    options?: Parameters<typeof visit>[1],
  ): Promise<Visitor & { readonly troubles: readonly string[] }> {
    const visitor = await visit(browser, options);
    undo.push(() => visitor.context.close());
    return { ...visitor, troubles: await watchTroubles(visitor.page) };
  }

  it('a good plugin works beside those that cannot be linked, that throw, and whose bytes were changed on the disk or on the way', async () => {
    const { server, lab } = await serve();
    await lab.publishExample();
    await lab.publish({
      name: 'unreadable',
      title: 'Unreadable',
      module: "import { nothing } from 'react';\nexport const plugin = nothing;\n",
    });
    await lab.publish({
      name: 'no-start',
      title: 'No start',
      module: "export const plugin = { activate() { throw new Error('thrown in activate'); } };\n",
    });
    await lab.publish({
      name: 'no-render',
      title: 'No render',
      module: widgetModule('').replace(/component: .*/, "component() { throw new Error('thrown in render'); },"),
    });
    await lab.publish({ name: 'changed', title: 'Changed', module: widgetModule('before') });
    await lab.publish({ name: 'forged', title: 'Forged', module: widgetModule('before') });
    const calls = await callPlugins(server);
    const names = ['images', 'unreadable', 'no-start', 'no-render', 'changed', 'forged'];
    for (const name of names) await calls.install(labId(name));
    await replaceInStore(server, 'changed', 'before', 'behind');

    const { page, signIn, picture, troubles } = await open();
    // There is room for two failures at once: the third comes when those were seen.
    let seen = (): void => undefined;
    const otherFailuresSeen = new Promise<void>((resolve) => {
      seen = resolve;
    });
    await page.route('**/plugins/lab~e2e~forged/**', async (route) => {
      await otherFailuresSeen;
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace('before', 'behind') });
    });
    await Promise.all([
      signIn(server.url),
      toast(page, '“No start” failed').waitFor(),
      toast(page, '“Unreadable” failed').waitFor(),
    ]);
    seen();
    await toast(page, '“Forged” failed').waitFor();
    await page.getByTestId('plugin-failed').filter({ hasText: 'thrown in render' }).waitFor();
    expect(await widget(page).count()).toBe(0);

    await navigation(page, 'Pods').click();
    const cell = page.getByTestId('rows').getByRole('row').filter({ hasText: 'shop-1' });
    await cell.getByText('registry.example/web').waitFor();
    await cell.getByRole('link', { name: 'shop-1' }).click();
    const section = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Images', exact: true }) });
    await section.getByRole('link', { name: /registry\.example\/web/ }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).fill('show images');
    await page.getByRole('option', { name: /Show images/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}/images`);
    await page
      .getByRole('table')
      .getByRole('link', { name: /registry\.example\/web/ })
      .click();
    await page.getByRole('table').getByRole('link', { name: 'shop-1' }).waitFor();
    await picture('plugin-page');

    await navigation(page, 'Plugins').click();
    await poll(() => standing(page, 'images').innerText()).toBe('Active');
    expect(await standing(page, 'unreadable').innerText()).toBe('Failed in this tab');
    expect(await row(page, 'unreadable').innerText()).toMatch(/is no valid module.*\(E_PLUGIN_SYNTAX\)/);
    expect(await standing(page, 'no-start').innerText()).toBe('Failed in this tab');
    expect(await row(page, 'no-start').innerText()).toMatch(/thrown in activate \(E_PLUGIN_ACTIVATE\)/);
    expect(await standing(page, 'no-render').innerText()).toBe('Active, has crashed');
    expect(await row(page, 'no-render').innerText()).toContain('thrown in render');
    expect(await standing(page, 'changed').innerText()).toBe('Broken');
    expect(await row(page, 'changed').innerText()).toContain('was changed after it was installed');
    expect(await standing(page, 'forged').innerText()).toBe('Failed in this tab');
    expect(await row(page, 'forged').innerText()).toContain('(E_INTEGRITY)');
    await picture('plugins-one-good');
    expect(troubles).toEqual([]);
  });

  it('installs with its progress, which a reload does not lose, and can be called off', async () => {
    const { server, lab } = await serve();
    await lab.publish(clock('1.0.0'));
    // A byte a second: it does not end by itself.
    const mend = lab.catalog.fail('/archives/', { kind: 'slow', intervalMs: 1_000 });
    const { page, signIn, troubles, picture } = await open();
    await signIn(server.url);
    await navigation(page, 'Plugins').click();
    await page.getByRole('button', { name: 'Look into the catalog' }).click();
    await page.getByRole('link', { name: 'Install Clock' }).click();
    const dialog = page.getByRole('dialog', { name: 'Install Clock 1.0.0' });
    await dialog.getByRole('button', { name: 'Install 1.0.0' }).click();
    const progress = page.getByRole('progressbar', { name: 'Installing Clock' });
    const steps = async () => (await progress.getAttribute('aria-valuetext')) ?? '';
    await poll(steps).toMatch(/^Downloading, \d+ %$/);
    const before = Number(await progress.getAttribute('aria-valuenow'));
    await page.reload();
    await poll(steps).toMatch(/^Downloading, \d+ %$/);
    expect(Number(await progress.getAttribute('aria-valuenow'))).toBeGreaterThanOrEqual(before);
    await picture('plugin-installing');

    await navigation(page, 'Plugins').click();
    await page.getByRole('button', { name: 'Cancel: Installing Clock' }).press('Enter');
    await toast(page, 'Cancelled: install Clock').waitFor();
    await progress.waitFor({ state: 'detached' });
    // What had the focus is gone.
    await poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    expect((await (await callPlugins(server)).list()).items).toEqual([]);

    mend();
    await page.goBack();
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await dialog.getByRole('button', { name: 'Install 1.0.0' }).click();
    await toast(page, 'Clock 1.0.0 was installed').waitFor();
    // Without a reload.
    await navigation(page, 'Overview').click();
    await widget(page).filter({ hasText: 'clock 1.0.0' }).waitFor();
    expect(troubles).toEqual([]);
  });

  it('updates with what changes, goes back, and stops in all tabs at once without a reload', async () => {
    const { server, lab } = await serve();
    await lab.publish(clock('1.1.0'), clock('1.0.0'));
    await lab.publishExample();
    const calls = await callPlugins(server);
    await calls.install(labId('clock'), '1.0.0');
    await calls.install(labId('images'));
    const { page, context, signIn, troubles, picture } = await open();
    await signIn(server.url);
    await widget(page).filter({ hasText: 'clock 1.0.0' }).waitFor();
    const other = await context.newPage();
    const otherTroubles = await watchTroubles(other);
    await other.goto(`${server.url}/images`);
    await other.getByRole('heading', { name: 'Images' }).waitFor();
    await navigation(other, 'Pods').click();
    const filter = other.getByPlaceholder('Filter the rows');
    await filter.fill('shop');
    const column = other.getByTestId('rows').getByText('registry.example/web');
    await column.waitFor();
    const loadedAt = await other.evaluate(() => performance.timeOrigin);

    // A tab that is not in front has a frame a second, and a click waits for two.
    await page.bringToFront();
    await navigation(page, 'Plugins').click();
    await page.getByRole('navigation', { name: 'Parts of this page' }).getByText('Updates').click();
    const update = page.getByTestId(`update-${labId('clock')}`);
    await update.getByTestId('versions').filter({ hasText: '1.1.0' }).waitFor();
    await update.getByText('what is new in 1.1.0').waitFor();
    await picture('plugin-update');
    await update.getByRole('button', { name: 'Update Clock to 1.1.0' }).click();
    await toast(page, 'Clock was updated to 1.1.0').waitFor();
    await navigation(page, 'Overview').click();
    await widget(page).filter({ hasText: 'clock 1.1.0' }).waitFor();

    await navigation(page, 'Plugins').click();
    await row(page, 'clock').getByRole('button', { name: 'Actions for Clock' }).click();
    await page.getByRole('menuitem', { name: 'Roll back to 1.0.0' }).click();
    await page.getByRole('dialog', { name: 'Roll back' }).getByRole('button', { name: 'Roll back to 1.0.0' }).click();
    await toast(page, 'Clock was rolled back to 1.0.0').waitFor();
    await navigation(page, 'Overview').click();
    await widget(page).filter({ hasText: 'clock 1.0.0' }).waitFor();

    await navigation(page, 'Plugins').click();
    await press(page, 'Images');
    await poll(() => standing(page, 'images').innerText()).toBe('Disabled');
    await column.waitFor({ state: 'detached' });
    await navigation(other, 'Images').waitFor({ state: 'detached' });
    expect(await filter.inputValue()).toBe('shop');
    expect(await other.evaluate(() => performance.timeOrigin)).toBe(loadedAt);
    await press(page, 'Images');
    await column.waitFor();

    await page.goto(`${server.url}/?safe-mode=1`);
    await page.getByTestId('safe-mode').waitFor();
    await page.getByTestId('fleet-clusters').waitFor();
    expect(await widget(page).count()).toBe(0);
    expect(await navigation(page, 'Images').count()).toBe(0);
    expect(troubles).toEqual([]);
    expect(otherTroubles).toEqual([]);
  });

  it('whoever may not manage plugins sees them, and changes nothing', async () => {
    const { server, lab } = await serve();
    await lab.publish(clock('1.0.0'));
    await (await callPlugins(server)).install(labId('clock'));
    const call = await callServer(server);
    await call('POST', '/api/v1/users', { username: 'vera', password, role: 'viewer' });
    const { page, signIn, troubles } = await open();
    await signIn(server.url, 'vera');
    await widget(page).waitFor();
    await navigation(page, 'Plugins').click();
    await page.getByTestId('read-only').waitFor();
    await row(page, 'clock').getByText('Enabled', { exact: true }).waitFor();
    expect(await page.getByRole('switch', { name: 'Clock enabled' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Actions for Clock' }).count()).toBe(0);
    await page.goto(`${server.url}/plugins?tab=catalog`);
    await page.getByText('The catalog').first().waitFor();
    expect(await page.getByRole('link', { name: 'Install Clock' }).count()).toBe(0);
    const calls = await callPlugins(server, 'vera');
    const id = encodeURIComponent(labId('clock'));
    for (const [method, path] of [
      ['POST', `/plugins/${id}/disable`],
      ['DELETE', `/plugins/${id}`],
    ] as const)
      expect(await calls.change(method, path)).toMatchObject({ status: 403 });
    expect(troubles).toEqual([]);
  });

  it('is accessible on its pages, light and dark', async () => {
    const { server, lab } = await serve();
    await lab.publish(clock('1.1.0'), clock('1.0.0'));
    await (await callPlugins(server)).install(labId('clock'), '1.0.0');
    const visitor = await open();
    const { page } = visitor;
    await visitor.enter(server.url);
    const views = [
      ['plugins', '/plugins', () => row(page, 'clock')],
      ['plugins-catalog', '/plugins?tab=catalog', () => page.getByTestId(`catalog-${labId('clock')}`)],
      ['plugins-updates', '/plugins?tab=updates', () => page.getByTestId(`update-${labId('clock')}`)],
      ['plugin', '/plugins/lab~e2e~clock', () => page.getByRole('heading', { name: 'Clock' })],
      ['plugin-versions', '/plugins/lab~e2e~clock?tab=versions', () => page.getByTestId('version-1.1.0')],
      [
        'plugin-install',
        '/plugins/lab~e2e~clock?tab=versions&install=1.1.0',
        () => page.getByRole('button', { name: 'Install 1.1.0' }),
      ],
    ] as const;
    for (const [view, path, seen] of views) {
      await page.goto(`${server.url}${path}`);
      await seen().last().waitFor();
      await expectFit(visitor, view, [
        ['light', 1280, 800],
        ['dark', 1280, 800],
      ]);
    }
  });

  it('follows what fleetwire-plugin does in the folder of the server', async () => {
    const { server, lab } = await serve();
    await lab.publish(clock('1.0.0'));
    const { page, signIn, troubles } = await open();
    await signIn(server.url);
    await navigation(page, 'Plugins').click();
    await page.getByText('No plugin is installed').waitFor();
    await runPluginCli(server, lab, 'install', labId('clock'));
    await row(page, 'clock').waitFor();
    await navigation(page, 'Overview').click();
    await widget(page).filter({ hasText: 'clock 1.0.0' }).waitFor();
    await runPluginCli(server, lab, 'remove', labId('clock'));
    await widget(page).waitFor({ state: 'detached' });
    expect(troubles).toEqual([]);
  });
});

/** Changes an installed plugin behind the manager's back, to as many bytes. */
async function replaceInStore(server: ServerProcess, name: string, before: string, after: string): Promise<void> {
  const store = join(server.folder, 'plugins', 'store');
  const files = (await readdir(store, { recursive: true })).filter((path) => path.endsWith('index.js'));
  const path = join(store, files.find((file) => file.startsWith(`lab~e2e~${name}/`)) ?? '');
  await writeFile(path, (await readFile(path, 'utf8')).replace(before, after));
}
