import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { addPod, startFleet, type Fleet } from '../src/fleet.ts';
import { expectFit } from '../src/looks.ts';
import { startServer } from '../src/server-process.ts';

const configMaps = { group: '', version: 'v1', resource: 'configmaps' };
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const rows = (page: Page) => page.getByTestId('rows');
const row = (page: Page, name: string) => rows(page).getByRole('row').filter({ hasText: name });
const names = (page: Page) => page.locator('.fw-grid-row a').allInnerTexts();
const query = (page: Page, key: string) => new URL(page.url()).searchParams.get(key);
const poll = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 30_000 });

describe.skipIf(chromiumPath === undefined)('a list is worked with in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  async function open(
    clusters: readonly string[],
    prepare: (fleet: Fleet) => void,
    size?: Parameters<typeof visit>[1],
  ): Promise<Visitor & { readonly url: string }> {
    const fleet = await startFleet(clusters);
    undo.push(() => fleet.dispose());
    prepare(fleet);
    const server = await startServer({ env: { KUBECONFIG: fleet.kubeconfig } });
    undo.push(() => server.stop('SIGKILL'));
    const visitor = await visit(browser, size);
    undo.push(() => visitor.context.close());
    await visitor.enter(server.url);
    return { ...visitor, url: server.url };
  }

  it('by keyboard alone: go, filter, move, select, open and come back to the same list', async () => {
    const { page, url, complaints } = await open(['east'], (fleet) => {
      for (const name of ['shop-1', 'shop-2', 'shop-10', 'billing-1']) addPod(fleet.api('east'), name);
    });
    await page.goto(url);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await row(page, 'billing-1').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('shop', { delay: 10 });
    await page.getByTestId('count').filter({ hasText: '3 of 4' }).waitFor();
    expect(await page.getByLabel('Filter the rows').inputValue()).toBe('shop');
    await page.getByLabel('Filter the rows').blur();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByTestId('bulk').getByText('2 selected').waitFor();
    // What a screen reader is told is the active row is there, and is the one that is marked.
    const active = await rows(page).getAttribute('aria-activedescendant');
    expect(await page.locator('[data-active=true]').getAttribute('id')).toBe(active);
    await page.keyboard.press('Escape');
    await page.getByTestId('list-status').waitFor();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/clusters\/east\/v1~pods\/default\/shop-1$/);
    await page.getByRole('heading', { name: 'shop-1' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('count').filter({ hasText: '3 of 4' }).waitFor();
    expect(query(page, 'q')).toBe('shop');
    expect(complaints).toEqual([]);
  });

  it('keeps sort, columns and selectors in the address, says what is wrong with a selector, and saves it as a view', async () => {
    const { page, url, complaints, seriousFindings, picture } = await open(['east'], (fleet) => {
      for (const name of ['shop-1', 'shop-2', 'shop-10', 'billing-1']) addPod(fleet.api('east'), name);
    });
    await page.goto(`${url}/clusters/list?resource=v1/pods`);
    const head = page.getByRole('columnheader', { name: 'Name', exact: true });
    await head.getByRole('button').click();
    await poll(() => names(page)).toEqual(['billing-1', 'shop-1', 'shop-2', 'shop-10']);
    await head.getByRole('button').click();
    await poll(() => names(page)).toEqual(['shop-10', 'shop-2', 'shop-1', 'billing-1']);
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    await page.getByRole('button', { name: 'Choose columns' }).click();
    await page.getByLabel('Node', { exact: true }).check();
    await row(page, 'shop-1').first().getByText('node-1').waitFor();
    await page.keyboard.press('Escape');
    const labels = page.getByRole('textbox', { name: 'Labels selector' });
    await labels.fill('app in (shop');
    await page.getByText('A bracket is open').waitFor();
    expect(await names(page)).toHaveLength(4);
    await picture('list-selector-problem');
    expect(await seriousFindings()).toEqual([]);
    await labels.fill('app in (shop)');
    await poll(() => names(page)).toEqual(['shop-10', 'shop-2', 'shop-1']);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('Save this list as').fill('My shop');
    await page.keyboard.press('Enter');
    await poll(() => query(page, 'view')).toBe('My shop');

    await page.reload();
    await poll(() => names(page)).toEqual(['shop-10', 'shop-2', 'shop-1']);
    await page.getByRole('columnheader', { name: 'Node', exact: true }).waitFor();
    await page.goto(`${url}/clusters/list?resource=v1/services`);
    await page.getByText('No services in east').waitFor();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'My shop', exact: true }).click();
    await poll(() => names(page)).toEqual(['shop-10', 'shop-2', 'shop-1']);
    expect(query(page, 'sort')).toBe('-name');
    expect(complaints).toEqual([]);
  });

  it('deletes several objects only once what is asked for was typed, and names them before', async () => {
    const { page, url, complaints, seriousFindings, picture } = await open(['east', 'west'], (fleet) => {
      for (const cluster of ['east', 'west']) {
        for (const name of ['a', 'b']) {
          fleet.api(cluster).store.create(configMaps, 'default', {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: `settings-${name}` },
            data: { key: 'value' },
          });
        }
      }
    });
    await page.goto(`${url}/clusters/list?resource=v1/configmaps&q=settings`);
    await poll(() => names(page)).toHaveLength(4);
    await page.getByLabel('Select settings-a').first().click();
    await page.getByLabel('Select settings-b').last().click();
    // What the filter hides is not meant, and where one key would do it, that key is Cancel's.
    await page.getByLabel('Filter the rows').fill('settings-a');
    await page.getByTestId('bulk').getByText('and 1 that the filter hides').waitFor();
    await page.getByTestId('bulk').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('listitem').getByText('default/settings-a in east').waitFor();
    expect(await page.getByRole('dialog').getByRole('listitem').count()).toBe(1);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByLabel('Filter the rows').fill('settings');
    await page.getByText('2 selected').waitFor();
    await page.getByTestId('bulk').getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    await poll(() => dialog.getByRole('listitem').allInnerTexts()).toEqual([
      'default/settings-a in east',
      'default/settings-b in west',
    ]);
    const confirm = dialog.getByRole('button', { name: 'Delete' });
    expect(await confirm.isDisabled()).toBe(true);
    await picture('list-delete');
    expect(await seriousFindings()).toEqual([]);
    await dialog.getByRole('textbox').fill('delete 2 config maps');
    await confirm.click();
    await page.getByTestId('toast').filter({ hasText: 'Deleted 2 config maps' }).waitFor();
    await poll(async () => (await rows(page).innerText()).match(/settings-[ab]\s+(?:east|west)/g)).toEqual([
      expect.stringMatching(/settings-a\s+west/),
      expect.stringMatching(/settings-b\s+east/),
    ]);
    expect(complaints).toEqual([]);
  });

  it('is found by the palette: a kind, and a namespace once it is there', async () => {
    const { page, url, complaints, seriousFindings } = await open(['east'], (fleet) => {
      fleet.api('east').store.create({ group: '', version: 'v1', resource: 'namespaces' }, undefined, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'warehouse' },
      });
      addPod(fleet.api('east'), 'shelf-1', 'warehouse');
      addPod(fleet.api('east'), 'shop-1');
    });
    await page.goto(url);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).fill('wareh');
    await page.getByRole('option', { name: /warehouse/ }).waitFor();
    expect(await seriousFindings()).toEqual([]);
    await page.keyboard.press('Enter');
    await poll(() => names(page)).toEqual(['shelf-1']);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).fill('svc');
    await page.getByRole('option', { name: /^Services/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Services' }).waitFor();
    // Typed and entered before the list has followed: what was typed counts.
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).evaluate((field) => {
      Reflect.set(HTMLInputElement.prototype, 'value', 'deployments', field);
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    });
    await page.getByRole('heading', { name: 'Deployments' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('fits in light and dark, wide and narrow, without a serious fault', async () => {
    const visitor = await open(['east', 'west'], (fleet) => {
      for (let index = 0; index < 40; index += 1) addPod(fleet.api('east'), `shop-${String(index)}`);
    });
    const { page, url, seriousFindings } = visitor;
    for (const [view, path] of [
      ['clusters', '/clusters'],
      ['list', '/clusters/list?resource=v1/pods'],
      ['list-empty', '/clusters/list?resource=v1/services'],
    ] as const) {
      await page.goto(`${url}${path}`);
      await (view === 'clusters'
        ? page.getByTestId('counts').first().waitFor()
        : view === 'list'
          ? row(page, 'shop-1').first().waitFor()
          : page.getByTestId('state').waitFor());
      await expectFit(visitor, view, [
        ['dark', 1280, 800],
        ['light', 640, 400],
        ['dark', 390, 844],
        ['light', 390, 844],
      ]);
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.getByRole('button', { name: 'Open the navigation' }).click();
      await page.getByRole('dialog').getByRole('link', { name: 'Deployments' }).waitFor();
      expect(await seriousFindings(), `drawer, ${colorScheme}`).toEqual([]);
      await page.getByRole('dialog').getByRole('link', { name: 'Deployments' }).click();
      await page.getByRole('heading', { name: 'Deployments' }).waitFor();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    }
  });
});
