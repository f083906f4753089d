import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { steadyPort } from '@fleetwire/config/steady-port';
import { createClient, type Client } from '@fleetwire/websocket-core/client';
import { createCutProxy } from '../src/cut-proxy.ts';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { expectFit } from '../src/looks.ts';
import { password, startServer, type ServerProcess } from '../src/server-process.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function serve(options?: Parameters<typeof startServer>[0]): Promise<ServerProcess> {
  const server = await startServer(options);
  undo.push(() => server.stop('SIGKILL'));
  return server;
}

const liveText = /^Live · (?:<1|\d+) ms$/;
const textOf = async (page: Page, name: string) => page.getByTestId(name).innerText();

const poll = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 30_000 });

/** Waits until the text of an element fits. */
async function untilText(page: Page, testId: string, pattern: RegExp): Promise<void> {
  await page.getByTestId(testId).filter({ hasText: pattern }).waitFor();
}

/** A second program that is connected. */
async function connectProgram(url: string, name: string): Promise<Client> {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password }),
  });
  const { accessToken } = (await response.json()) as { readonly accessToken: string };
  const client = createClient({ url: `${url}/ws`, getToken: () => accessToken, peer: { name, version: '7.0' } });
  undo.push(() => {
    client.dispose();
  });
  return client;
}

