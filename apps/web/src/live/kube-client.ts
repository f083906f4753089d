import { createKubeWatchClient, type KubeWatchClient } from '@fleetwire/kube-watch/client';
import type { Client } from '@fleetwire/websocket-core/client';
import type { AuthSession } from '../auth/auth-session.ts';

interface Held {
  readonly client: Client;
  readonly kube: KubeWatchClient;
}

const heldBy = new WeakMap<AuthSession, { current: Held | undefined }>();

/** The client of the clusters that goes with a sign-in's live client; it ends with the sign-in. */
export function kubeClientOf(session: AuthSession, client: Client): KubeWatchClient {
  const held = heldBy.get(session) ?? watchSession(session);
  if (held.current?.client !== client) {
    held.current?.kube.dispose();
    held.current = { client, kube: createKubeWatchClient({ client, getToken: session.token }) };
  }
  return held.current.kube;
}

function watchSession(session: AuthSession): { current: Held | undefined } {
  const held: { current: Held | undefined } = { current: undefined };
  heldBy.set(session, held);
  session.subscribe(() => {
    if (session.getState().status === 'signed-in') return;
    held.current?.kube.dispose();
    held.current = undefined;
  });
  return held;
}
