import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { addPod, removePod, setPhase, startFleet, type Fleet } from '../src/fleet.ts';
import { startPlainChromium } from '../src/plain-chromium.ts';
import { password, startServer } from '../src/server-process.ts';

/** As many as are in view, so that the page has the row of each. */
const pods = 8;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const poll = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 30_000, interval: 200 });

/** What the page counts about itself. */
interface Counts {
  frames: number;
  /** Times that rows were written, an age that runs on left aside. */
  writes: number;
}

declare global {
  var fleetwireCounts: Counts;
}

describe.skipIf(chromiumPath === undefined)('a hidden page in Chromium', () => {
  it('goes on with bounded work while it is hidden, and is right when it is shown, without a new list', async () => {
    const fleet = await startFleet(['east']);
    undo.push(() => fleet.dispose());
    const api = fleet.api('east');
    for (let index = 0; index < pods; index += 1) addPod(api, podName(index));
    const server = await startServer({ env: { KUBECONFIG: fleet.kubeconfig } });
    undo.push(() => server.stop('SIGKILL'));
    const chromium = await startPlainChromium();
    undo.push(() => chromium.dispose());
    const { context } = chromium;
    const page = await context.newPage();
    await signIn(page, server.url);
    await page.goto(`${server.url}/clusters/list?resource=v1/pods`);
    await page.getByTestId('liveness').filter({ hasText: 'Live' }).waitFor();
    await poll(() => phases(page)).toMatchObject({ [podName(0)]: 'Running', [podName(pods - 1)]: 'Running' });
    await page.evaluate(count);
    await poll(async () => (await counts(page)).frames).toBeGreaterThan(3);
    const before = requests(fleet);

    const other = await context.newPage();
    await other.bringToFront();
    await poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden');
    const hiddenAt = performance.now();
    const atHiding = await counts(page);
    for (let change = 1; change <= 300; change += 1) {
      for (let index = 0; index < pods; index += 1) setPhase(api, podName(index), `Phase-${String(change)}`);
      // So that they do not all arrive at once.
      await page.evaluate(() => document.hidden);
      if (change % 100 === 0) await poll(() => phases(page)).toEqual(truth(fleet));
    }
    removePod(api, podName(1));
    addPod(api, 'late');
    setPhase(api, podName(0), 'Failed');
    await poll(() => phases(page)).toEqual(truth(fleet));
    const whileHidden = await counts(page);
    const hiddenMs = performance.now() - hiddenAt;
    expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
    // No frame was drawn: what wrote the rows was the timer, which a browser lets fire once a second.
    expect(whileHidden.frames).toBe(atHiding.frames);
    const writes = whileHidden.writes - atHiding.writes;
    expect(writes).toBeGreaterThanOrEqual(4);
    expect(writes).toBeLessThanOrEqual(hiddenMs / 250 + 1);

    setPhase(api, podName(2), 'Failed');
    await page.bringToFront();
    await poll(() => page.evaluate(() => document.visibilityState)).toBe('visible');
    await poll(() => phases(page)).toEqual(truth(fleet));
    await poll(async () => (await counts(page)).frames).toBeGreaterThan(whileHidden.frames + 3);
    // Nothing was saved up for the frames.
    expect((await counts(page)).writes - whileHidden.writes).toBeLessThanOrEqual(2);
    setPhase(api, podName(3), 'Failed');
    await poll(() => phases(page)).toEqual(truth(fleet));
    await page.getByTestId('liveness').filter({ hasText: 'Live' }).waitFor();
    expect(requests(fleet)).toEqual(before);
  });
});

const podName = (index: number): string => `shop-${String(index).padStart(2, '0')}`;

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel('User name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Runs in the page. */
function count(): void {
  const counted: Counts = { frames: 0, writes: 0 };
  globalThis.fleetwireCounts = counted;
  const onFrame = (): void => {
    counted.frames += 1;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
  const grid = document.querySelector('[data-testid=rows]');
  if (grid === null) throw new Error('there are no rows');
  const isAge = ({ target }: MutationRecord): boolean =>
    (target instanceof Element ? target : target.parentElement)?.closest('time') != null;
  new MutationObserver((records) => {
    if (!records.every(isAge)) counted.writes += 1;
  }).observe(grid, { subtree: true, childList: true, characterData: true });
}

function counts(page: Page): Promise<Counts> {
  return page.evaluate(() => globalThis.fleetwireCounts);
}

/** What the page shows: the phase of each pod. */
async function phases(page: Page): Promise<Record<string, string>> {
  const rows = await page
    .locator('.fw-grid-row')
    .evaluateAll((elements) =>
      elements.map((row) => [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent)),
    );
  return Object.fromEntries(rows.map(([, name = '', , , status = '']) => [name, status]));
}

/** What the cluster holds. */
function truth(fleet: Fleet): Record<string, string> {
  const { items } = fleet.api('east').store.list({ group: '', version: 'v1', resource: 'pods' });
  return Object.fromEntries(
    items.map(({ metadata, status }) => [metadata.name, (status as { readonly phase: string }).phase]),
  );
}

/** How often the pods were listed and watched; the gateway asks for one object to learn where the cluster is. */
function requests(fleet: Fleet): { readonly lists: number; readonly watches: number } {
  const asked = fleet
    .api('east')
    .stats.requests.filter(({ path, query }) => path === '/api/v1/pods' && query['limit'] !== '1');
  const watches = asked.filter(({ isWatch }) => isWatch).length;
  return { lists: asked.length - watches, watches };
}
