import { expect, it, vi } from 'vitest';
import { createRunStore } from './run-store.ts';
import { ValueStore } from './value-store.ts';

function open() {
  const store = new ValueStore(1);
  const controller = new AbortController();
  const onThrown = vi.fn();
  const own = createRunStore(store, controller.signal, onThrown);
  return { store, own, onThrown, stop: () => controller.abort() };
}

it('a plugin reads it and listens to it, and cannot set it', () => {
  const { store, own } = open();
  const listener = vi.fn();
  const undo = own.subscribe(listener);
  store.set(2);
  expect(own.getSnapshot()).toBe(2);
  undo();
  store.set(3);
  expect(listener).toHaveBeenCalledTimes(1);
  expect(Object.keys(own).sort()).toEqual(['getSnapshot', 'subscribe']);
});

it.each([
  () => {
    throw new Error('boom');
  },
  undefined as unknown as () => void,
])('what a listener throws is told, and stops nobody else', (bad) => {
  const { store, own, onThrown } = open();
  own.subscribe(bad);
  const good = vi.fn();
  store.subscribe(good);
  expect(() => {
    store.set(2);
  }).not.toThrow();
  expect(good).toHaveBeenCalledTimes(1);
  expect(onThrown).toHaveBeenCalledTimes(1);
});

it('nothing of it listens after its plugin has stopped', () => {
  const { store, own, stop } = open();
  const listener = vi.fn();
  const undo = own.subscribe(listener);
  stop();
  own.subscribe(listener);
  store.set(2);
  undo();
  expect(listener).not.toHaveBeenCalled();
});
