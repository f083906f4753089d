import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { addPod, startFleet } from '../src/fleet.ts';
import { callPlugins, labId, startPluginLab, watchTroubles, type PluginLab } from '../src/plugins.ts';
import { startServer, type ServerProcess } from '../src/server-process.ts';
import { callServer } from '../src/user-cluster.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const toast = (page: Page, text: string) => page.getByTestId('toast').filter({ hasText: text });
const focused = (page: Page) => page.evaluate(() => document.activeElement?.tagName);

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
    const enable = dialog.getByLabel('Enable it once it is installed');
    await expect.poll(() => enable.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('H1');
    await page.getByRole('button', { name: 'Install', exact: true, disabled: false }).press('Enter');
    await dialog.getByRole('button', { name: 'Install 1.0.0', disabled: false }).press('Enter');
    await toast(page, 'Cells 1.0.0').waitFor();
    await expect.poll(() => focused(page)).toBe('H1');
    await page.getByRole('button', { name: 'Actions for Cells', disabled: false }).press('Enter');
    await page.getByRole('menuitem', { name: 'Remove', disabled: false }).press('Enter');
    await page
      .getByRole('dialog', { name: 'Remove plugin' })
      .getByRole('button', { name: 'Remove', disabled: false })
      .press('Enter');
    await page.getByRole('button', { name: 'Install', exact: true }).waitFor();
    await expect.poll(() => focused(page)).toBe('H1');
    expect(complaints).toEqual([]);
  });
});