describe.skipIf(chromiumPath === undefined)('the dashboard in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  async function open(options?: Parameters<typeof visit>[1]): Promise<Visitor> {
    const visitor = await visit(browser, options);
    undo.push(() => visitor.context.close());
    return visitor;
  }

  it('leads from the first start over the printed address to an overview that changes by itself', async () => {
    const server = await serve({ password: undefined });
    const printed = server.printed.join('\n');
    const address = /http:\S+\/login#\S+/.exec(printed)?.[0] ?? '';
    expect(address).toContain(server.url);
    const { page, complaints } = await open();
    await page.goto(address);
    // The password does not stay in the address bar, nor in the history.
    await page.waitForURL(`${server.url}/login`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await untilText(page, 'connection', liveText);
    const before = await textOf(page, 'uptime');
    await page.waitForFunction(
      (text) => document.querySelector('[data-testid=uptime]')?.textContent !== text.replaceAll('\n', ''),
      before,
    );
    const uptime = async () => Number(/(\d+) s/.exec(await textOf(page, 'uptime'))?.[1]);
    const first = await uptime();
    await poll(uptime).toBeGreaterThan(first);
    await untilText(page, 'events', /admin connected with dashboard/);
    // The fleet is at a glance: the demo cluster, and those of it that never get well.
    await untilText(page, 'fleet-clusters', /1 ready/);
    await untilText(page, 'fleet-nodes', /\d ready/);
    await untilText(page, 'fleet-pods', /\d+ running/);
    await untilText(page, 'troubles', /reports.*ImagePullBackOff/s);
    await untilText(page, 'warnings', /reports/);
    // Nor does the sign-in show it again to whoever comes next.
    await page.getByRole('button', { name: 'Sign out admin' }).click();
    await page.waitForURL(/\/login/);
    expect(await page.getByLabel('User name').inputValue()).toBe('');
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    expect(complaints).toEqual([]);
  });

  it('tells that a sign-in failed, keeps the name, and lets the right password in', async () => {
    const server = await serve();
    const { page, picture, complaints } = await open();
    await page.goto(`${server.url}/connections?q=x`);
    await page.waitForURL(/\/login\?next=/);
    await page.getByLabel('User name').fill('admin');
    await page.getByLabel('Password', { exact: true }).fill('wrong');
    await page.keyboard.press('Enter');
    await untilText(page, 'sign-in-error', /user name or the password is wrong/);
    await picture('sign-in-failed');
    expect(await page.getByLabel('User name').inputValue()).toBe('admin');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    // On to where the visitor was going.
    await page.waitForURL(`${server.url}/connections?q=x`);
    await page.getByText('No connection fits “x”').waitFor();
    await picture('connections-no-match');
    await page.getByRole('button', { name: /Show all/ }).click();
    await page.getByText('this page').waitFor();
    // The browser's own line about the refusal, and nothing of ours.
    expect(complaints).toEqual([expect.stringMatching(/^Failed to load resource: .* 401/)]);
  });

  it('shows another connection when it comes and no more when it has gone', async () => {
    const server = await serve();
    const { page, signIn, picture, complaints } = await open();
    await signIn(server.url);
    await page.getByRole('link', { name: 'Connections', exact: true }).click();
    await page.getByText('this page').waitFor();
    expect(await textOf(page, 'count')).toBe('1');
    const program = await connectProgram(server.url, 'inventory-script');
    await untilText(page, 'connections', /inventory-script 7\.0/);
    expect(await textOf(page, 'count')).toBe('2');
    await picture('connections-light');
    program.dispose();
    await untilText(page, 'count', /^1$/);
    expect(await textOf(page, 'connections')).not.toContain('inventory-script');
    expect(complaints).toEqual([]);
  });

  it('keeps what it shows through a cut, marks it stale with its age, and goes on by itself', async () => {
    const server = await serve();
    const proxy = await createCutProxy(server.port);
    undo.push(() => {
      proxy.dispose();
    });
    const { page, signIn, picture, complaints } = await open();
    await signIn(proxy.url);
    await connectProgram(server.url, 'inventory-script');
    await page.getByRole('link', { name: 'Connections', exact: true }).click();
    await untilText(page, 'connections', /inventory-script/);
    const rowsBefore = await page.locator('tbody tr').count();
    // Whatever is painted from now on: the table never goes empty.
    await page.evaluate(() => {
      const watched = globalThis as unknown as { fewestRows: number };
      watched.fewestRows = Number.MAX_SAFE_INTEGER;
      const look = (): void => {
        watched.fewestRows = Math.min(watched.fewestRows, document.querySelectorAll('tbody tr').length);
        requestAnimationFrame(look);
      };
      look();
    });

    proxy.cut();
    await untilText(page, 'connection', /^Reconnecting/);
    await untilText(page, 'notice', /^Reconnecting, data from (?:now|\d+ s ago)$/);
    await untilText(page, 'banner', /The connection was lost: /);
    await untilText(page, 'connection', /^Reconnecting in \d+ s$/);
    await untilText(page, 'notice', /data from [2-9] s ago/);
    expect(await page.locator('.fw-card[data-stale=true]').count()).toBe(1);
    await picture('connections-stale-light');
    await page.getByRole('link', { name: 'Overview' }).click();
    // Another view has what it had, too.
    await untilText(page, 'notice', /data from \d+ s ago/);
    await untilText(page, 'uptime', /\d+ s/);
    await picture('overview-stale-light');
    await page.getByRole('link', { name: 'Connections', exact: true }).click();
    await untilText(page, 'notice', /data from \d+ s ago/);

    proxy.mend();
    await untilText(page, 'connection', liveText);
    await page.getByTestId('notice').waitFor({ state: 'detached' });
    await untilText(page, 'connections', /inventory-script/);
    await page.getByText('this page').waitFor();
    await poll(() => page.locator('tbody tr').count()).toBe(rowsBefore);
    expect(complaints).toEqual([]);
  });

  it('goes on by itself when the server has been restarted, without a new sign-in', async () => {
    const server = await serve({ port: await steadyPort() });
    const { page, signIn, complaints } = await open();
    await signIn(server.url);
    await untilText(page, 'connection', liveText);
    expect(await server.stop('SIGTERM')).toBe(0);
    await untilText(page, 'connection', /^Reconnecting/);
    await untilText(page, 'notice', /^Reconnecting, data from/);
    const again = await serve({ port: server.port, folder: server.folder });
    expect(again.url).toBe(server.url);
    await untilText(page, 'connection', liveText);
    await page.getByTestId('notice').waitFor({ state: 'detached' });
    await poll(async () => Number(/(\d+) s/.exec(await textOf(page, 'uptime'))?.[1])).toBeGreaterThan(0);
    // A server that drains begins no request, and the page cannot know before it asks.
    const refused = /^Failed to load resource: the server responded with a status of 503 /;
    expect(complaints.filter((complaint) => !refused.test(complaint))).toEqual([]);
  });

  it('polls when WebSockets do not get through, and says so', async () => {
    const server = await serve();
    const { page, signIn, picture, complaints } = await open();
    await page.routeWebSocket('**/ws', (socket) => socket.close({ code: 1013, reason: 'blocked' }));
    await signIn(server.url);
    await untilText(page, 'connection', /^Polling$/);
    await untilText(page, 'notice', /^Polling, a few seconds old$/);
    await picture('overview-polling');
    const uptime = async () => Number(/(\d+) s/.exec(await textOf(page, 'uptime'))?.[1]);
    const first = await uptime();
    await poll(uptime).toBeGreaterThan(first);
    await untilText(page, 'events', /signed in/);
    expect(complaints).toEqual([]);
  });

  it('has a look of its own for what loads, what is denied and what failed', async () => {
    const server = await serve();
    const { page, signIn, picture, seriousFindings, complaints } = await open();
    let refusal: { readonly code: string; readonly message: string } | undefined;
    await page.routeWebSocket('**/ws', (socket) => {
      socket.connectToServer().onMessage((message) => {
        const frame = JSON.parse(String(message)) as { type: string; result?: { items?: unknown[] } | null };
        if (frame.type === 'snapshot' && refusal === undefined) return;
        if (frame.type === 'response' && frame.result?.items !== undefined && refusal !== undefined) {
          const error = { ...refusal, retryable: false };
          frame.result.items = frame.result.items.map(() => ({ error }));
        }
        socket.send(JSON.stringify(frame));
      });
    });
    await signIn(server.url);
    await page.locator('[aria-busy=true]').first().waitFor();
    await picture('overview-loading');
    expect(await seriousFindings()).toEqual([]);
    refusal = { code: 'FORBIDDEN', message: 'server/connections needs the permission audit.read' };
    await page.goto(`${server.url}/connections`);
    await page.getByText('You may not see this').waitFor();
    await picture('connections-denied');
    expect(await seriousFindings()).toEqual([]);
    refusal = { code: 'INTERNAL', message: 'the server failed to handle this' };
    await page.reload();
    await page.getByText('This cannot be shown').waitFor();
    await picture('connections-failed');
    expect(await seriousFindings()).toEqual([]);
    await page.goto(`${server.url}/nowhere`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await picture('not-found');
    expect(await seriousFindings()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('signs out everywhere in this browser at once, and says why in the other tab', async () => {
    const server = await serve();
    const { page, context, signIn } = await open();
    await signIn(server.url);
    const other = await context.newPage();
    await other.goto(server.url);
    await untilText(other, 'connection', liveText);
    await page.getByRole('button', { name: 'Sign out admin' }).click();
    await page.waitForURL(/\/login/);
    await other.waitForURL(/\/login/);
    await other.getByText('Your sign-in has ended').waitFor();
    await other.screenshot({ path: new URL('../screenshots/signed-out.png', import.meta.url).pathname });
    await page.goto(server.url);
    await page.waitForURL(/\/login/);
  });

  it('is used by keyboard alone, with the focus in sight', async () => {
    const server = await serve();
    const { page } = await open();
    await page.goto(server.url);
    // Keys go to whatever has the focus, and the form gives it to the name once it is there.
    await page.locator('input[name=username]:focus').waitFor();
    await page.keyboard.type('admin');
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    for (let step = 0; step < 10; step += 1) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return { name: element.textContent.trim(), visible: outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 };
      });
      expect(focus).toMatchObject({ visible: true });
      if (focus.name === 'Connections') break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Connections' }).waitFor();
  });

  it('has no serious fault for assistive technology, in light and dark, wide and narrow, live and stale, and fits', async () => {
    const server = await serve();
    const proxy = await createCutProxy(server.port);
    undo.push(() => {
      proxy.dispose();
    });
    const visitor = await open();
    const { page } = visitor;
    const check = (view: string): Promise<void> =>
      expectFit(visitor, view, [
        ['light', 390, 844],
        ['dark', 390, 844],
        ['dark', 1280, 800],
        ['light', 1280, 800],
      ]);
    await page.goto(`${proxy.url}/login`);
    await page.getByRole('heading', { name: 'Sign in to Fleetwire' }).waitFor();
    await check('login');
    await visitor.signIn(proxy.url);
    await connectProgram(server.url, 'inventory-script');
    await untilText(page, 'connection', liveText);
    await untilText(page, 'events', /inventory-script/);
    await untilText(page, 'troubles', /ImagePullBackOff/);
    await poll(() => page.locator('.fw-spark-line').first().getAttribute('d')).toMatch(/(?:L[^L]*){6}/);
    await check('overview');
    await page.getByRole('link', { name: 'Connections', exact: true }).click();
    await untilText(page, 'connections', /inventory-script/);
    await check('connections');
    proxy.cut();
    await untilText(page, 'notice', /^Reconnecting, data from \d+ s ago$/);
    await check('stale');
  });

  it('signs out at the server too when that was away, so that nobody who comes after is signed in', async () => {
    const server = await serve({ port: await steadyPort() });
    const { page, context, signIn } = await open();
    await signIn(server.url);
    await untilText(page, 'connection', liveText);
    expect(await server.stop('SIGTERM')).toBe(0);
    await untilText(page, 'connection', /^Reconnecting/);
    await page.getByRole('button', { name: 'Sign out admin' }).click();
    await page.waitForURL(/\/login/);
    expect(await context.cookies(`${server.url}/api/v1/auth`)).toHaveLength(1);
    await serve({ port: server.port, folder: server.folder });
    await poll(() => context.cookies(`${server.url}/api/v1/auth`)).toEqual([]);
  });

  it('runs no script that is not its own, and calls no other server', async () => {
    const server = await serve();
    const { page, signIn } = await open();
    await signIn(server.url);
    const ran = await page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'globalThis.injected = true';
      document.body.append(script);
      const called = await fetch('http://127.0.0.1:1/').then(
        () => 'answered',
        (error: unknown) => String(error),
      );
      return { injected: 'injected' in globalThis, called };
    });
    expect(ran).toEqual({ injected: false, called: 'TypeError: Failed to fetch' });
    const violated = page.waitForEvent('console', (message) => /connect-src/.test(message.text()));
    await page.evaluate(() => fetch('http://127.0.0.1:1/').catch(() => undefined));
    await violated;
  });

  it('follows the system until a theme is chosen, and remembers the choice', async () => {
    const server = await serve();
    const { page, signIn } = await open({ colorScheme: 'dark' });
    await signIn(server.url);
    const scheme = () => page.evaluate(() => document.documentElement.dataset['mantineColorScheme']);
    expect(await scheme()).toBe('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await poll(scheme).toBe('light');
    await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
    await poll(scheme).toBe('dark');
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(await scheme()).toBe('dark');
  });
});
