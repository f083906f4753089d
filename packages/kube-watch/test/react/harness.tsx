import { createFakeKubeApi, type FakeKubeApi, type FakeKubeApiOptions, type NewObject } from '@fleetwire/fake-kube-api';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, configure } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { createKubeWatchClient, type KubeWatchClient, type KubeWatchClientOptions } from '../../src/client/index.ts';
import type { KubeObject } from '../../src/index.ts';
import { KubeWatchProvider } from '../../src/react/index.ts';

export const configMaps = { version: 'v1', resource: 'configmaps' } as const;
const stored = { group: '', ...configMaps };

/** Hooks under StrictMode on a fake API over streaming fetch. */
export interface Harness {
  readonly api: FakeKubeApi;
  readonly client: KubeWatchClient;
  readonly queryClient: QueryClient;
  /** Each write into the cache of a live list, as key and value. */
  readonly writes: readonly unknown[];
  readonly wrapper: (props: { readonly children: ReactNode }) => ReactNode;
  readonly create: (name: string, data?: Readonly<Record<string, string>>, namespace?: string) => KubeObject;
  readonly update: (name: string, data: Readonly<Record<string, string>>) => KubeObject;
  readonly remove: (name: string) => void;
}

// Its own second is less than a busy machine may take.
configure({ asyncUtilTimeout: 30_000 });

const undos: (() => unknown)[] = [];

export async function undoAll(): Promise<void> {
  cleanup();
  for (const undo of undos.splice(0).reverse()) await undo();
}

export async function startHooks(
  options: Partial<KubeWatchClientOptions> = {},
  apiOptions: FakeKubeApiOptions = {},
): Promise<Harness> {
  const api = createFakeKubeApi(apiOptions);
  undos.push(() => api.dispose());
  const { url } = await api.listen();
  const client = createKubeWatchClient({
    // Clusters whose names begin with `dead` do not answer.
    clusterUrl: (name) => (name.startsWith('dead') ? 'http://127.0.0.1:9' : url),
    transport: 'direct',
    directTransport: 'fetch',
    ...options,
  });
  undos.push(() => {
    client.dispose();
  });
  const queryClient = new QueryClient();
  undos.push(() => {
    queryClient.clear();
  });
  const writes: unknown[] = [];
  queryClient.getQueryCache().subscribe((event) => {
    const isWrite = event.type === 'updated' && event.action.type === 'success';
    if (isWrite && (event.query.queryKey as unknown[])[3] === '/v1/configmaps') writes.push(event.query.state.data);
  });
  const wrapper: Harness['wrapper'] = ({ children }) => (
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <KubeWatchProvider client={client} cluster="one">
          {children}
        </KubeWatchProvider>
      </QueryClientProvider>
    </StrictMode>
  );
  const object = (name: string, data: Readonly<Record<string, string>>): NewObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data,
  });
  return {
    api,
    client,
    queryClient,
    writes,
    wrapper,
    create: (name, data = {}, namespace = 'default') => api.store.create(stored, namespace, object(name, data)),
    update: (name, data) => api.store.update(stored, 'default', name, object(name, data)),
    remove: (name) => void api.store.delete(stored, 'default', name),
  };
}
