import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import type { CatalogDetails, PluginList } from '@fleetwire/plugin-manager';
import { nameOf } from './use-installed.ts';

const id = 'lab:tools/big';
const key = (...parts: readonly unknown[]): readonly unknown[] => parts;
const list = (title: string): PluginList =>
  ({ generation: 1, items: [{ managed: true, id, title }] }) as unknown as PluginList;

it('a plugin has one name, also where only its operation says what it is called', () => {
  const queries = new QueryClient();
  expect(nameOf(queries, key, undefined, id)).toBe('big');
  expect(nameOf(queries, key, undefined, id, 'Big download')).toBe('Big download');
  queries.setQueryData<Partial<CatalogDetails>>(key('catalog', id), { title: 'Big in the catalog' });
  expect(nameOf(queries, key, undefined, id, 'Big download')).toBe('Big in the catalog');
  expect(nameOf(queries, key, list('Big, installed'), id, 'Big download')).toBe('Big, installed');
});
