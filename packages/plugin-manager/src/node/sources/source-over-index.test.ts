import { expect, it } from 'vitest';
import { parseIndex } from '../../core/catalog-index.ts';
import { invalidResponse } from '../../core/invalid-response.ts';
import { sourceOverIndex } from './source-over-index.ts';

const { signal } = new AbortController();
const annotations = {
  'headlamp/plugin/archive-url': 'https://example.org/a.tgz',
  'headlamp/plugin/archive-checksum': `sha256:${'0'.repeat(64)}`,
};
const plugin = (name: string, count: number) => ({
  repo: 'acme',
  name,
  repositoryId: 'r',
  versions: Array.from({ length: count }, (_, index) => ({ version: `1.0.${String(index)}`, annotations })),
});

it('a plugin with more versions than are listed hides no other, and gives those that are asked for by number', async () => {
  const index = { schemaVersion: 1, plugins: [plugin('few', 1), plugin('most', 2_000), plugin('many', 2_001)] };
  const source = sourceOverIndex(
    'own',
    () => Promise.resolve(parseIndex(index, (mismatch) => invalidResponse('the index', mismatch))),
    (url) => url,
  );
  expect(await source.describe({ repo: 'acme', name: 'few' }, signal)).toMatchObject({ version: '1.0.0' });
  expect((await source.describe({ repo: 'acme', name: 'most' }, signal)).versions).toHaveLength(2_000);
  expect((await source.search({ query: 'many', limit: 9, offset: 0, signal })).total).toBe(1);
  const many = { repo: 'acme', name: 'many' };
  expect(await source.release(many, '1.0.7', signal)).toMatchObject({ version: '1.0.7' });
  await expect(source.describe(many, signal)).rejects.toMatchObject({
    code: 'E_RESPONSE_INVALID',
    pluginId: 'own:acme/many',
    message: 'versions of the index of own: expected at most 2000 versions, got 2001',
  });
});
