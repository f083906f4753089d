import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { addPod, startFleet } from '../src/fleet.ts';
import { callPlugins, labId, startPluginLab, watchTroubles, widgetModule, type PluginLab } from '../src/plugins.ts';
import { password, startServer, type ServerProcess } from '../src/server-process.ts';
import { callServer } from '../src/user-cluster.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const toast = (page: Page, text: string) => page.getByTestId('toast').filter({ hasText: text });
const focused = (page: Page) => page.evaluate(() => document.activeElement?.tagName);

/** A menu or dialog takes the focus a moment after it is there: what is pressed before then goes elsewhere. */
const takesFocus = (opened: Locator) =>
  expect.poll(() => opened.evaluate((element) => element.contains(document.activeElement))).toBe(true);

/** Throws what is no error, declares what it does not bring, and listens badly. */
const bad = {
  name: 'bad',
  title: 'Bad',
  contributes: {
    route: [{ id: 'never', path: '/never', title: 'Never' }],
    rowAction: [{ id: 'act', target: 'pods', title: 'Act' }],
    command: [
      { id: 'boom', title: 'Boom' },
      { id: 'slow', title: 'Slow' },
    ],
  },
  module: `
const noError = () => { throw Object.assign(new Error(), { message: { toString: 1 } }); };
export const plugin = {
  activate({ register, sdk }) {
    sdk.clusters.subscribe(noError);
    try { sdk.clusters.set([]); } catch { globalThis.couldNotSet = true; }
    register('overviewWidget', { id: 'widget', title: 'Bad widget', component: noError });
    register('command', { id: 'boom', title: 'Boom', run: noError });
    register('command', {
      id: 'slow',
      title: 'Slow',
      run: () => new Promise((resolve) => { globalThis.runs = (globalThis.runs ?? 0) + 1; globalThis.finish = resolve; }),
    });
    register('rowAction', { id: 'act', target: 'pods', title: 'Act', run() {}, isEnabled: noError });
  },
};
`,
};

/** Has a link and a button in its cells, which say that they are another row. */
const cells = {
  name: 'cells',
  title: 'Cells',
  module: `
import { createElement as h } from 'react';
const Cell = () => h('span', { 'data-key': 'another' },
  h('a', { href: '/connections' }, 'Lead away'),
  h('button', { onClick: () => { globalThis.presses = (globalThis.presses ?? 0) + 1; } }, 'Press'));
export const plugin = {
  activate({ register }) {
    register('listColumn', { id: 'c', target: 'v1/pods', title: 'Cells', component: Cell });
  },
};
`,
};

/** Listens to what is typed, and to what is sent; `hold` runs when its user signs out. */
const thief = (hold: string) => ({
  name: 'thief',
  title: 'Thief',
  module: `
export const plugin = {
  activate() {
    const real = globalThis.fetch;
    globalThis.stolen = [];
    globalThis.fetch = (url, init) => {
      if (String(url).includes('/auth/login')) globalThis.stolen.push(init?.body);
      return real(url, init);
    };
    document.addEventListener('input', ({ target }) => globalThis.stolen.push(target.value), true);
    // Chromium would ask whether to leave.
    addEventListener('beforeunload', (event) => event.preventDefault(), true);
    document.addEventListener('click', ({ target }) => {
      if (target.closest('button[aria-label^="Sign out"]') === null) return;
      globalThis.reportHeld();
      ${hold}
    }, true);
  },
};
`,
});

/** What code of a plugin may do so that the page with it stays when its user has signed out. */
const holds = {
  'only reads': '',
  'lets no request be answered': `
    globalThis.fetch = () => new Promise(() => undefined);`,
  'lets nothing be drawn': `
    const fail = () => { throw new Error('no'); };
    const { createElement } = document;
    document.createElement = (name, ...rest) => name === 'body' ? fail() : createElement.call(document, name, ...rest);
    Element.prototype.replaceWith = fail;
    HTMLElement.prototype.focus = fail;`,
  'stops what is loaded': `
    const { contentWindow } = document.body.appendChild(document.createElement('iframe'));
    const { stop } = contentWindow;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { stop.call(window); port2.postMessage(0); };
    port2.postMessage(0);
    setInterval(() => window.stop(), 1);`,
  'takes the place of what is loaded': `
    Event.prototype.stopImmediatePropagation = () => undefined;
    navigation.addEventListener('navigate', (event) => {
      if (event.navigationType === 'reload') event.intercept();
    }, true);`,
};

