import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { steadyPort } from '@fleetwire/config/steady-port';
import { createCutProxy } from '../src/cut-proxy.ts';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { addPod, removePod, setPhase, startFleet, type Fleet } from '../src/fleet.ts';
import { startServer, type ServerProcess } from '../src/server-process.ts';

const podsPath = '/clusters/list?resource=v1/pods';
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const row = (page: Page, name: string) => page.getByTestId('rows').getByRole('row').filter({ hasText: name });
const liveness = (page: Page, text: RegExp | string) => page.getByTestId('liveness').filter({ hasText: text });

describe.skipIf(chromiumPath === undefined)('lists of several clusters in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  async function open(url: string): Promise<Visitor> {
    const visitor = await visit(browser);
    undo.push(() => visitor.context.close());
    visitor.page.setDefaultTimeout(30_000);
    await visitor.enter(url);
    return visitor;
  }

  async function serve(fleet: Fleet): Promise<ServerProcess> {
    undo.push(() => fleet.dispose());
    const server = await startServer({ port: await steadyPort(), env: { KUBECONFIG: fleet.kubeconfig } });
    undo.push(() => server.stop('SIGKILL'));
    return server;
  }

  it('span clusters, change before one’s eyes, and are filtered', async () => {
    const fleet = await startFleet(['east', 'west']);
    const server = await serve(fleet);
    addPod(fleet.api('east'), 'shop-1');
    addPod(fleet.api('west'), 'billing-1');
    const { page, complaints, picture, seriousFindings } = await open(server.url);
    await page.goto(`${server.url}${podsPath}`);
    await row(page, 'shop-1').getByText('east').waitFor();
    await row(page, 'billing-1').getByText('west').waitFor();
    await liveness(page, 'Live').waitFor();
    addPod(fleet.api('west'), 'shop-2');
    await row(page, 'shop-2').getByText('Running').waitFor();
    setPhase(fleet.api('west'), 'shop-2', 'Failed');
    await row(page, 'shop-2').getByText('Failed').waitFor();
    await picture('list-two-clusters');
    await page.getByLabel('Filter the rows').fill('shop');
    await page.getByTestId('count').filter({ hasText: '2 of 3' }).waitFor();
    expect(await row(page, 'billing-1').count()).toBe(0);
    removePod(fleet.api('east'), 'shop-1');
    await page.getByTestId('count').filter({ hasText: '1 of 2' }).waitFor();
    expect(await seriousFindings()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('keep showing what lives while one cluster is away, say which, and have it back by themselves', async () => {
    const fleet = await startFleet(['east', 'west']);
    const server = await serve(fleet);
    addPod(fleet.api('east'), 'shop-1');
    addPod(fleet.api('west'), 'billing-1');
    const { page, picture } = await open(server.url);
    await page.goto(`${server.url}${podsPath}`);
    await row(page, 'billing-1').waitFor();
    await fleet.stop('west');
    await page.getByTestId('problems').getByText('west').waitFor();
    // What it had stays.
    expect(await row(page, 'billing-1').count()).toBe(1);
    addPod(fleet.api('east'), 'shop-2');
    await row(page, 'shop-2').waitFor();
    await picture('list-one-cluster-away');
    addPod(fleet.api('west'), 'billing-2');
    await fleet.restart('west');
    await row(page, 'billing-2').waitFor({ timeout: 60_000 });
    await page.getByTestId('problems').waitFor({ state: 'hidden' });
  });

  it('follow the kubeconfig while the server runs: a cluster comes, and one goes', async () => {
    const fleet = await startFleet(['east', 'west'], 1);
    const server = await serve(fleet);
    addPod(fleet.api('east'), 'shop-1');
    addPod(fleet.api('west'), 'billing-1');
    const { page } = await open(server.url);
    await page.goto(`${server.url}${podsPath}`);
    await row(page, 'shop-1').waitFor();
    fleet.configure(['east', 'west']);
    await row(page, 'billing-1').waitFor();
    fleet.configure(['west']);
    await row(page, 'shop-1').waitFor({ state: 'hidden' });
    addPod(fleet.api('west'), 'billing-2');
    await row(page, 'billing-2').waitFor();
  });

  it('stay, marked stale, while the connection is cut, and go on from where they were', async () => {
    const fleet = await startFleet(['east']);
    const server = await serve(fleet);
    addPod(fleet.api('east'), 'shop-1');
    const proxy = await createCutProxy(server.port);
    undo.push(() => {
      proxy.dispose();
    });
    const { page, picture } = await open(proxy.url);
    await page.goto(`${proxy.url}${podsPath}`);
    await row(page, 'shop-1').waitFor();
    await liveness(page, 'Live').waitFor();
    const listsBefore = lists(fleet);
    proxy.cut();
    await liveness(page, /Reconnecting/).waitFor();
    expect(await row(page, 'shop-1').count()).toBe(1);
    await picture('list-stale');
    addPod(fleet.api('east'), 'shop-2');
    removePod(fleet.api('east'), 'shop-1');
    proxy.mend();
    await row(page, 'shop-2').waitFor();
    await liveness(page, 'Live').waitFor();
    await row(page, 'shop-1').waitFor({ state: 'hidden' });
    expect(lists(fleet)).toBe(listsBefore);
  });

  it('that may not be read any more keep what they had, say that it is not updated, and are tried again at a word', async () => {
    const fleet = await startFleet(['east']);
    const server = await serve(fleet);
    const { faults } = fleet.api('east');
    addPod(fleet.api('east'), 'shop-1');
    const { page, picture, seriousFindings } = await open(server.url);
    await page.goto(`${server.url}${podsPath}`);
    await row(page, 'shop-1').waitFor();
    await liveness(page, 'Live').waitFor();
    const refused = { path: '/api/v1/pods', watch: true };
    const isWatchAnswered = (code: number): boolean =>
      fleet
        .api('east')
        .stats.requests.some(({ path, isWatch, status }) => path === refused.path && isWatch && status === code);
    // The list is live before its watch is open, and a list whose first watch is refused is read again by and by.
    await vi.waitFor(() => expect(isWatchAnswered(200)).toBe(true));
    faults.add({ kind: 'status', code: 403 }, { path: refused.path });
    const again = page.getByRole('button', { name: 'Try again' });
    await vi.waitFor(() => {
      if (!isWatchAnswered(403)) faults.cutOpen(refused);
      expect(isWatchAnswered(403)).toBe(true);
    });
    await again.waitFor();
    await liveness(page, 'Not updated').waitFor();
    expect(await row(page, 'shop-1').count()).toBe(1);
    await picture('list-not-updated');
    expect(await seriousFindings()).toEqual([]);
    // Still refused: it says so again.
    await again.click();
    await again.waitFor();
    faults.clear();
    addPod(fleet.api('east'), 'shop-2');
    await again.click();
    // By itself it would look again after half a minute.
    await row(page, 'shop-2').waitFor({ timeout: 10_000 });
    await liveness(page, 'Live').waitFor();
    expect(await again.count()).toBe(0);
  });

  it('outlive the server: killed and started again, it goes on where it was without reading a list', async () => {
    const fleet = await startFleet(['east']);
    const server = await serve(fleet);
    addPod(fleet.api('east'), 'shop-1');
    const { page } = await open(server.url);
    await page.goto(`${server.url}${podsPath}`);
    await row(page, 'shop-1').waitFor();
    await liveness(page, 'Live').waitFor();
    const listsBefore = lists(fleet);
    await server.stop('SIGKILL');
    await liveness(page, /Reconnecting/).waitFor();
    addPod(fleet.api('east'), 'shop-2');
    const { port, folder } = server;
    const next = await startServer({ port, folder, env: { KUBECONFIG: fleet.kubeconfig } });
    undo.push(() => next.stop('SIGKILL'));
    await row(page, 'shop-2').waitFor({ timeout: 40_000 });
    await liveness(page, 'Live').waitFor();
    expect(lists(fleet)).toBe(listsBefore);
  });

  it('are live without WebSockets too, and say why they are not the first choice', async () => {
    const fleet = await startFleet(['east']);
    const server = await serve(fleet);
    addPod(fleet.api('east'), 'shop-1');
    const { page } = await open(server.url);
    await page.routeWebSocket(/\/ws$/, (socket) => void socket.close());
    await page.goto(`${server.url}${podsPath}`);
    await row(page, 'shop-1').waitFor();
    addPod(fleet.api('east'), 'shop-2');
    await row(page, 'shop-2').waitFor();
    await liveness(page, /Live|Polling/).hover();
    await page.getByRole('tooltip').waitFor();
  });

  it('scroll 10,000 objects while they change, with a few rows in the page', async () => {
    const fleet = await startFleet(['east']);
    const server = await serve(fleet);
    const api = fleet.api('east');
    for (let index = 0; index < 10_000; index += 1) addPod(api, `load-${String(index).padStart(5, '0')}`);
    const { page, picture, complaints } = await open(server.url);
    await page.goto(`${server.url}${podsPath}`);
    await page.getByTestId('count').filter({ hasText: '10,000' }).waitFor({ timeout: 60_000 });
    let changed = 0;
    const churn = setInterval(() => {
      for (let count = 0; count < 20; count += 1) {
        setPhase(api, `load-${String(changed % 10_000).padStart(5, '0')}`, changed % 2 === 0 ? 'Pending' : 'Running');
        changed += 1;
      }
    }, 100);
    undo.push(() => {
      clearInterval(churn);
    });
    const grid = page.getByTestId('rows');
    await grid.evaluate((element) => {
      element.scrollTop = element.scrollHeight / 2;
    });
    await row(page, 'load-05000').waitFor();
    await grid.evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await row(page, 'load-09999').waitFor();
    expect(await grid.getByRole('row').count()).toBeLessThan(120);
    await picture('list-10000');
    expect(complaints).toEqual([]);
  });
});

/** Lists of pods that the first cluster was asked for; the gateway asks for one object to learn where the cluster is. */
function lists(fleet: Fleet): number {
  const { requests } = fleet.api('east').stats;
  return requests.filter(({ path, query, isWatch }) => path === '/api/v1/pods' && !isWatch && query['limit'] !== '1')
    .length;
}
