import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '@fleetwire/config/chromium';
import type { FakeKubeApi } from '@fleetwire/fake-kube-api';
import { launch, visit, type Visitor } from '../src/dashboard.ts';
import { addPod, removePod, setPhase, startFleet, type Fleet } from '../src/fleet.ts';
import { startServer } from '../src/server-process.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const pods = { group: '', version: 'v1', resource: 'pods' };
const nodes = { group: '', version: 'v1', resource: 'nodes' };
const events = { group: '', version: 'v1', resource: 'events' };

const trouble = (page: Page, name: string) =>
  page.getByTestId('troubles').getByTestId('fleet-item').filter({ hasText: name });
const card = (page: Page, name: string, text: string) => page.getByTestId(`fleet-${name}`).getByText(text);

/** A pod whose container crashes again and again, as the kubelet tells of it. */
function crash(api: FakeKubeApi, name: string): void {
  addPod(api, name);
  const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' };
  const containerStatuses = [
    { name: 'web', ready: false, restartCount: 4, image: '', imageID: '', state: { waiting } },
  ];
  api.store.patch(pods, 'default', name, 'merge', { status: { containerStatuses } }, { subresource: 'status' });
  api.store.create(events, 'default', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.1`, namespace: 'default' },
    type: 'Warning',
    reason: 'BackOff',
    message: 'Back-off restarting failed container',
    involvedObject: { apiVersion: 'v1', kind: 'Pod', name, namespace: 'default' },
    lastTimestamp: new Date().toISOString(),
  });
}

function setNode(api: FakeKubeApi, name: string, status: 'True' | 'False', isNew = false): void {
  if (isNew) api.store.create(nodes, undefined, { apiVersion: 'v1', kind: 'Node', metadata: { name } });
  const reason = status === 'True' ? 'KubeletReady' : 'KubeletNotReady';
  // One that has just joined is given time.
  const lastTransitionTime = new Date(Date.now() - 600_000).toISOString();
  const ready = { type: 'Ready', status, reason, lastTransitionTime };
  api.store.patch(nodes, undefined, name, 'merge', { status: { conditions: [ready] } }, { subresource: 'status' });
}

describe.skipIf(chromiumPath === undefined)('the overview of a fleet in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  async function open(fleet: Fleet): Promise<Visitor> {
    undo.push(() => fleet.dispose());
    const server = await startServer({ env: { KUBECONFIG: fleet.kubeconfig } });
    undo.push(() => server.stop('SIGKILL'));
    const visitor = await visit(browser);
    undo.push(() => visitor.context.close());
    visitor.page.setDefaultTimeout(30_000);
    await visitor.signIn(server.url);
    return visitor;
  }

  it('says what is in trouble in any cluster as it happens, leads to it, and says when it is over', async () => {
    const fleet = await startFleet(['east', 'west']);
    const { page, complaints, picture, seriousFindings } = await open(fleet);
    await page.getByText('Nothing is in trouble').waitFor();
    await picture('overview-no-trouble');
    const [east, west] = [fleet.api('east'), fleet.api('west')];
    setNode(east, 'node-1', 'True', true);
    setNode(west, 'node-2', 'False', true);
    await card(page, 'nodes', '1 ready').waitFor();
    await card(page, 'nodes', '1 not ready').waitFor();
    await trouble(page, 'node-2').getByText('KubeletNotReady').waitFor();
    addPod(east, 'fine-1');
    crash(east, 'crashing-1');
    addPod(west, 'failing-1');
    setPhase(west, 'failing-1', 'Failed');
    await trouble(page, 'crashing-1').getByText('CrashLoopBackOff').waitFor();
    await trouble(page, 'failing-1').getByText('west / default').waitFor();
    await page.getByTestId('warnings').getByText('Back-off restarting').waitFor();
    expect(await trouble(page, 'fine-1').count()).toBe(0);
    await card(page, 'pods', '1 failed').waitFor();
    await card(page, 'trouble', '2 pods').waitFor();
    await picture('overview-trouble');
    expect(await seriousFindings()).toEqual([]);

    removePod(west, 'failing-1');
    setNode(west, 'node-2', 'True');
    await trouble(page, 'failing-1').waitFor({ state: 'hidden' });
    await trouble(page, 'node-2').waitFor({ state: 'hidden' });
    await trouble(page, 'crashing-1').getByRole('link', { name: 'crashing-1' }).click();
    await page.getByRole('heading', { name: 'crashing-1' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('goes on with the clusters that answer while one is away, and says which', async () => {
    const fleet = await startFleet(['east', 'west']);
    setNode(fleet.api('west'), 'node-2', 'True', true);
    const { page, picture } = await open(fleet);
    await card(page, 'nodes', '1 ready').waitFor();
    await fleet.stop('west');
    await page.getByTestId('fleet-problems').getByText('west').first().waitFor();
    await card(page, 'clusters', '1 unreachable').waitFor();
    crash(fleet.api('east'), 'crashing-1');
    await trouble(page, 'crashing-1').waitFor();
    // What it had stays.
    await card(page, 'nodes', '1 ready').waitFor();
    await picture('overview-cluster-away');
    await fleet.restart('west');
    await page.getByTestId('fleet-problems').waitFor({ state: 'hidden', timeout: 60_000 });
  });

  it('says so to whoever may not read the clusters', async () => {
    const fleet = await startFleet(['east']);
    undo.push(() => fleet.dispose());
    const server = await startServer({ env: { KUBECONFIG: fleet.kubeconfig } });
    undo.push(() => server.stop('SIGKILL'));
    const { page, context, signIn, picture, seriousFindings } = await visit(browser);
    undo.push(() => context.close());
    await page.route('**/api/v1/me', async (route) => {
      const answer = (await (await route.fetch()).json()) as { readonly permissions: readonly string[] };
      await route.fulfill({
        json: { ...answer, permissions: answer.permissions.filter((each) => each !== 'kube.read') },
      });
    });
    await signIn(server.url);
    await page.getByText('You may not see the clusters').waitFor();
    await page.getByTestId('events').getByText('signed in').waitFor();
    await picture('overview-denied');
    expect(await seriousFindings()).toEqual([]);
  });
});
