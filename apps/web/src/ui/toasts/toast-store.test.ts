import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ToastStore } from './toast-store.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A tab's storage. */
const createStorage = () => {
  const texts = new Map<string, string>();
  return {
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, text: string) => void texts.set(key, text),
  };
};
const createStore = (storage = createStorage()): ToastStore => new ToastStore(() => storage);

const titles = (store: ToastStore): string[] => store.getToasts().map(({ title }) => title);

it('a success goes by itself, a failure stays until it is closed', () => {
  const store = createStore();
  store.show({ tone: 'good', title: 'done' });
  const close = store.show({ tone: 'bad', title: 'failed' });
  vi.advanceTimersByTime(6_000);
  expect(titles(store)).toEqual(['failed']);
  close();
  close();
  expect(titles(store)).toEqual([]);
});

it('no more than four are shown: the oldest goes, and a failure only when there are failures alone', () => {
  const store = createStore();
  store.show({ tone: 'bad', title: 'failed' });
  for (const title of ['a', 'b', 'c', 'd']) store.show({ tone: 'good', title });
  expect(titles(store)).toEqual(['failed', 'b', 'c', 'd']);
  for (const title of ['e', 'f', 'g', 'h']) store.show({ tone: 'bad', title });
  expect(titles(store)).toEqual(['e', 'f', 'g', 'h']);
});

it('plugins have two places of their own, and push nothing of the dashboard out of sight', () => {
  const store = createStore();
  for (const title of ['a', 'b', 'c', 'd']) store.show({ tone: 'bad', title });
  store.show({ tone: 'bad', title: 'of a plugin', of: 'plugin' });
  for (let n = 0; n < 100; n += 1) store.show({ tone: 'good', title: `spam ${String(n)}`, of: 'plugin' });
  expect(titles(store)).toEqual(['a', 'b', 'c', 'd', 'of a plugin', 'spam 99']);
  store.show({ tone: 'good', title: 'e' });
  expect(titles(store)).toEqual(['a', 'b', 'c', 'd', 'of a plugin', 'spam 99']);
  store.show({ tone: 'bad', title: 'f' });
  expect(titles(store)).toEqual(['b', 'c', 'd', 'of a plugin', 'spam 99', 'f']);
});

it('what plugins say pushes nothing out of sight that the dashboard says of them', () => {
  const store = createStore();
  for (const title of ['a', 'b', 'c']) store.show({ tone: 'bad', title: `${title} failed`, of: 'about-plugin' });
  for (let n = 0; n < 100; n += 1) store.show({ tone: 'bad', title: `spam ${String(n)}`, of: 'plugin' });
  expect(titles(store)).toEqual(['b failed', 'c failed', 'spam 98', 'spam 99']);
});

it('all go when they are cleared, and none comes back by its timer', () => {
  const store = createStore();
  store.show({ tone: 'good', title: 'done' });
  store.show({ tone: 'bad', title: 'failed' });
  store.clear();
  expect(titles(store)).toEqual([]);
  vi.advanceTimersByTime(6_000);
  expect(titles(store)).toEqual([]);
});

it('what a request ends in after the clearing shows to nobody: it was begun by the user before', async () => {
  const store = createStore();
  let fail = (): void => undefined;
  const request = new Promise<void>((_, reject) => {
    fail = () => {
      reject(new Error('signed out'));
    };
  });
  const act = async (): Promise<void> => {
    const show = store.untilCleared();
    await request.catch((error: unknown) => {
      show({ tone: 'bad', title: `left as it is: ${String(error)}` });
    });
    show({ tone: 'good', title: 'done' });
  };
  const acted = act();
  store.clear();
  fail();
  await acted;
  expect(titles(store)).toEqual([]);
  store.untilCleared()({ tone: 'good', title: 'of the next user' });
  expect(titles(store)).toEqual(['of the next user']);
});

it('who listens hears of each change, and no more after the undo', () => {
  const store = createStore();
  const listener = vi.fn();
  const undo = store.subscribe(listener);
  store.show({ tone: 'good', title: 'a' })();
  undo();
  store.show({ tone: 'good', title: 'b' });
  expect(listener).toHaveBeenCalledTimes(2);
});

it('a failure goes by itself where that is asked for, as it can be read elsewhere', () => {
  const store = createStore();
  store.show({ tone: 'bad', title: 'failed', goneAfterMs: 20_000 });
  vi.advanceTimersByTime(19_999);
  expect(titles(store)).toEqual(['failed']);
  vi.advanceTimersByTime(1);
  expect(titles(store)).toEqual([]);
});

it('takes texts alone, whatever a plugin threw, and not all of a long one', () => {
  const store = createStore();
  const hostile = { toString: () => ({}) } as unknown as string;
  store.show({ tone: 'bad', title: hostile, message: hostile });
  store.show({ tone: 'bad', title: 'failed', message: 'x'.repeat(10_000) });
  const [first, second] = store.getToasts();
  expect(first).toMatchObject({ title: '', message: undefined });
  expect(second?.message?.length).toBeLessThan(1_000);
});

it('what is said about a plugin is said once in a tab, reloads included, until somebody else signs in', () => {
  const storage = createStorage();
  const failure = { tone: 'bad', title: 'The plugin “Clock” failed', message: 'no', of: 'about-plugin' } as const;
  const store = createStore(storage);
  store.show(failure);
  store.show(failure)();
  store.show({ ...failure, message: 'another reason' });
  expect(titles(store)).toEqual([failure.title, failure.title]);
  const reloaded = createStore(storage);
  // The sign-in that was there before.
  reloaded.clear();
  reloaded.show(failure);
  expect(titles(reloaded)).toEqual([]);
  reloaded.clear();
  reloaded.show(failure);
  expect(titles(reloaded)).toEqual([failure.title]);
});

it('what is said about a plugin is said of each build, and again once it was forgotten', () => {
  const storage = createStorage();
  const failure = { tone: 'bad', title: 'failed', of: 'about-plugin', once: 'a b1' } as const;
  const store = createStore(storage);
  store.show(failure)();
  store.show({ ...failure, once: 'a b2' })();
  store.show(failure);
  expect(titles(store)).toEqual([]);
  store.forget('a b1');
  store.show({ ...failure, once: 'a b2' });
  expect(titles(store)).toEqual([]);
  store.show(failure);
  expect(titles(store)).toEqual(['failed']);
  const other = createStore(storage);
  other.show({ ...failure, once: 'a b3' });
  expect(titles(other)).toEqual(['failed']);
});

it('is told each time where the browser forbids storage, and where what it holds is no list', () => {
  const failure = { tone: 'bad', title: 'failed', of: 'about-plugin' } as const;
  const forbidden = new ToastStore(() => {
    throw new Error('forbidden');
  });
  forbidden.show(failure);
  const odd = new ToastStore(() => ({ getItem: () => '{"a":1}', setItem: () => undefined }));
  odd.show(failure);
  expect([...titles(forbidden), ...titles(odd)]).toEqual(['failed', 'failed']);
});
