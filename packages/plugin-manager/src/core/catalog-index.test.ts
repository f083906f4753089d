import { expect, it } from 'vitest';
import { indexedEntry, parseIndex, searchIndex } from './catalog-index.ts';

const plugin = (name: string, count: number, more: object = {}) => ({
  repo: 'acme',
  name,
  repositoryId: 'acme-1',
  versions: Array.from({ length: count }, (_, index) => ({ version: `1.${String(index)}.0`, annotations: {} })),
  ...more,
});
const parse = (...plugins: object[]) =>
  parseIndex(
    { schemaVersion: 1, plugins },
    ({ expected, found, path }) => new Error(`${path}: ${expected}, got ${found}`),
  );

it('leaves a plugin with more versions than are listed among the others, and finds it', () => {
  const plugins = parse(plugin('a', 2_000), plugin('b', 2_001));
  expect(plugins.map(({ versions }) => versions.length)).toEqual([2_000, 2_001]);
  const { items } = searchIndex('own', plugins, '', { start: 0, count: 9 });
  expect(items.map(({ ref, version }) => [ref.name, version])).toEqual([
    ['a', '1.1999.0'],
    ['b', '1.2000.0'],
  ]);
});

it('refuses more than 20,000 versions in all before it looks at one', () => {
  const plugins = Array.from({ length: 11 }, (_, index) => plugin(`p${String(index)}`, 2_000));
  expect(() => parse(...plugins)).toThrow('plugins: expected at most 20000 versions, got 22000');
  const many = plugin('b', 0, { versions: Array.from({ length: 20_001 }, () => 'no version') });
  expect(() => parse(many)).toThrow('plugins: expected at most 20000 versions, got 20001');
});

it('gives the page of a search that is asked for, and how many there are', () => {
  const plugins = parse(plugin('a', 2), plugin('b', 3), plugin('c', 4));
  const { items, total } = searchIndex('own', plugins, '', { start: 1, count: 1 });
  expect(items.map(({ ref, version }) => [ref.name, version])).toEqual([['b', '1.2.0']]);
  expect(total).toBe(3);
});

it('shows no control characters, nor what turns a text round', () => {
  const hostile = { title: '\u202eevil\u0007', author: '\u0000', description: 'one\n\u2066two' };
  const [parsed] = parse(plugin('a', 1, hostile));
  const { items } = searchIndex('own', parsed ? [parsed] : [], '', { start: 0, count: 9 });
  expect(items).toMatchObject([{ title: 'evil', author: undefined, description: 'one two' }]);
  const [unseen] = parse(plugin('a', 1, { title: '\u200b' }));
  expect(unseen && indexedEntry('own', unseen).title).toBe('a');
});
