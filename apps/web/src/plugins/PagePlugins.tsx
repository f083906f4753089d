import { createContext, useContext, useEffect, useSyncExternalStore, type ReactElement, type ReactNode } from 'react';
import { useRouter } from '@tanstack/react-router';
import { PluginProvider } from '@fleetwire/plugin-manager/react';
import type { Client } from '@fleetwire/websocket-core/client';
import { useChannel, useClient } from '@fleetwire/websocket-core/react';
import { useAuthSession } from '../auth/auth-context.ts';
import { useClusters } from '../live/use-clusters.ts';
import { pagePluginsOf, type PagePlugins as Plugins } from './plugin-host-of.ts';
import type { PluginHost, PluginHostState } from './plugin-host.ts';
import { runtimeUrl } from './runtime-url.ts';

const HostContext = createContext<PluginHost | undefined>(undefined);

/** Gives the plugins of a sign-in to the views below, and keeps them as the server lists them. */
export function PagePlugins({
  client,
  children,
}: {
  readonly client: Client;
  readonly children: ReactNode;
}): ReactElement {
  const { history } = useRouter();
  const plugins = pagePluginsOf(useAuthSession(), client, (href) => {
    history.push(href);
  });
  const { host } = plugins;
  const { loader } = useSyncExternalStore(host.subscribe, host.getSnapshot);
  return (
    <HostContext value={host}>
      <FollowServer plugins={plugins} />
      <PluginProvider loader={loader}>{children}</PluginProvider>
    </HostContext>
  );
}

/** How far the plugins of the page are. */
export function usePluginHost(): { readonly host: PluginHost; readonly state: PluginHostState } {
  const host = useContext(HostContext);
  if (host === undefined) throw new Error('there is no PagePlugins above this component');
  return { host, state: useSyncExternalStore(host.subscribe, host.getSnapshot) };
}

/** Whether the plugins of the page are known; where nobody is signed in there are none, and so they are. */
export function useArePluginsKnown(): boolean {
  const host = useContext(HostContext);
  return useSyncExternalStore(host?.subscribe ?? never, () => host?.getSnapshot().isListed ?? true);
}

const never = () => () => undefined;

/** Where no WebSocket gets through, plugins come and go this much later. */
const fallback = { url: runtimeUrl, intervalMs: 30_000 };

function FollowServer({ plugins: { host, clusters } }: { readonly plugins: Plugins }): null {
  const { items, data } = useChannel('plugins', { fallback });
  const listed = (items?.get('store')?.value ?? data) as { readonly generation?: number } | undefined;
  const generation = listed?.generation;
  useEffect(() => {
    host.follow(generation);
  }, [host, generation]);
  const client = useClient();
  useEffect(() => {
    let connectionId = client.state.status === 'open' ? client.state.connectionId : undefined;
    return client.onState((state) => {
      if (state.status !== 'open' || state.connectionId === connectionId) return;
      ({ connectionId } = state);
      host.retryFailed();
    });
  }, [client, host]);
  const { clusters: known } = useClusters();
  useEffect(() => {
    // All plugins get the same ones, and none may change them.
    clusters.set(known && Object.freeze(known.map(({ name, state }) => Object.freeze({ name, state }))));
  }, [clusters, known]);
  return null;
}
