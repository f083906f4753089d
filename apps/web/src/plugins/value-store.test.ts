import { expect, it, vi } from 'vitest';
import { ValueStore } from './value-store.ts';

it('a listener that throws keeps nobody else from hearing', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const store = new ValueStore(1);
  const thrown = new Error('boom');
  store.subscribe(() => {
    throw thrown;
  });
  const listener = vi.fn();
  store.subscribe(listener);
  store.set(2);
  expect(listener).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.any(String), thrown);
  warn.mockRestore();
});
