import { expect, it } from 'vitest';
import { sourcesOf } from './catalog-sources.ts';

it('a source that failed, and one that is chosen and has nothing, can still be chosen', () => {
  const failure = { code: 'E_NETWORK', message: '', phase: 'resolve', retryable: true, details: {} } as const;
  const ref = { source: 'hub', repo: 'r', name: 'n' };
  const item = { id: 'hub:r/n', ref, title: 'N', description: '', version: '1.0.0' };
  const found = { items: [item], total: 1, failures: [{ source: 'mirror', failure }] };
  expect(sourcesOf(found, ['local:a/b'], 'other')).toEqual(['hub', 'local', 'mirror', 'other']);
  expect(sourcesOf(undefined, [], '')).toEqual([]);
});
