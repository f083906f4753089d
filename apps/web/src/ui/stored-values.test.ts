import { expect, it, vi } from 'vitest';
import { StoredValues } from './stored-values.ts';

const list = (json: unknown): readonly string[] => (Array.isArray(json) ? (json as string[]) : []);

it('reads the same reference until the browser has another text, and makes sense of what is no JSON', () => {
  const texts = new Map([['a', '["x"]']]);
  const values = new StoredValues(() => ({
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, text) => texts.set(key, text),
  }));
  const listener = vi.fn();
  values.subscribe(listener);
  const first = values.read('a', list);
  expect(first).toEqual(['x']);
  expect(values.read('a', list)).toBe(first);
  values.write('a', ['y']);
  expect([values.read('a', list), texts.get('a'), listener.mock.calls.length]).toEqual([['y'], '["y"]', 1]);
  texts.set('a', '[');
  expect(values.read('a', list)).toEqual([]);
});

it('where storage is forbidden a value lives in this page until it is forgotten, and nothing of it stays', () => {
  const values = new StoredValues(() => {
    throw new Error('storage is forbidden');
  });
  values.subscribe(() => {
    values.read('a', list);
  });
  values.write('a', ['of the former user']);
  expect(values.read('a', list)).toEqual(['of the former user']);
  values.forget();
  expect(values.read('a', list)).toEqual([]);
});
