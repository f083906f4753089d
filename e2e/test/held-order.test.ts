import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { launch, visit } from '../src/dashboard.ts';
import { addPod, setPhase, startFleet } from '../src/fleet.ts';
import { startServer } from '../src/server-process.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const poll = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 30_000 });
/** Name and status of each row, from the top. */
const order = (page: Page): Promise<string[]> =>
  page.locator('.fw-grid-row').evaluateAll((rows) =>
    rows
      .toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
      .map((row) => [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent))
      .map(([, name, , , status]) => `${name ?? ''} ${status ?? ''}`),
  );

describe.skipIf(chromiumPath === undefined)('the order of a list in Chromium', () => {
  it('is held while somebody points at the rows or goes through them by keys, and says so', async () => {
    const fleet = await startFleet(['east']);
    undo.push(() => fleet.dispose());
    const api = fleet.api('east');
    for (const name of ['a', 'b', 'c']) addPod(api, name);
    const server = await startServer({ env: { KUBECONFIG: fleet.kubeconfig } });
    undo.push(() => server.stop('SIGKILL'));
    const browser = await launch();
    undo.push(() => browser.close());
    const { page, complaints, signIn, seriousFindings } = await visit(browser);
    await signIn(server.url);
    await page.goto(`${server.url}/clusters/list?resource=v1/pods&sort=status`);
    await poll(() => order(page)).toEqual(['a Running', 'b Running', 'c Running']);
    setPhase(api, 'c', 'Failed');
    await poll(() => order(page)).toEqual(['c Failed', 'a Running', 'b Running']);

    const held = page.getByTestId('order-held');
    expect(await held.count()).toBe(0);
    await page.getByRole('link', { name: 'a', exact: true }).hover();
    setPhase(api, 'c', 'Succeeded');
    await held.waitFor();
    expect(await order(page)).toEqual(['c Succeeded', 'a Running', 'b Running']);
    expect(await seriousFindings()).toEqual([]);
    // What comes has a place at once.
    addPod(api, 'd');
    await poll(() => order(page)).toEqual(['c Succeeded', 'a Running', 'b Running', 'd Running']);
    await page.getByRole('heading', { name: 'Pods' }).hover();
    await poll(() => order(page)).toEqual(['a Running', 'b Running', 'd Running', 'c Succeeded']);
    expect(await held.count()).toBe(0);

    await page.keyboard.press('j');
    setPhase(api, 'a', 'Unknown');
    await held.waitFor();
    expect(await order(page)).toEqual(['a Unknown', 'b Running', 'd Running', 'c Succeeded']);
    await page.getByLabel('Filter the rows').focus();
    await poll(() => order(page)).toEqual(['b Running', 'd Running', 'c Succeeded', 'a Unknown']);
    expect(complaints).toEqual([]);
  });
});
