import { afterEach, expect, it, vi } from 'vitest';
import { createPluginPage, exporting, idOf, type PluginPage } from '../../test/support/plugin-page.ts';

const pages: PluginPage[] = [];
afterEach(() => {
  for (const { loader } of pages.splice(0)) void loader.dispose();
});

const url = '/plugins/hub-acme-a/1.0.0-aaaaaaaaaaaa/main.js';
const plugin = { name: 'a', evaluate: exporting({ activate: () => undefined }) };
const problemOf = ({ loader }: PluginPage) => loader.getSnapshot()[0]?.problem;

/** A page whose server answers so, one answer after the other, and with the plugin once there are no more. */
function open(...answers: (() => Response)[]): PluginPage & { readonly askedAt: number[] } {
  const askedAt: number[] = [];
  const page: PluginPage = createPluginPage({
    random: () => 0,
    fetch: async () => {
      askedAt.push(page.clock.monotonicNow());
      return answers.shift()?.() ?? new Response('// a 1.0.0-aaaaaaaaaaaa');
    },
  });
  pages.push(page);
  return { ...page, askedAt };
}

const failing =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    new Response('', { status, headers });
const offline = (): never => {
  throw new TypeError('Failed to fetch');
};

it('a fetch that fails once is made again, ever later; the plugin loads meanwhile', async () => {
  const page = open(failing(503), offline, failing(500));
  await page.show([plugin]);
  expect([page.status('a'), page.problems]).toEqual(['loading', []]);
  await page.clock.advanceAsync(500);
  await page.clock.advanceAsync(1_000);
  await page.clock.advanceAsync(2_000);
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));
  expect(page.askedAt.map((at) => at - (page.askedAt[0] ?? 0))).toEqual([0, 500, 1_500, 3_500]);
});

it('the server says when: in seconds or as a date; a wait that is too long is none', async () => {
  const page = open(failing(503, { 'retry-after': '7' }));
  await page.show([plugin]);
  await page.clock.advanceAsync(6_999);
  expect(page.askedAt).toHaveLength(1);
  await page.clock.advanceAsync(1);
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));

  const dated = open(
    failing(429, { 'retry-after': new Date(Math.ceil(page.clock.now() / 1000) * 1000).toUTCString() }),
  );
  await dated.show([plugin]);
  await dated.clock.advanceAsync(20_000);
  await vi.waitFor(() => expect(dated.status('a')).toBe('active'));
  expect(dated.askedAt).toHaveLength(2);

  const patient = open(failing(503, { 'retry-after': '11' }));
  await patient.show([plugin]);
  expect([patient.status('a'), problemOf(patient)?.reason]).toEqual([
    'failed',
    `${url} could not be fetched: Error: the server answers 503`,
  ]);
});

it('a new list ends the wait: the server that gives it is there', async () => {
  const page = open(failing(503, { 'retry-after': '10' }), failing(503, { 'retry-after': '10' }));
  await page.show([plugin]);
  await page.show([plugin]);
  expect([page.status('a'), page.askedAt.length]).toEqual(['loading', 2]);
  await page.show([plugin]);
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));
  await page.show([plugin]);
  await page.clock.advanceAsync(60_000);
  expect(page.askedAt).toHaveLength(3);
});

it('after four it has failed; the next list begins anew, and what was stopped while it waits is not fetched', async () => {
  const page = open(offline, offline, offline, offline);
  await page.show([plugin]);
  await page.clock.advanceAsync(60_000);
  await vi.waitFor(() => expect(page.status('a')).toBe('failed'));
  expect([page.askedAt.length, problemOf(page)?.code]).toEqual([4, 'E_FETCH']);
  await page.show([plugin]);
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));

  const stopped = open(offline);
  await stopped.show([plugin]);
  await stopped.show([]);
  await stopped.clock.advanceAsync(60_000);
  expect(stopped.askedAt).toHaveLength(1);
});

it('what would come to the same is not begun anew by a list', async () => {
  const page = open(() => new Response('// changed'));
  await page.show([plugin]);
  await vi.waitFor(() => expect(problemOf(page)?.code).toBe('E_INTEGRITY'));
  await page.show([plugin]);
  expect([page.status('a'), page.askedAt.length]).toEqual(['failed', 1]);
});

it('says which plugins have run code in the page, also when they are gone', async () => {
  const page = createPluginPage();
  pages.push(page);
  const late = { name: 'b', contributes: { command: [{ id: 'c', title: 'C' }] }, evaluate: plugin.evaluate };
  await page.show([plugin, late]);
  await vi.waitFor(() => expect(page.status('a')).toBe('active'));
  expect([...page.loader.evaluated]).toEqual([[idOf('a'), 'a']]);
  await page.show([late]);
  expect([...page.loader.evaluated]).toEqual([[idOf('a'), 'a']]);
  await page.loader.dispose();
  expect(page.loader.evaluated.size).toBe(1);
});
