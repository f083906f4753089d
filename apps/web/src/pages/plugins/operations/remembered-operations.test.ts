import { expect, it } from 'vitest';
import type { ListedOperation } from './operations-state.ts';
import { readOperations, writeOperations } from './remembered-operations.ts';

const operation: ListedOperation = {
  id: 'op-1',
  action: 'install',
  pluginId: 'hub:acme/clock',
  state: 'queued',
  startedAt: 1,
};

function storage(text?: string) {
  const values = new Map(text === undefined ? [] : [['key', text]]);
  return () => ({
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  });
}

it('what ran when the page was left is known after a reload, and no more than fifty', () => {
  const find = storage();
  expect(readOperations(find, 'key')).toEqual([]);
  writeOperations(find, 'key', [operation]);
  expect(readOperations(find, 'key')).toEqual([{ ...operation, state: 'running' }]);
  writeOperations(
    find,
    'key',
    Array.from({ length: 60 }, (_, index) => ({ ...operation, id: String(index) })),
  );
  expect(readOperations(find, 'key')).toHaveLength(50);
});

it.each([
  'no JSON',
  '7',
  'null',
  '[null, 7, {}]',
  JSON.stringify([{ ...operation, action: 'constructor' }]),
  JSON.stringify([{ ...operation, id: '' }]),
  JSON.stringify([{ ...operation, pluginId: 'x'.repeat(301) }]),
  JSON.stringify([{ ...operation, startedAt: '1' }]),
])('of %s nothing is taken', (text) => {
  expect(readOperations(storage(text), 'key')).toEqual([]);
});

it('a browser that forbids storage remembers nothing, and nothing fails', () => {
  const forbidden = () => {
    throw new Error('denied');
  };
  writeOperations(forbidden, 'key', [operation]);
  expect(readOperations(forbidden, 'key')).toEqual([]);
});
