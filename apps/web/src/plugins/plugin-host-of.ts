import type { PluginCluster } from '@fleetwire/plugin-manager/sdk';
import type { Client } from '@fleetwire/websocket-core/client';
import type { AuthSession } from '../auth/auth-session.ts';
import { beginToasts } from '../ui/toasts/Toasts.tsx';
import { PluginHost } from './plugin-host.ts';
import { whyNot } from './plugin-words.ts';
import { isInSafeMode } from './safe-mode.ts';
import { logListenerFailure, logProblem } from './problem-log.ts';
import { ValueStore } from './value-store.ts';

/** The plugins of a sign-in, and what they are told of the page. */
export interface PagePlugins {
  readonly host: PluginHost;
  /** The clusters as plugins see them. */
  readonly clusters: ValueStore<readonly PluginCluster[] | undefined>;
}

interface Held extends PagePlugins {
  readonly client: Client;
}

/** The page of plugins keeps the reason. */
const failureMs = 20_000;

const heldBy = new WeakMap<AuthSession, { current: Held | undefined }>();

/** The plugins that go with a sign-in's live client; they end with the sign-in. `go` leads to an address of the page. */
export function pagePluginsOf(session: AuthSession, client: Client, go: (href: string) => void): PagePlugins {
  const held = heldBy.get(session) ?? watchSession(session);
  if (held.current?.client !== client) {
    held.current?.host.dispose();
    held.current = { client, ...createPagePlugins(session, go) };
  }
  return held.current;
}

function createPagePlugins(session: AuthSession, go: (href: string) => void): PagePlugins {
  const showToast = beginToasts();
  const clusters = new ValueStore<readonly PluginCluster[] | undefined>(undefined);
  const host = new PluginHost({
    createLoader: async (onGeneration) => {
      const { createPageLoader } = await import('./page-loader.ts');
      return createPageLoader({
        token: session.token,
        fetch: (...request) => fetch(...request),
        origin: location.origin,
        clusters,
        go,
        notify: ({ id }, { tone, title, message }) => {
          const views = host.getSnapshot().loader?.getSnapshot() ?? [];
          const name = views.find((view) => view.id === id)?.title ?? id;
          showToast({
            tone: tone === 'bad' ? 'bad' : 'good',
            title: String(title),
            message: message === undefined ? name : `${name}: ${String(message)}`,
          });
        },
        onListenerFailed: ({ id }, thrown) => {
          logListenerFailure(id, thrown);
        },
        onProblem: logProblem,
        isSafeMode: isInSafeMode(),
        onGeneration,
      });
    },
    onFailure: (plugin) => {
      const what = plugin.status === 'failed' ? 'failed' : 'was stopped';
      showToast({
        tone: 'bad',
        title: `The plugin “${plugin.title}” ${what}`,
        message: whyNot(plugin),
        goneAfterMs: failureMs,
      });
    },
  });
  return { host, clusters };
}

function watchSession(session: AuthSession): { current: Held | undefined } {
  const held: { current: Held | undefined } = { current: undefined };
  heldBy.set(session, held);
  session.subscribe(() => {
    if (session.getState().status === 'signed-in') return;
    held.current?.host.dispose();
    held.current = undefined;
  });
  return held;
}
