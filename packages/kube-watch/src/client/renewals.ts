import type { Client, StateItems } from '@fleetwire/websocket-core/client';
import { clustersChannel, type ClusterInfo } from '../protocol/channel.ts';

/** What is told of credentials; see {@link watchRenewals}. */
export interface RenewalListener {
  /** The server accepted the page's credentials anew. */
  onPage(): void;
  /** A cluster that was not ready is. */
  onCluster(cluster: string): void;
}

/** Hears over the Fleetwire socket that credentials may be good again, of the page or of a cluster. Returns its undo. */
export function watchRenewals(client: Client, listener: RenewalListener): () => void {
  let isOpen = client.state.status === 'open';
  const undo = client.onState(({ status }) => {
    const wasOpen = isOpen;
    isOpen = status === 'open';
    if (isOpen && !wasOpen) listener.onPage();
  });
  let ready: ReadonlySet<string> | undefined;
  const onItems = (items: StateItems): void => {
    const infos = [...items.values()].map(({ value }) => value as ClusterInfo);
    const before = ready;
    ready = new Set(infos.filter(({ state }) => state === 'ready').map(({ name }) => name));
    // What is ready from the first may have been all the time.
    if (before !== undefined) for (const name of ready) if (!before.has(name)) listener.onCluster(name);
  };
  // A server without this channel, or a user who may not see it, leaves the rest as it is.
  const subscription = client.subscribe(clustersChannel, { onItems });
  return () => {
    undo();
    subscription.dispose();
  };
}
