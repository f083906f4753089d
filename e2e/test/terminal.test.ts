import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { callCluster, type ClusterCalls } from '../src/cluster-calls.ts';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { password, startServer, type ServerProcess } from '../src/server-process.ts';

const tabs = (page: Page) => page.getByLabel('Parts of this page');
const state = (page: Page) => page.getByTestId('terminal-state');
const screen = (page: Page) => page.locator('.xterm-rows');
const poll = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 30_000 });

/** What stands on the screen, without the blanks that fill its lines. */
const shown = async (page: Page): Promise<string> => (await screen(page).innerText()).replaceAll('\u00a0', ' ');

describe.skipIf(chromiumPath === undefined)('a terminal in Chromium', () => {
  let browser: Browser;
  let server: ServerProcess;
  let demo: ClusterCalls;
  let visitor: Visitor;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    demo = await callCluster(server, 'demo');
  });
  afterAll(async () => {
    await browser.close();
    await server.stop('SIGKILL');
  });
  beforeEach(async () => {
    visitor = await visit(browser);
    visitor.page.setDefaultTimeout(30_000);
    await visitor.enter(server.url);
  });
  afterEach(() => visitor.context.close());

  const podOf = (app: string, namespace = 'shop'): Promise<string> =>
    vi.waitFor(
      async () => {
        const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io/name%3D${app}`;
        const { items } = (await demo.call(path)) as {
          readonly items: readonly {
            readonly metadata: { readonly name: string };
            readonly status?: { readonly phase?: string };
          }[];
        };
        const running = items.find(({ status }) => status?.phase === 'Running');
        expect(running, `a pod of ${app} that runs`).toBeDefined();
        return running?.metadata.name ?? '';
      },
      { timeout: 20_000 },
    );
  const open = (page: Page, path: string): Promise<unknown> => page.goto(`${server.url}/clusters/demo/${path}`);

  it('opens a shell in a pod, answers what is typed, and tells the exit code', async () => {
    const { page, complaints, picture, seriousFindings } = visitor;
    await open(page, `v1~pods/shop/${await podOf('cart')}`);
    await tabs(page).getByRole('link', { name: 'Terminal' }).click();
    // The image has no bash.
    await state(page).getByText('Connected to /bin/sh').waitFor();
    await page.keyboard.type('echo hello\n');
    await poll(() => shown(page)).toMatch(/\/app # echo hello\s+hello\s+\/app #/);
    await page.keyboard.type('ls /nothing; cat config.yaml\n');
    await poll(() => shown(page)).toContain('listen: 0.0.0.0:8080');
    await picture('terminal');
    expect(await seriousFindings()).toEqual([]);
    const background = (): Promise<string> =>
      page.locator('.xterm-scrollable-element').evaluate((element) => getComputedStyle(element).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
    await poll(background).not.toBe(light);
    await picture('terminal-dark');
    expect(await seriousFindings()).toEqual([]);
    await page.getByLabel(/^Terminal in cart of cart-/).focus();
    await page.keyboard.type('exit 3\n');
    await state(page).getByText('The shell ended with exit code 3').waitFor();
    await picture('terminal-ended');
    expect(await seriousFindings()).toEqual([]);
    await page.getByRole('button', { name: 'Reconnect' }).click();
    await state(page).getByText('Connected to /bin/sh').waitFor();
    expect(await shown(page)).toContain('hello');
    await page.keyboard.type('sleep 100\n');
    await page.keyboard.press('Control+c');
    await poll(() => shown(page)).toMatch(/\^C\s+\/app #/);
    expect(complaints).toEqual([]);
  });

  it('is left by keyboard, and keeps Tab for the shell', async () => {
    const { page, complaints } = visitor;
    await open(page, `v1~pods/shop/${await podOf('cart')}?tab=terminal`);
    await state(page).getByText('Connected to /bin/sh').waitFor();
    const input = page.getByLabel(/^Terminal in cart of cart-/);
    await poll(() => input.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Tab');
    expect(await input.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Shift+F6');
    const disconnect = page.getByRole('button', { name: 'Disconnect' });
    expect(await disconnect.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await state(page).getByText('Disconnected').waitFor();
    expect(complaints).toEqual([]);
  });

  it('copies what is selected and pastes', async () => {
    const { page, context, complaints } = visitor;
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
    await open(page, `v1~pods/shop/${await podOf('cart')}?tab=terminal`);
    await state(page).getByText('Connected to /bin/sh').waitFor();
    await page.evaluate(() => navigator.clipboard.writeText('echo from the clipboard'));
    await page.keyboard.press('Control+v');
    await poll(() => shown(page)).toContain('/app # echo from the clipboard');
    await page.keyboard.press('Enter');
    await poll(() => shown(page)).toMatch(/echo from the clipboard\s+from the clipboard/);
    const line = await screen(page).locator('> div').nth(1).boundingBox();
    await page.mouse.dblclick((line?.x ?? 0) + 50, (line?.y ?? 0) + 8);
    await page.keyboard.press('Control+c');
    await poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('the');
    expect(await shown(page)).not.toContain('^C');
    expect(complaints).toEqual([]);
  });

  it('is there for a workload, in the pod that is picked, with bash where there is one', async () => {
    const { page, complaints, picture } = visitor;
    await open(page, 'apps~v1~deployments/shop/catalog?tab=terminal');
    await state(page).getByText('Connected to /bin/sh').waitFor();
    const pods = page.getByRole('combobox', { name: 'Pod' });
    const first = await pods.inputValue();
    await pods.click();
    const other = page.getByRole('option').filter({ hasNotText: first }).first();
    const name = await other.innerText();
    await other.click();
    await state(page).getByText('Connected to /bin/sh').waitFor();
    await page.keyboard.type('hostname\n');
    await poll(() => shown(page)).toMatch(new RegExp(`hostname\\s+${name}\\s`));
    await picture('terminal-workload');
    await open(page, 'apps~v1~statefulsets/data/postgres?tab=terminal');
    await state(page).getByText('Connected to /bin/bash').waitFor();
    await open(page, 'v1~configmaps/kube-system/kube-root-ca.crt?tab=terminal');
    expect(await tabs(page).getByRole('link', { name: 'Terminal' }).count()).toBe(0);
    expect(complaints.filter((line) => !line.includes('404'))).toEqual([]);
  });

  it('says why there is no shell', async () => {
    const { page } = visitor;
    await open(page, `v1~pods/kube-system/${await podOf('coredns', 'kube-system')}?tab=terminal`);
    await state(page).getByText('There is no shell to connect to').waitFor();
    expect(await state(page).innerText()).toContain('no such file or directory');
    const name = await podOf('search');
    await open(page, `v1~pods/shop/${name}?tab=terminal`);
    await state(page).getByText('Connected to /bin/sh').waitFor();
    await demo.call(`/api/v1/namespaces/shop/pods/${name}?gracePeriodSeconds=0`, { method: 'DELETE' });
    await state(page).getByText('The shell ended with exit code 137').waitFor();
    await page.getByRole('button', { name: 'Reconnect' }).click();
    await state(page).getByText(`pods "${name}" not found`).waitFor();
  });

  it('fits a phone, in the dark', async () => {
    const phone = await visit(browser, { width: 390, height: 844, colorScheme: 'dark' });
    await phone.enter(server.url);
    await open(phone.page, `v1~pods/shop/${await podOf('cart')}?tab=terminal`);
    await state(phone.page).getByText('Connected to /bin/sh').waitFor();
    await phone.page.keyboard.type('ls -l /etc; env\n');
    await poll(() => shown(phone.page)).toContain('KUBERNETES_SERVICE_HOST');
    await phone.picture('terminal-phone-dark');
    const overflow = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(await phone.seriousFindings()).toEqual([]);
    expect(phone.complaints).toEqual([]);
    await phone.context.close();
  });

  it('is nothing for a viewer', async () => {
    const login = await fetch(`${server.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password }),
    });
    const { accessToken } = (await login.json()) as { readonly accessToken: string };
    const made = await fetch(`${server.url}/api/v1/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'vera', password, role: 'viewer' }),
    });
    expect(made.status).toBe(201);
    const vera = await visit(browser);
    const { page } = vera;
    await page.goto(`${server.url}/login`);
    await page.getByLabel('User name').fill('vera');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await open(page, `v1~pods/shop/${await podOf('cart')}?tab=terminal`);
    await page.getByText('Your role may not run commands in containers.').waitFor();
    expect(await tabs(page).getByRole('link', { name: 'Logs' }).count()).toBe(1);
    expect(await tabs(page).getByRole('link', { name: 'Terminal' }).count()).toBe(0);
    await vera.context.close();
  });
});
