import { expect, it } from 'vitest';
import { parsePolicy } from '../../core/policy.ts';
import { createSources } from './create-sources.ts';
import type { MetadataRequest } from '../fetch/create-fetcher.ts';

it('makes the sources of a policy in its order, which fetch from their own host within its limits', async () => {
  const asked: MetadataRequest[] = [];
  const fetcher = {
    metadata: async (request: MetadataRequest) => {
      asked.push(request);
      return { status: 404, headers: {}, text: '', urlChain: [request.url] };
    },
  };
  const policy = parsePolicy({
    sources: [
      { name: 'hub', kind: 'artifact-hub', url: 'https://hub.example:8443/mirror/' },
      { name: 'own', kind: 'index', url: 'http://plugins.example/index.json', isLocal: true },
      { name: 'disk', kind: 'file', path: '/nowhere/index.json' },
    ],
    limits: { maxMetadataBytes: 1_000 },
  });
  const sources = createSources(policy, fetcher);
  expect(sources.map(({ name }) => name)).toEqual(['hub', 'own', 'disk']);
  const { signal } = new AbortController();
  for (const source of sources) {
    const described = source.describe({ repo: 'a', name: 'b' }, signal);
    await expect(described).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
  }
  expect(asked).toMatchObject([
    {
      url: 'https://hub.example:8443/mirror/api/v1/packages/headlamp/a/b',
      maxBytes: 1_000,
      policy: { hosts: ['hub.example:8443'], redirectHosts: [], isLocal: false },
    },
    {
      url: 'http://plugins.example/index.json',
      maxBytes: 1_000,
      policy: { hosts: ['plugins.example'], isLocal: true },
    },
  ]);
});
