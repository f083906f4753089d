import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as LoadAnew from './load-anew.ts';

/** As much of an element as the page that waits is made of. */
class FakeElement extends EventTarget {
  readonly name: string;
  readonly children: FakeElement[] = [];
  readonly attributes = new Map<string, string>();
  textContent = '';
  focus = vi.fn();

  constructor(name: string) {
    super();
    this.name = name;
  }
  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  append(...children: FakeElement[]): void {
    this.children.push(...children);
  }
  all(): FakeElement[] {
    return [this, ...this.children.flatMap((child) => child.all())];
  }
}

const shown = vi.fn<(body: FakeElement) => void>();
class FakeDocument {
  createElement = (name: string): FakeElement => new FakeElement(name);
  set body(body: FakeElement) {
    shown(body);
  }
}

const reload = vi.fn();
let page: EventTarget;
let navigation: EventTarget;
let nowMs: number;
let loadAnew: typeof LoadAnew.loadAnew;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  vi.resetModules();
  page = new EventTarget();
  navigation = new EventTarget();
  nowMs = 0;
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('navigation', navigation);
  vi.stubGlobal('location', { reload });
  vi.stubGlobal('Document', FakeDocument);
  vi.stubGlobal('document', new FakeDocument());
  vi.stubGlobal('performance', { now: () => (nowMs += 100) });
  const module = await import('./load-anew.ts');
  ({ loadAnew } = module);
  module.prepareToLoadAnew();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.clearAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const reloads = (): number => reload.mock.calls.length;
const never = new Promise<void>(() => undefined);
const part = (role: string): FakeElement | undefined =>
  shown.mock.lastCall?.[0].all().find(({ name, attributes }) => name === role || attributes.get('role') === role);

it('the page goes once the server has heard of the sign-out, in 15 s at the latest', async () => {
  let hear = (): void => undefined;
  loadAnew(new Promise((resolve) => (hear = resolve)));
  expect(shown).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(14_999);
  expect(reloads()).toBe(0);
  hear();
  await vi.advanceTimersByTimeAsync(0);
  expect(reloads()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(reloads()).toBe(1);
  // The same page, which goes once.
  loadAnew();
  expect(shown).toHaveBeenCalledTimes(1);
});

it('the page goes in 15 s where the server hears nothing, and at once where there is nothing to hear', async () => {
  loadAnew(never);
  await vi.advanceTimersByTimeAsync(14_999);
  expect(reloads()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(reloads()).toBe(1);

  vi.resetModules();
  const other = await import('./load-anew.ts');
  other.loadAnew();
  await vi.advanceTimersByTimeAsync(0);
  expect(reloads()).toBe(2);
});

it('is loaded again until it is gone: ever more seldom, and in a way that lets nothing else run meanwhile', async () => {
  loadAnew();
  await vi.advanceTimersByTimeAsync(0);
  expect(nowMs).toBeLessThan(500);
  const busyMs: number[] = [];
  for (const againMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000]) {
    const before = reloads();
    const since = nowMs;
    await vi.advanceTimersByTimeAsync(againMs - 1);
    expect(reloads()).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(reloads()).toBe(before + 1);
    busyMs.push(Math.round((nowMs - since) / 500) * 500);
  }
  expect(busyMs).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
});

it('goes, and shows nothing more, whatever code of plugins has made of the page', async () => {
  const fail = vi.fn(() => {
    throw new Error('no');
  });
  vi.stubGlobal('document', { createElement: fail, body: undefined });
  for (const name of ['setTimeout', 'fetch', 'addEventListener', 'queueMicrotask']) vi.stubGlobal(name, fail);
  vi.stubGlobal('performance', { now: fail });
  vi.spyOn(FakeElement.prototype, 'append').mockImplementation(fail);
  loadAnew(never);
  expect(part('main')).toBeDefined();
  await vi.advanceTimersByTimeAsync(15_500);
  expect(reloads()).toBe(2);
  expect(fail).not.toHaveBeenCalled();
});

it('shows nothing more also where documents have no setter of their body', async () => {
  const replaceWith = vi.fn();
  vi.stubGlobal('Document', class {});
  vi.stubGlobal('document', { createElement: (name: string) => new FakeElement(name), body: { replaceWith } });
  vi.resetModules();
  const other = await import('./load-anew.ts');
  other.loadAnew(never);
  expect(replaceWith).toHaveBeenCalledExactlyOnceWith(expect.any(FakeElement));
});

it.each(['beforeunload', 'navigate'])(
  'code of plugins hears no `%s` of a page that is to go, and does before',
  (type) => {
    const target = type === 'navigate' ? navigation : page;
    const plugins = vi.fn((event: Event) => {
      event.preventDefault();
    });
    target.addEventListener(type, plugins, true);
    target.dispatchEvent(new Event(type, { cancelable: true }));
    expect(plugins).toHaveBeenCalledTimes(1);
    loadAnew();
    vi.spyOn(Event.prototype, 'stopImmediatePropagation').mockImplementation(() => undefined);
    expect(target.dispatchEvent(new Event(type, { cancelable: true }))).toBe(true);
    expect(plugins).toHaveBeenCalledTimes(1);
  },
);

it('says why it waits, where the focus is, and goes when it is told to', () => {
  loadAnew(never);
  expect(part('h1')?.textContent).toBe('The page is loaded anew');
  expect(part('status')?.textContent).toContain('once the server has heard of the sign-out, or in 15 seconds');
  expect(part('status')?.focus).toHaveBeenCalledTimes(1);
  expect(reloads()).toBe(0);
  part('button')?.dispatchEvent(new Event('click'));
  expect(reloads()).toBe(1);
});
