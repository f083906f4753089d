import { appendFile, chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { callPlugins, labId, startPluginLab, widgetModule, type PluginLab, type PluginSource } from '../src/plugins.ts';
import { password, startServer, type ServerProcess } from '../src/server-process.ts';
import { callServer } from '../src/user-cluster.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const row = (page: Page, name: string) => page.getByTestId(`plugin-${labId(name)}`);
const toast = (page: Page, text: string) => page.getByTestId('toast').filter({ hasText: text });
const addressOf = (name: string) => `/plugins/lab~e2e~${name}`;
const choose = async (page: Page, title: string, item: string): Promise<void> => {
  await page.getByRole('button', { name: `Actions for ${title}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
};
const plugin = (name: string, version = '1.0.0'): PluginSource => ({
  name,
  title: `The ${name}`,
  version,
  changes: [`what is new in ${version}`],
  module: widgetModule(name),
});

describe.skipIf(chromiumPath === undefined)('the pages of plugins in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  async function serve(
    options?: Parameters<typeof visit>[1],
  ): Promise<Visitor & { readonly server: ServerProcess; readonly lab: PluginLab }> {
    const lab = await startPluginLab();
    undo.push(() => lab.dispose());
    const server = await startServer({ env: { ...lab.env, FLEETWIRE_DEMO: 'off' } });
    undo.push(() => server.stop('SIGKILL'));
    const visitor = await visit(browser, options);
    undo.push(() => visitor.context.close());
    await visitor.enter(server.url);
    return { ...visitor, server, lab };
  }

  it('a failure is told with its code, and with all that is known of it', async () => {
    const { page, server, lab, seriousFindings } = await serve();
    await lab.publish(plugin('clock'));
    lab.catalog.fail('/archives/', { kind: 'body', body: 'no archive', type: 'application/gzip' });
    await page.goto(`${server.url}${addressOf('clock')}?install=newest`);
    await page.getByRole('button', { name: 'Install 1.0.0' }).click();
    const failed = toast(page, 'Could not install The clock');
    await failed.getByText('E_INTEGRITY').waitFor();
    await failed.getByRole('button', { name: 'Details' }).click();
    const details = page.getByRole('dialog', { name: 'Install The clock' });
    await details.getByTestId('operation-failure').getByText('Checking the digest').waitFor();
    expect(page.url()).toContain('op=');
    expect(await seriousFindings()).toEqual([]);
    // Its address shows the same again.
    await page.reload();
    await page.getByTestId('operation-failure').waitFor();
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    expect(page.url()).toBe(`${server.url}/plugins`);
  });

  it('a switch that the server refuses goes back, and says why', async () => {
    const { page, server, lab } = await serve();
    await lab.publish(plugin('clock'));
    await (await callPlugins(server)).install(labId('clock'));
    await page.route('**/disable', (route) =>
      route.fulfill({
        status: 422,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'E_STORE', detail: 'the store says no' }),
      }),
    );
    await page.goto(`${server.url}/plugins`);
    // Disabled until it is known who may manage plugins.
    const enabled = page.getByRole('switch', { name: 'The clock enabled', disabled: false });
    await enabled.press('Space');
    await toast(page, 'The clock is still enabled').getByText('the store says no').waitFor();
    expect(await enabled.isChecked()).toBe(true);
  });

  it('updates all but those that are pinned, and names these', async () => {
    const { page, server, lab, seriousFindings } = await serve();
    const names = ['clock', 'notes', 'images'];
    const calls = await callPlugins(server);
    for (const name of names) {
      await lab.publish(plugin(name));
      await calls.install(labId(name));
    }
    for (const name of names) await lab.publish(plugin(name, '1.1.0'), plugin(name));
    await page.goto(`${server.url}/plugins`);
    await row(page, 'clock').getByText('1.1.0 available').waitFor();
    await choose(page, 'The notes', 'Pin to 1.0.0');
    await row(page, 'notes').getByText('pinned').waitFor();
    await page.getByRole('link', { name: 'Updates' }).click();
    expect(await page.getByTestId('pinned').innerText()).toBe('Pinned, so left alone: The notes');
    const update = page.getByTestId(`update-${labId('clock')}`);
    expect(await update.innerText()).toContain('what is new in 1.1.0');
    await update.getByRole('button', { name: 'Compatibility' }).click();
    await update.getByText('Fits this server').waitFor();
    expect(await seriousFindings()).toEqual([]);
    await page.getByRole('button', { name: 'Update all 2' }).click();
    await toast(page, 'The clock was updated to 1.1.0').waitFor();
    await toast(page, 'The images was updated to 1.1.0').waitFor();
    await page.getByText('Everything is up to date').waitFor();
  });

  it('finds files that were changed, and brings back those of the archive', async () => {
    const { page, server, lab } = await serve();
    await lab.publish(plugin('clock'));
    await (await callPlugins(server)).install(labId('clock'));
    const builds = join(server.folder, 'plugins', 'store', 'lab~e2e~clock');
    const [build = ''] = await readdir(builds);
    const file = join(builds, build, 'files', 'index.js');
    await chmod(file, 0o644);
    await appendFile(file, '// more');
    await page.goto(`${server.url}/plugins`);
    await choose(page, 'The clock', 'Verify its files');
    const report = page.getByRole('dialog', { name: 'The clock is not intact' });
    await report.getByText('index.js').waitFor();
    await report.getByRole('button', { name: 'Repair' }).click();
    await toast(page, 'The clock was repaired').waitFor();
    await choose(page, 'The clock', 'Verify its files');
    await toast(page, 'The clock is intact').waitFor();
  });

  it('another publisher is installed only by whoever accepts it', async () => {
    const { page, server, lab } = await serve({ width: 390, height: 844, colorScheme: 'dark' });
    await lab.publish(plugin('clock'));
    await (await callPlugins(server)).install(labId('clock'));
    await lab.publish(plugin('clock', '2.0.0'));
    // The same repository under its name, and no longer the same.
    const repositoryId = 'somebody-else';
    await page.route('**/api/v1/plugin-catalog/lab/e2e/clock/2.0.0', async (route) => {
      const answer = (await (await route.fetch()).json()) as { readonly release: object };
      await route.fulfill({ json: { ...answer, publisher: 'changed', release: { ...answer.release, repositoryId } } });
    });
    await page.goto(`${server.url}${addressOf('clock')}?install=2.0.0`);
    const install = page.getByRole('button', { name: 'Install 2.0.0' });
    await page.getByTestId('publisher').getByText('somebody else may publish').waitFor();
    expect(await install.isDisabled()).toBe(true);
    await page.getByLabel(/Another publisher is all right/).check();
    const sent = page.waitForRequest(
      (request) => request.method() === 'POST' && request.url().endsWith('/api/v1/plugins'),
    );
    await install.click();
    expect((await sent).postDataJSON()).toMatchObject({ id: labId('clock'), version: '2.0.0', acceptPublisher: true });
  });

  it('what is not live any more is marked, and stays to be read', async () => {
    const { page, server, lab } = await serve();
    await lab.publish(plugin('clock'));
    await (await callPlugins(server)).install(labId('clock'));
    await page.goto(`${server.url}/plugins`);
    await row(page, 'clock').waitFor();
    await server.stop('SIGKILL');
    await page.getByTestId('notice').waitFor();
    expect(await row(page, 'clock').isVisible()).toBe(true);
  });

  it('tells of an operation that ends while another page is open, and after a reload of one that ended meanwhile', async () => {
    const { page, server, lab } = await serve();
    for (const name of ['clock', 'notes', 'lists', 'maps']) await lab.publish(plugin(name));
    /** Resolves with what lets the download end. */
    const begin = async (name: string): Promise<() => void> => {
      const release = lab.catalog.fail(`/archives/e2e/${name}/`, { kind: 'held' });
      await page.goto(`${server.url}${addressOf(name)}?install=newest`);
      await page.getByRole('button', { name: 'Install 1.0.0' }).click();
      await page.getByRole('progressbar', { name: `Installing The ${name}` }).waitFor();
      return release;
    };
    const endOfClock = await begin('clock');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Overview' }).first().click();
    await page.waitForURL(`${server.url}/`);
    endOfClock();
    await toast(page, 'The clock 1.0.0 was installed').waitFor();
    expect(page.url()).toBe(`${server.url}/`);
    const endOfNotes = await begin('notes');
    await page.goto('about:blank');
    endOfNotes();
    const calls = await callPlugins(server);
    await expect.poll(async () => (await calls.list()).items.length).toBe(2);
    await page.goto(server.url);
    await toast(page, 'The notes 1.0.0 was installed').waitFor();
    await page.reload();
    const later = await visit(browser);
    undo.push(() => later.context.close());
    // Each is told of what ends while it is open, and by then would have been told of what ended before.
    for (const [watching, name] of [
      [page, 'lists'],
      [later.page, 'maps'],
    ] as const) {
      if (watching === later.page) await later.signIn(server.url);
      await watching.getByTestId('connection').getByText(/^Live/).waitFor();
      await calls.install(labId(name));
      await toast(watching, `The ${name} 1.0.0 was installed`).waitFor();
      expect(await watching.getByTestId('toast').count()).toBe(1);
    }
  });

  it('a theme of a plugin is there from the first paint of a reload on, and goes with the sign-in', async () => {
    const { page, server, lab } = await serve();
    const theme = { id: 'paper', title: 'Paper', colorScheme: 'light', variables: { '--fw-bg': '#fdf6e3' } };
    await lab.publish({ ...plugin('looks'), contributes: { theme: [theme] } });
    await (await callPlugins(server)).install(labId('looks'));
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Choose a theme' }).click();
    await page.getByRole('menuitemradio', { name: 'Paper' }).click();
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const paper = 'rgb(253, 246, 227)';
    await expect.poll(background).toBe(paper);
    let list: () => void = () => undefined;
    const isListed = new Promise<void>((resolve) => {
      list = resolve;
    });
    await page.route('**/api/v1/plugins/runtime', async (route) => {
      await isListed;
      await route.continue();
    });
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(await background()).toBe(paper);
    list();
    await page.getByRole('button', { name: 'Choose a theme' }).waitFor();
    expect(await background()).toBe(paper);
    await page.getByRole('button', { name: /^Sign out/ }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await background()).not.toBe(paper);
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await background()).not.toBe(paper);
  });

  it('a README is set where it keeps the page from nothing, and shown as it was written where that takes too much', async () => {
    const { page, server, lab, complaints, seriousFindings } = await serve();
    const long = `# The long\n\n${'A line of the text.\n'.repeat(10_000)}`;
    await lab.publish({ ...plugin('honest'), readme: '# The honest\n\n## How it looks\n\na | b\n-- | --\n1 | 2' });
    await lab.publish({ ...plugin('quotes'), readme: '>'.repeat(8_000) });
    await lab.publish({ ...plugin('strong'), readme: '**a'.repeat(15_000) });
    await lab.publish({ ...plugin('long'), readme: long });
    const readme = page.getByTestId('readme');
    const isPlain = readme.getByText('It stands here as it was written');

    await page.goto(`${server.url}${addressOf('honest')}`);
    await readme.getByRole('heading', { name: 'How it looks', level: 4 }).waitFor();
    expect(await readme.getByRole('cell').allInnerTexts()).toEqual(['1', '2']);
    expect(await seriousFindings()).toEqual([]);

    await page.goto(`${server.url}${addressOf('quotes')}`);
    await isPlain.waitFor();
    expect(await page.getByRole('heading', { name: 'The quotes', level: 1 }).isVisible()).toBe(true);

    await page.goto(`${server.url}${addressOf('strong')}`);
    await page.getByRole('heading', { name: 'The strong', level: 1 }).waitFor();
    // While it is parsed; the page itself would not answer for half a minute.
    await page.getByLabel('Loading the README').waitFor();
    await page.getByRole('link', { name: 'Versions' }).click({ timeout: 3_000 });
    await page.getByTestId('version-1.0.0').waitFor({ timeout: 3_000 });
    await page.getByRole('link', { name: 'About' }).click();
    await isPlain.waitFor();
    expect(await seriousFindings()).toEqual([]);

    await page.goto(`${server.url}${addressOf('long')}`);
    await page.getByTestId('readme-cut').waitFor();
    expect((await readme.innerText()).length).toBeLessThan(65_600);
    expect(complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([]);
  });

  it('a second Enter installs nothing', async () => {
    const { page, server, lab } = await serve();
    await lab.publish(plugin('clock'));
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.goto(`${server.url}/plugins?tab=catalog`);
    await page.getByRole('link', { name: 'Install The clock' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Install The clock 1.0.0' });
    const cancel = dialog.getByRole('button', { name: 'Cancel' });
    await expect.poll(() => cancel.evaluate((button) => button === document.activeElement)).toBe(true);
    await dialog.getByRole('checkbox', { name: 'Enable it' }).press('Enter');
    expect(await dialog.isVisible()).toBe(true);
    await cancel.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(sent).not.toContain('POST /api/v1/plugins');
  });

  it('plugins of the same title are told apart wherever they are named', async () => {
    const { page, server, lab } = await serve();
    const [clock, fake] = [labId('clock'), labId('fake')];
    await lab.publish({ ...plugin('clock'), title: 'Clock' });
    await lab.publish({ ...plugin('fake'), title: 'clock', contributes: { command: [{ id: 'c', title: 'Do it' }] } });
    const calls = await callPlugins(server);
    await calls.install(clock);
    await page.goto(`${server.url}/plugins?tab=catalog`);
    await page.getByRole('link', { name: `Install clock (${fake})` }).click();
    const dialog = page.getByRole('dialog', { name: `Install clock (${fake}) 1.0.0` });
    await dialog.getByRole('button', { name: 'Install 1.0.0' }).click();
    await toast(page, `clock (${fake}) 1.0.0 was installed`).waitFor();
    await page.goto(`${server.url}/plugins`);
    for (const name of [`Clock (${clock})`, `clock (${fake})`]) {
      await page.getByRole('switch', { name: `${name} enabled`, exact: true }).waitFor();
      await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).waitFor();
      await page.getByRole('link', { name, exact: true }).first().waitFor();
    }
    const from = page.getByRole('row', { name: 'Do it' }).getByRole('link');
    expect(await from.innerText()).toBe(`clock (${fake})`);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).fill('Do it');
    await page.getByRole('option', { name: 'Do it' }).getByText(`Command · clock (${fake})`, { exact: true }).waitFor();
  });

  it('an answer that is lost takes no controls off the page', async () => {
    const { page, server, lab } = await serve();
    await lab.publish(plugin('clock'));
    await (await callPlugins(server)).install(labId('clock'));
    let asked = 0;
    await page.route('**/plugin-catalog/sources', (route) => {
      asked += 1;
      return asked === 1 ? route.abort() : route.fallback();
    });
    await page.goto(`${server.url}/plugins`);
    await page.getByRole('button', { name: 'Actions for The clock' }).waitFor();
    expect(asked).toBeGreaterThan(1);
  });

  it('a store that was put back to what it was is shown as it is', async () => {
    const { page, server, lab } = await serve();
    await lab.publish(plugin('clock'));
    const calls = await callPlugins(server);
    await calls.install(labId('clock'));
    const state = join(server.folder, 'plugins', 'state.json');
    const before = await readFile(state);
    for (const change of ['disable', 'enable', 'disable'])
      await calls.change('POST', `/plugins/lab~e2e~clock/${change}`);
    await page.goto(`${server.url}/plugins`);
    const enabled = page.getByRole('switch', { name: 'The clock enabled' });
    await enabled.waitFor();
    expect(await enabled.isChecked()).toBe(false);
    await server.stop();
    await writeFile(state, before);
    const { folder, port } = server;
    const again = await startServer({ folder, port, env: { ...lab.env, FLEETWIRE_DEMO: 'off' } });
    undo.push(() => again.stop('SIGKILL'));
    await expect.poll(() => enabled.isChecked(), { timeout: 30_000 }).toBe(true);
  });

  it('a store that has lost its state is told of once, with what helps', async () => {
    const { page, server, lab } = await serve();
    await lab.publish(plugin('clock'));
    await (await callPlugins(server)).install(labId('clock'));
    await page.goto(`${server.url}/plugins`);
    await row(page, 'clock').waitFor();
    await server.stop();
    await writeFile(join(server.folder, 'plugins', 'state.json'), '{');
    const { folder, port } = server;
    const again = await startServer({ folder, port, env: { ...lab.env, FLEETWIRE_DEMO: 'off' } });
    undo.push(() => again.stop('SIGKILL'));
    const state = page.getByTestId('state');
    const why = state.getByText('What the store holds cannot be read. A repair brings back what the receipts');
    // In a page that has the list from before, and in one that has not.
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('link', { name: 'Plugins', exact: true }).click();
    await why.waitFor();
    await page.reload();
    await why.waitFor();
    expect(await page.getByTestId('not-listed').count()).toBe(0);
    await state.getByRole('button', { name: 'Repair the store' }).click();
    await row(page, 'clock').getByTestId('standing').getByText('Disabled').waitFor();
  });

  it('of an operation that was lost, its plugin and what is installed are shown', async () => {
    const { page, server, lab } = await serve();
    await lab.publish(plugin('clock'));
    lab.catalog.fail('/archives/', { kind: 'held' });
    await page.goto(`${server.url}${addressOf('clock')}?install=newest`);
    await page.getByRole('button', { name: 'Install 1.0.0' }).click();
    await page.getByRole('progressbar', { name: 'Installing The clock' }).waitFor();
    await server.stop('SIGKILL');
    const { folder, port } = server;
    const again = await startServer({ folder, port, env: { ...lab.env, FLEETWIRE_DEMO: 'off' } });
    undo.push(() => again.stop('SIGKILL'));
    const lost = toast(page, 'nobody knows what came of it');
    await lost.getByText('It is not installed now.').waitFor({ timeout: 30_000 });
    await lost.getByRole('button', { name: 'See the plugin' }).click();
    await page.getByRole('heading', { name: 'The clock', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Install', exact: true }).waitFor();
  });

  it('what an install comes to is told by what is installed already, and a switch by a word to those who may not use it', async () => {
    const { page, server, lab, signIn, seriousFindings } = await serve();
    await lab.publish(plugin('clock', '1.1.0'), plugin('clock'));
    const calls = await callPlugins(server);
    await calls.install(labId('clock'), '1.1.0');
    for (const [version, text] of [
      ['1.1.0', 'It is installed already.'],
      ['1.0.0', 'It is older than 1.1.0, which is installed.'],
    ] as const) {
      await page.goto(`${server.url}${addressOf('clock')}?install=${version}`);
      await page.getByTestId('takes-place').getByText(text).waitFor();
    }
    await page.goto(server.url);
    await page.getByRole('button', { name: /^Sign out/ }).click();
    const call = await callServer(server);
    await call('POST', '/api/v1/users', { username: 'vera', password, role: 'viewer' });
    await signIn(server.url, 'vera');
    await page.goto(`${server.url}/plugins`);
    await page.getByTestId('read-only').waitFor();
    await row(page, 'clock').getByText('Enabled', { exact: true }).waitFor();
    expect(await page.getByRole('switch').count()).toBe(0);
    expect(await seriousFindings()).toEqual([]);
    await calls.change('POST', '/plugins/lab~e2e~clock/disable');
    await row(page, 'clock').getByText('Disabled', { exact: true }).waitFor();
    await page.goto(`${server.url}${addressOf('clock')}`);
    await page.getByTestId('standing').getByText('Disabled').waitFor();
    expect(await page.getByRole('switch').count()).toBe(0);
  });
});
