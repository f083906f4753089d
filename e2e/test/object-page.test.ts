import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import { callCluster, deploymentManifest, type ClusterCalls } from '../src/cluster-calls.ts';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { startServer, type ServerProcess } from '../src/server-process.ts';

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const poll = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 20_000 });

describe.skipIf(chromiumPath === undefined)('the page of one object in Chromium', () => {
  let browser: Browser;
  let server: ServerProcess;
  let demo: ClusterCalls;
  let visitor: Visitor;
  beforeEach(async () => {
    visitor = await visit(browser);
    visitor.page.setDefaultTimeout(30_000);
    await visitor.enter(server.url);
  });
  afterEach(() => visitor.context.close());
  beforeAll(async () => {
    [browser, server] = await Promise.all([launch(), startServer()]);
    demo = await callCluster(server, 'demo');
  });
  afterAll(async () => {
    await browser.close();
    await server.stop('SIGKILL');
  });

  const open = (name: string, tab = ''): Promise<unknown> =>
    visitor.page.goto(`${server.url}/clusters/demo/apps~v1~deployments/default/${name}${tab}`);

  it('shows what an object is and how it is doing, and follows it until it is deleted and made again', async () => {
    const { page, complaints, picture, seriousFindings } = visitor;
    await demo.apply(`${deployments}/living`, 'team-a', deploymentManifest('living', 1));
    await open('living');
    await page.getByText('1 of 1 ready').waitFor();
    await picture('object-overview');
    expect(await seriousFindings()).toEqual([]);
    await demo.call(`${deployments}/living`, { method: 'DELETE' });
    await page.getByText('Deleted', { exact: true }).waitFor();
    await picture('object-deleted');
    expect(await page.getByRole('button', { name: 'Scale' }).isDisabled()).toBe(true);
    await demo.apply(`${deployments}/living`, 'team-a', deploymentManifest('living', 2));
    await page.getByText('2 of 2 ready').waitFor();
    expect(await page.getByText('Deleted', { exact: true }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('says of an object that is not there that it is not, and shows it when it comes', async () => {
    const { page, complaints } = visitor;
    await open('to-come');
    await page.getByText('There is no to-come').waitFor();
    await demo.apply(`${deployments}/to-come`, 'team-a', deploymentManifest('to-come', 1));
    await page.getByText('1 of 1 ready').waitFor();
    expect(complaints).toEqual([]);
  });

  it('edits YAML by server-side apply: review, conflict with another manager, taking over', async () => {
    const { page, complaints, picture, seriousFindings } = visitor;
    await demo.apply(`${deployments}/edited`, 'team-a', deploymentManifest('edited', 2));
    await open('edited', '?tab=yaml');
    await page.getByRole('button', { name: 'Edit' }).click();
    const editor = page.getByLabel('YAML of edited, editing');
    // JSON is YAML as well; an editor has no more of a long text in the page than is seen.
    const { status: _, ...present } = (await demo.call(`${deployments}/edited`)) as {
      readonly status: unknown;
      readonly spec: object;
    };
    // Ends with a line of its own: a bracket that is typed last is indented by the editor.
    const text = `${JSON.stringify({ ...present, spec: { ...present.spec, replicas: 3 } }, undefined, 2)}\n`;
    await editor.fill(text.replace('"name": "edited"', '"name": "other"'));
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByText('metadata.name names the object: expected "edited", got "other"').waitFor();
    await editor.fill(text);
    // What is not applied yet is not left without a question.
    const question = page.getByRole('dialog', { name: 'Leave without applying?' });
    await page.getByRole('link', { name: 'Overview' }).last().click();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'hidden' });
    await editor.focus();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await editor.isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('button', { name: 'Apply' }).waitFor();
    await picture('object-review');
    await page.getByRole('button', { name: 'Apply' }).click();
    const conflict = page.getByTestId('conflict');
    await conflict.getByText('.spec.replicas').waitFor();
    expect(await conflict.innerText()).toContain('team-a');
    await picture('object-conflict');
    expect(await seriousFindings()).toEqual([]);
    await conflict.getByRole('button', { name: 'Take over and apply' }).click();
    await page.getByTestId('toast').getByText('Applied edited').waitFor();
    await page.getByLabel('YAML of edited', { exact: true }).getByText('replicas: 3').first().waitFor();
    const replicas = async (): Promise<unknown> =>
      ((await demo.call(`${deployments}/edited`)) as { readonly status: { readonly readyReplicas?: number } }).status
        .readyReplicas;
    await poll(replicas).toBe(3);
    // The refused apply is the browser's own line.
    expect(complaints).toEqual([expect.stringMatching(/^Failed to load resource: .* 409/)]);
  });

  it('writes the YAML of an object that changes, but not while a part of it is selected', async () => {
    const { page, complaints } = visitor;
    await demo.apply(`${deployments}/selected`, 'team-a', deploymentManifest('selected', 1));
    await open('selected', '?tab=yaml');
    const text = page.getByLabel('YAML of selected', { exact: true });
    const label = (value: string): Promise<unknown> =>
      demo.call(`${deployments}/selected`, {
        method: 'PATCH',
        type: 'application/merge-patch+json',
        body: { metadata: { labels: { step: value } } },
      });
    await label('one');
    await text.getByText('step: one').waitFor();
    await text.getByText('step: one').dblclick();
    await label('two');
    await page.getByTestId('held').waitFor();
    expect(await text.getByText('step: one').count()).toBe(1);
    await page.keyboard.press('ArrowLeft');
    await text.getByText('step: two').waitFor();
    expect(await page.getByTestId('held').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('follows the logs of a workload’s pods, and searches them', async () => {
    const { page, complaints, picture, seriousFindings } = visitor;
    await page.goto(`${server.url}/clusters/demo/apps~v1~deployments/shop/storefront?tab=logs`);
    const log = page.getByRole('log', { name: 'Log' });
    await log.getByText('HTTP/1.1').first().waitFor();
    const count = async (): Promise<number> =>
      Number(/^(\d+) lines/.exec(await page.getByText(/^\d+ lines/).innerText())?.[1]);
    const before = await count();
    await poll(count).toBeGreaterThan(before);
    await picture('object-logs');
    await page.getByLabel('Search the log').fill('no such line');
    await page.getByText(/^0 of \d+ lines/).waitFor();
    expect(await seriousFindings()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('links what belongs together, and shows its events', async () => {
    const { page, complaints, picture } = visitor;
    await open('living', '?tab=related');
    const pod = page.getByRole('link', { name: /^living-\w+-\w+$/ }).first();
    await pod.waitFor();
    await picture('object-related');
    await pod.click();
    await page.getByText('Running').first().waitFor();
    await page.getByRole('link', { name: 'Events' }).last().click();
    await page.getByTestId('events').getByText('Scheduled').waitFor();
    await picture('object-events');
    await page.getByRole('link', { name: 'Related' }).click();
    await page.getByRole('link', { name: /^living-\w+$/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('fits a phone, in the dark', async () => {
    const phone = await visit(browser, { width: 390, height: 844, colorScheme: 'dark' });
    await phone.enter(server.url);
    for (const tab of ['overview', 'yaml', 'related', 'logs']) {
      await phone.page.goto(`${server.url}/clusters/demo/apps~v1~deployments/shop/storefront?tab=${tab}`);
      await phone.page.getByLabel('Parts of this page').waitFor();
      if (tab === 'logs') await phone.page.getByText('HTTP/1.1').first().waitFor();
      // The tab that is open is in sight, though there is no room for all.
      const tabBox = await phone.page.getByLabel('Parts of this page').locator('[aria-current=page]').boundingBox();
      expect(tabBox).toSatisfy((box: typeof tabBox) => box !== null && box.x >= 0 && box.x + box.width <= 390);
      await phone.picture(`object-${tab}-phone-dark`);
      const overflow = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      expect(await phone.seriousFindings()).toEqual([]);
    }
    expect(phone.complaints).toEqual([]);
    await phone.context.close();
  });
});
