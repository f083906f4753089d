import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { addPod, startFleet } from '../src/fleet.ts';
import { password, startServer, type ServerProcess } from '../src/server-process.ts';
import { callServer, kubeconfigOf, startUserCluster, type UserCluster } from '../src/user-cluster.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const token = 'a-token-of-the-user';
const ownPath = '/api/v1/me/clusters';
const poll = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 30_000 });
const names = (page: Page) => page.locator('.fw-grid-row a').allInnerTexts();
/** Without what a browser writes by itself of an answer that refuses, or of a cluster that cannot be asked. */
const ofThePage = (complaints: readonly string[]) =>
  complaints.filter((text) => !/^Failed to load resource: the server responded with a status of (?:4|502)/.test(text));

/** Pastes as a user does, into what has the focus. */
async function paste({ page, context }: Visitor, text: string): Promise<void> {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((given) => navigator.clipboard.writeText(given), text);
  await page.keyboard.press('Control+V');
}

describe.skipIf(chromiumPath === undefined)('clusters of a user in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  async function open(server: Pick<ServerProcess, 'url'>, options?: Parameters<typeof visit>[1], username?: string) {
    const visitor = await visit(browser, options);
    undo.push(() => visitor.context.close());
    await visitor.signIn(server.url, username);
    return visitor;
  }

  async function serve(networks: string, folder?: string): Promise<ServerProcess> {
    const fleet = await startFleet(['east']);
    undo.push(() => fleet.dispose());
    const server = await startServer({
      env: { KUBECONFIG: fleet.kubeconfig, FLEETWIRE_OWN_CLUSTER_NETWORKS: networks },
      ...(folder === undefined ? {} : { folder }),
    });
    undo.push(() => server.stop('SIGKILL'));
    return server;
  }

  async function startCluster(): Promise<UserCluster> {
    const cluster = await startUserCluster(token);
    undo.push(() => cluster.dispose());
    addPod(cluster.api, 'shop-1');
    return cluster;
  }

  it('what was entered is not thrown away by Escape or the cross without a question, nor what is being sent', async () => {
    const cluster = await startCluster();
    const server = await serve('loopback');
    const { page } = await open(server);
    await page.goto(`${server.url}/clusters`);
    const add = page.getByRole('button', { name: 'Add kubeconfig' }).first();
    const dialog = page.getByRole('dialog', { name: 'Add kubeconfig' });
    const question = page.getByRole('dialog', { name: /^Leave/ });
    await add.click();
    await dialog.getByRole('textbox').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await add.click();
    await dialog.getByRole('textbox').fill(kubeconfigOf(cluster));
    const context = dialog.getByRole('textbox', { name: 'Name of the cluster of mine' });
    await context.fill('lab');
    await page.keyboard.press('Escape');
    await question.getByText('What you entered is lost.').waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    expect(await context.inputValue()).toBe('lab');

    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route(`**${ownPath}`, async (route) => {
      if (route.request().method() === 'POST') await held;
      await route.continue();
    });
    await dialog.getByRole('button', { name: 'Add cluster' }).click();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await question.getByText('They may be added all the same.').waitFor();
    release();
    await page.getByTestId('toast').filter({ hasText: 'Added lab' }).waitFor();
    await dialog.waitFor({ state: 'detached' });

    await add.click();
    await dialog.getByRole('textbox').fill(kubeconfigOf(cluster));
    await dialog.getByRole('button', { name: 'Close' }).click();
    await question.getByRole('button', { name: 'Leave' }).click();
    await dialog.waitFor({ state: 'detached' });
    await add.click();
    expect(await dialog.getByRole('textbox').inputValue()).toBe('');
  });

  it('are added by a paste, used by their user alone, renamed, and removed while a list of theirs is open', async () => {
    const cluster = await startCluster();
    const server = await serve('loopback');
    const call = await callServer(server);
    await call('POST', '/api/v1/users', { username: 'ben', password, role: 'operator' });

    const visitor = await open(server);
    const { page, context, complaints, seriousFindings, picture } = visitor;
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith(ownPath)) sent.push(request.postData() ?? '');
    });
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).fill('add kube');
    await page.getByRole('option', { name: /Add kubeconfig/ }).waitFor();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Add kubeconfig' });
    await dialog.getByRole('textbox').waitFor();
    await paste(visitor, kubeconfigOf(cluster));
    // What was pasted is not shown any more, for it holds credentials.
    await dialog.getByText('Pasted text').waitFor();
    expect(await dialog.getByRole('checkbox', { name: /mine/ }).isChecked()).toBe(true);
    expect(await dialog.getByRole('checkbox', { name: 'cloud' }).isDisabled()).toBe(true);
    await dialog.getByText('a program (cloud-login)').waitFor();
    await dialog.getByRole('textbox', { name: 'Name of the cluster of mine' }).fill('east');
    await dialog.getByText('There is a cluster “east” already').waitFor();
    expect(await dialog.getByRole('button', { name: 'Add cluster' }).isDisabled()).toBe(true);
    await picture('own-clusters-add');
    expect(await seriousFindings()).toEqual([]);
    await dialog.getByRole('textbox', { name: 'Name of the cluster of mine' }).fill('lab');
    await page.keyboard.press('Enter');
    await page.getByTestId('toast').filter({ hasText: 'Added lab' }).waitFor();

    const card = page.getByTestId('cluster-lab');
    await card.getByText('Ready').waitFor();
    await card.getByText('yours').waitFor();
    expect(await page.getByTestId('cluster-east').getByText('yours').count()).toBe(0);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toContain(token);
    expect(sent[0]).not.toContain('another-secret');
    expect(await page.evaluate(() => JSON.stringify([location.href, { ...localStorage }]))).not.toContain(token);
    await picture('own-clusters');
    expect(await seriousFindings()).toEqual([]);

    await card.getByRole('link', { name: 'lab' }).click();
    await poll(() => names(page)).toEqual(['shop-1']);
    addPod(cluster.api, 'shop-2');
    await poll(() => names(page)).toEqual(['shop-1', 'shop-2']);

    const other = await open(server, undefined, 'ben');
    await other.page.goto(`${server.url}/clusters`);
    await other.page.getByTestId('cluster-east').getByText('Ready').waitFor();
    expect(await other.page.getByTestId('cluster-lab').count()).toBe(0);
    await other.page.goto(`${server.url}/clusters/list?resource=v1/pods&clusters=lab`);
    await other.page.getByTestId('state').filter({ hasText: 'There is no cluster “lab”' }).waitFor();
    const asBen = await callServer(server, 'ben');
    await expect(asBen('GET', '/clusters/lab/api/v1/pods')).rejects.toThrow('404');
    expect(await asBen('GET', ownPath)).toMatchObject({ items: [] });

    await page.goto(`${server.url}/clusters`);
    await page.getByRole('button', { name: 'Actions for lab' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('workshop');
    await page.keyboard.press('Enter');
    await page.getByTestId('cluster-workshop').getByText('Ready').waitFor();
    await poll(() => page.getByTestId('cluster-lab').count()).toBe(0);

    const list = await context.newPage();
    await list.goto(`${server.url}/clusters/list?resource=v1/pods&clusters=workshop`);
    await poll(() => names(list)).toEqual(['shop-1', 'shop-2']);
    await page.getByRole('button', { name: 'Actions for workshop' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    const confirm = page.getByRole('dialog', { name: 'Remove cluster' });
    await confirm.getByRole('listitem').getByText('workshop').waitFor();
    await confirm.getByRole('button', { name: 'Remove' }).click();
    await page.getByTestId('toast').filter({ hasText: 'workshop was removed' }).waitFor();
    await poll(() => page.getByTestId('cluster-workshop').count()).toBe(0);
    // The card had the focus, and is gone.
    await page.locator(':focus').filter({ hasText: 'Add kubeconfig' }).waitFor();
    await list.getByTestId('state').filter({ hasText: 'There is no cluster “workshop”' }).waitFor();
    await list.getByTestId('list-status').filter({ hasText: 'Not updated' }).waitFor();
    await expect(call('GET', '/clusters/workshop/api/v1/pods')).rejects.toThrow('404');
    expect(ofThePage(complaints)).toEqual([]);
    expect(ofThePage(other.complaints)).toEqual([]);
  });

  it('what the server refuses stands with its context, and nothing that was entered is lost', async () => {
    const cluster = await startCluster();
    const server = await serve('public');
    const visitor = await open(server, { width: 390, height: 844, colorScheme: 'dark' });
    const { page, complaints, seriousFindings, picture } = visitor;
    await page.goto(`${server.url}/clusters?add=kubeconfig`);
    const dialog = page.getByRole('dialog', { name: 'Add kubeconfig' });
    await dialog.getByRole('textbox').waitFor();
    await paste(visitor, kubeconfigOf(cluster));
    await dialog.getByRole('textbox', { name: 'Name of the cluster of mine' }).fill('lab');
    await dialog.getByRole('button', { name: 'Add cluster' }).click();
    await dialog.getByText('Nothing was added').waitFor();
    await dialog
      .getByTestId('context-mine')
      .getByText(/network that is allowed/)
      .waitFor();
    expect(await dialog.getByRole('textbox', { name: 'Name of the cluster of mine' }).inputValue()).toBe('lab');
    await picture('own-clusters-refused');
    expect(await seriousFindings()).toEqual([]);
    await page.keyboard.press('Escape');
    const question = page.getByRole('dialog', { name: 'Leave without adding?' });
    await question.getByText('What you entered is lost.').waitFor();
    await picture('own-clusters-leave');
    expect(await seriousFindings()).toEqual([]);
    await question.getByRole('button', { name: 'Leave' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.waitForURL(`${server.url}/clusters`);
    expect(ofThePage(complaints)).toEqual([]);
  });

  it('one that the operator allows no more says so, and can be removed', async () => {
    const cluster = await startCluster();
    const before = await serve('loopback');
    const call = await callServer(before);
    await call('POST', ownPath, { kubeconfig: kubeconfigOf(cluster), contexts: [{ context: 'mine', name: 'lab' }] });
    await before.stop();
    const server = await serve('off', before.folder);
    const { page, complaints, seriousFindings, picture } = await open(server);
    await page.goto(`${server.url}/clusters`);
    const card = page.getByTestId('unusable-lab');
    await card.getByText('ownClusterNetworks').waitFor();
    expect(await page.getByRole('button', { name: 'Add kubeconfig' }).count()).toBe(0);
    await picture('own-clusters-unusable');
    expect(await seriousFindings()).toEqual([]);
    await card.getByRole('button', { name: 'Actions for lab' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await card.waitFor({ state: 'hidden' });
    await page.goto(`${server.url}/clusters?add=kubeconfig`);
    await page.getByText('This server takes no clusters of users').waitFor();
    expect(ofThePage(complaints)).toEqual([]);
  });
});
