import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { createKubeWatchClient } from '@fleetwire/kube-watch/client';
import { KubeWatchProvider, useKubeObjectList } from '@fleetwire/kube-watch/react';
import type { Client, SubscribeOptions } from '@fleetwire/websocket-core/client';
import { Shown, type Contender } from './contender.ts';

/** The hook as an application uses it; the socket's client is stood in for, so that no network is in the figure. */
export async function createHookContender(queryClient: QueryClient, pods: number): Promise<Contender> {
  const shown = new Shown();
  let newest = '';
  let listener: SubscribeOptions | undefined;
  const socket = {
    state: { status: 'open', connectionId: 'bench', rttMs: undefined },
    onState: () => () => undefined,
    subscribe(channel: string, options: SubscribeOptions) {
      listener = options;
      queueMicrotask(() => {
        options.onState?.({ status: 'live', mode: 'recovered' });
        options.onPublication?.({ state: 'live' }, undefined);
      });
      return { channel, state: { status: 'live', mode: 'recovered' }, items: undefined, dispose: () => undefined };
    },
  } as unknown as Client;
  const client = createKubeWatchClient({
    clusterUrl: () => `${location.origin}/pods-${String(pods)}`,
    transport: 'multiplexed',
    client: socket,
    lingerMs: 0,
  });
  function List() {
    const { items } = useKubeObjectList({
      resource: { version: 'v1', resource: 'pods' },
      clusters: ['bench'],
      namespaces: ['shop'],
    });
    useEffect(() => {
      shown.render(items.length, newest);
    });
    return <p>{items.length}</p>;
  }
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  root.render(
    <QueryClientProvider client={queryClient}>
      <KubeWatchProvider client={client}>
        <List />
      </KubeWatchProvider>
    </QueryClientProvider>,
  );
  return {
    get renders() {
      return shown.renders;
    },
    get shownItems() {
      return shown.items;
    },
    get newestShown() {
      return shown.newest;
    },
    push(text) {
      const data = JSON.parse(`{"events":[${text}]}`) as {
        readonly events: readonly { readonly object: { readonly metadata: { readonly resourceVersion: string } } }[];
      };
      newest = data.events[0]?.object.metadata.resourceVersion ?? '';
      listener?.onPublication?.(data, newest);
    },
    until: (condition) => shown.until(condition),
    dispose() {
      root.unmount();
      host.remove();
      client.dispose();
      queryClient.clear();
    },
  };
}