/** Fails where no boundary is, says a lot, and has a page that waits. */
const slip = {
  name: 'slip',
  title: 'Slip',
  module: `
import { createElement as h, use } from 'react';
const never = new Promise(() => undefined);
export const plugin = {
  activate({ register, sdk }) {
    register('overviewWidget', {
      id: 'w',
      title: 'Slip',
      component: () => h('button', { onClick() { throw new Error('no such row'); } }, 'Slip on it'),
    });
    register('command', {
      id: 'spam',
      title: 'Spam',
      run() { for (let n = 0; n < 100; n += 1) sdk.notify({ tone: 'bad', title: 'spam ' + n }); },
    });
    register('route', { id: 'r', path: '/slip', title: 'Slow page', component: () => use(never) });
  },
};
`,
};

/** Of a cluster that does not answer. */
const kubeconfig = [
  'apiVersion: v1',
  'kind: Config',
  'current-context: mine',
  'clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]',
  'users: [{name: u, user: {token: t}}]',
  'contexts: [{name: mine, context: {cluster: c, user: u}}]',
  '',
].join('\n');

describe.skipIf(chromiumPath === undefined)('what plugins do to the page in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  async function serve(): Promise<
    Visitor & { readonly server: ServerProcess; readonly lab: PluginLab; readonly troubles: readonly string[] }
  > {
    const fleet = await startFleet(['east']);
    undo.push(() => fleet.dispose());
    addPod(fleet.api('east'), 'shop-1');
    const lab = await startPluginLab();
    undo.push(() => lab.dispose());
    const server = await startServer({
      env: {
        KUBECONFIG: fleet.kubeconfig,
        FLEETWIRE_DEMO: 'off',
        FLEETWIRE_OWN_CLUSTER_NETWORKS: 'loopback',
        ...lab.env,
      },
    });
    undo.push(() => server.stop('SIGKILL'));
    const visitor = await visit(browser);
    undo.push(() => visitor.context.close());
    return { ...visitor, server, lab, troubles: await watchTroubles(visitor.page) };
  }

  it('a plugin that throws what is no error, and wherever it can, is named, and the page goes on', async () => {
    const { page, server, lab, troubles, signIn } = await serve();
    await lab.publish(bad);
    await (await callPlugins(server)).install(labId('bad'));
    const warnings: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'warning') warnings.push(message.text());
    });
    await signIn(server.url);
    const palette = async (command: string): Promise<void> => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Go to' }).fill(command);
      await page.getByRole('option', { name: new RegExp(command) }).waitFor();
      await page.keyboard.press('Enter');
    };
    await palette('Boom');
    await toast(page, '“Boom” failed').waitFor();
    await page.getByTestId('plugin-failed').getByText('The plugin “Bad” failed here.').waitFor();
    expect(await page.evaluate(() => (globalThis as { couldNotSet?: boolean }).couldNotSet)).toBe(true);

    // A command that takes its time says so, and does not run twice.
    await palette('Slow');
    await toast(page, '“Slow” is running').waitFor();
    await palette('Slow');
    expect(await page.evaluate(() => (globalThis as { runs?: number }).runs)).toBe(1);
    await page.evaluate(() => {
      (globalThis as unknown as { finish: () => void }).finish();
    });
    await toast(page, '“Slow” is running').waitFor({ state: 'detached' });

    // Whoever listens to the clusters hears of another one, and throws.
    await (
      await callServer(server)
    )('POST', '/api/v1/me/clusters', { kubeconfig });
    await expect.poll(() => warnings.filter((text) => text.includes('a listener failed')).length).toBeGreaterThan(0);
    expect(warnings.filter((text) => text.includes(labId('bad'))).length).toBeGreaterThan(1);
    expect(await page.getByRole('heading', { name: 'Overview' }).isVisible()).toBe(true);

    await page.goto(`${server.url}/never`);
    await page.getByRole('heading', { name: 'The plugin “Bad” does not bring this page' }).waitFor();
    await page.goto(`${server.url}/clusters/list?resource=v1/pods`);
    const row = page.getByTestId('rows').getByRole('row').filter({ hasText: 'shop-1' });
    await row.getByRole('checkbox').click();
    await page.getByRole('button', { name: 'Act', exact: true }).click();
    await page.getByRole('button', { name: 'Act failed' }).waitFor();
    expect(troubles).toEqual([]);
  });

  it('links and buttons in its cells are its own, and the rest of a row leads to the object', async () => {
    const { page, server, lab, troubles, signIn } = await serve();
    await lab.publish(cells);
    await (await callPlugins(server)).install(labId('cells'));
    await signIn(server.url);
    await page.goto(`${server.url}/clusters/list?resource=v1/pods`);
    const row = page.getByTestId('rows').getByRole('row').filter({ hasText: 'shop-1' });
    await row.getByRole('button', { name: 'Press' }).click();
    expect(await page.evaluate(() => (globalThis as { presses?: number }).presses)).toBe(1);
    expect(new URL(page.url()).pathname).toBe('/clusters/list');
    const loadedAt = await page.evaluate(() => performance.timeOrigin);
    await row.getByRole('link', { name: 'Lead away' }).click();
    await page.waitForURL(`${server.url}/connections`);
    expect(await page.evaluate(() => performance.timeOrigin)).toBe(loadedAt);
    await page.goBack();
    // Beside the button, in the same cell.
    await row.locator('[data-plugin]').click({ position: { x: 2, y: 2 } });
    await page.getByRole('heading', { name: 'shop-1' }).waitFor();
    expect(troubles).toEqual([]);
  });

  it('the focus is never lost on the page of a plugin, and what is gone is not asked for', async () => {
    const { page, server, lab, complaints, signIn } = await serve();
    await lab.publish(cells);
    await signIn(server.url);
    await page.goto(`${server.url}/plugins?tab=catalog`);
    await page.getByRole('link', { name: 'Install Cells' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Install Cells 1.0.0' });
    const cancel = dialog.getByRole('button', { name: 'Cancel' });
    await expect.poll(() => cancel.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('H1');
    await page.getByRole('button', { name: 'Install', exact: true, disabled: false }).press('Enter');
    await takesFocus(dialog);
    await dialog.getByRole('button', { name: 'Install 1.0.0', disabled: false }).press('Enter');
    await toast(page, 'Cells 1.0.0').waitFor();
    await expect.poll(() => focused(page)).toBe('H1');
    await page.getByRole('button', { name: 'Actions for Cells', disabled: false }).press('Enter');
    await takesFocus(page.getByRole('menu'));
    await page.getByRole('menuitem', { name: 'Remove', disabled: false }).press('Enter');
    const removal = page.getByRole('dialog', { name: 'Remove plugin' });
    await takesFocus(removal);
    await removal.getByRole('button', { name: 'Remove', disabled: false }).press('Enter');
    await page.getByRole('button', { name: 'Install', exact: true }).waitFor();
    await expect.poll(() => focused(page)).toBe('H1');
    expect(complaints).toEqual([]);
  });

  it.each(Object.entries(holds))('code of a plugin that was disabled and %s sees nobody sign in', async (_, hold) => {
    const { page, server, lab, troubles, signIn } = await serve();
    await (
      await callServer(server)
    )('POST', '/api/v1/users', { username: 'vera', password, role: 'viewer' });
    await lab.publish(thief(hold));
    const calls = await callPlugins(server);
    await calls.install(labId('thief'));
    const held = vi.fn();
    await page.exposeFunction('reportHeld', held);
    await signIn(server.url);
    const stolen = () => page.evaluate(() => (globalThis as { stolen?: string[] }).stolen);
    await expect.poll(stolen).toEqual([]);
    await page.goto(`${server.url}/plugins`);
    await expect.poll(stolen).toEqual([]);
    await page.getByRole('switch', { name: 'Thief enabled', disabled: false }).click({ force: true });
    await page.getByText('Its code stays in this tab until it is loaded anew.').waitFor();
    page.on('dialog', (dialog) => void dialog.dismiss());
    const heard: number[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('/auth/logout')) heard.push(response.status());
    });
    await page.getByRole('button', { name: /^Sign out/ }).click();
    // Where no answer comes, the page waits for 15 s; the next one signs out then.
    await expect.poll(stolen, { timeout: 25_000 }).toBeUndefined();
    expect(held).toHaveBeenCalledTimes(1);
    await expect.poll(() => heard).toEqual([204]);
    await page.getByLabel('User name').fill('vera');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign out vera' }).waitFor();
    expect(await stolen()).toBeUndefined();
    expect(troubles).toEqual([]);
  });

  it('what fails in a handler is named, notices keep to their places, and a page that waits says so', async () => {
    const { page, server, lab, signIn } = await serve();
    await lab.publish(slip);
    const calls = await callPlugins(server);
    await calls.install(labId('slip'));
    await signIn(server.url);
    await page.getByRole('button', { name: 'Slip on it' }).click();
    await toast(page, 'Something of the plugin “Slip” failed').getByText('no such row').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).fill('Spam');
    await page.getByRole('option', { name: /Spam/ }).waitFor();
    await page.keyboard.press('Enter');
    await toast(page, 'Slip: spam 99').waitFor();
    // What the dashboard said of it stays.
    expect(await page.getByTestId('toast').count()).toBe(3);
    await toast(page, 'Something of the plugin “Slip” failed').waitFor();
    await page.getByRole('link', { name: 'Plugins', exact: true }).first().click();
    await page
      .getByTestId(`plugin-${labId('slip')}`)
      .getByText('Active, has crashed')
      .waitFor();
    await page.goto(`${server.url}/slip`);
    await page.locator('.fw-plugin-content').getByTestId('loading').waitFor();

    // Safe mode is the tab's, and not that of one address.
    await page.goto(`${server.url}/?safe-mode=1`);
    await page.getByTestId('safe-mode').waitFor();
    await page.goto(server.url);
    await page.getByRole('link', { name: 'Leave safe mode' }).click();
    await page.getByRole('button', { name: 'Slip on it' }).waitFor();

    // A page of one that is disabled leads those who can enable it there.
    await calls.change('POST', '/plugins/lab~e2e~slip/disable');
    await page.goto(`${server.url}/slip`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Slip' }).click();
    await page.getByRole('heading', { name: 'Slip' }).waitFor();
  });

  it('a server that is away for a moment costs no plugin, and a list that never comes holds up nothing', async () => {
    const { page, server, lab, troubles, signIn } = await serve();
    await lab.publish({ name: 'clock', title: 'Clock', module: widgetModule('tick') });
    const calls = await callPlugins(server);
    await calls.install(labId('clock'));
    let fetches = 0;
    await page.route('**/plugins/lab~e2e~clock/**', (route) => {
      fetches += 1;
      return fetches === 1 ? route.fulfill({ status: 503, headers: { 'retry-after': '1' } }) : route.fallback();
    });
    await signIn(server.url);
    await page.getByTestId('widget').waitFor();
    expect(await page.getByTestId('toast').count()).toBe(0);
    let lists = 0;
    await page.route('**/api/v1/plugins/runtime', (route) => {
      lists += 1;
      // The first is never answered.
      return lists === 1 ? undefined : route.fallback();
    });
    await calls.change('POST', '/plugins/lab~e2e~clock/pin', {});
    await expect.poll(() => lists).toBe(1);
    await calls.change('POST', '/plugins/lab~e2e~clock/disable');
    await page.getByTestId('widget').waitFor({ state: 'detached', timeout: 12_000 });
    expect(troubles.filter((text) => !text.includes('503'))).toEqual([]);
  });
});
