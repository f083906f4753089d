// @vitest-environment jsdom
import { createFakeKubeApi, type FakeKubeApi } from '@fleetwire/fake-kube-api';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, renderHook, waitFor } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { afterEach, expect, it } from 'vitest';
import { createKubeWatchClient, type KubeWatchClient } from '../../src/client/index.ts';
import { KubeWatchProvider, useKubeObjectList } from '../../src/react/index.ts';

const undos: (() => unknown)[] = [];
afterEach(async () => {
  cleanup();
  for (const undo of undos.splice(0).reverse()) await undo();
});

const pods = { group: '', version: 'v1', resource: 'pods' };

async function start(): Promise<{
  api: FakeKubeApi;
  client: KubeWatchClient;
  wrapper: (props: { children: ReactNode }) => ReactNode;
}> {
  const api = createFakeKubeApi();
  undos.push(() => api.dispose());
  const { url } = await api.listen();
  const client = createKubeWatchClient({ clusterUrl: () => url, transport: 'direct', directTransport: 'fetch' });
  undos.push(() => {
    client.dispose();
  });
  const queryClient = new QueryClient();
  undos.push(() => {
    queryClient.clear();
  });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <KubeWatchProvider client={client}>{children}</KubeWatchProvider>
      </QueryClientProvider>
    </StrictMode>
  );
  return { api, client, wrapper };
}

it('lists and goes live', async () => {
  const { api, wrapper } = await start();
  api.store.create(pods, 'default', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  const { result } = renderHook(
    () => useKubeObjectList({ resource: { version: 'v1', resource: 'pods' }, clusters: ['one'] }),
    { wrapper },
  );
  await waitFor(() => {
    expect(result.current.items.map(({ object }) => object.metadata.name)).toEqual(['a']);
  });
  await waitFor(() => {
    expect(result.current.watchStatus).toBe('live');
  });
  api.store.create(pods, 'default', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'b' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  await waitFor(() => {
    expect(result.current.items.map(({ object }) => object.metadata.name)).toEqual(['a', 'b']);
  });
});
