import type { PluginView } from '@fleetwire/plugin-manager/browser';
import type { PluginCluster } from '@fleetwire/plugin-manager/sdk';
import type { Client } from '@fleetwire/websocket-core/client';
import type { AuthSession } from '../auth/auth-session.ts';
import { beginToasts, forgetToast } from '../ui/toasts/Toasts.tsx';
import { loadAnew, prepareToLoadAnew } from './load-anew.ts';
import { PluginHost } from './plugin-host.ts';
import { titleOf } from './plugin-title.ts';
import { whyNot } from './plugin-words.ts';
import { isInSafeMode } from './safe-mode.ts';
import { logListenerFailure, logProblem } from './problem-log.ts';
import { ValueStore } from './value-store.ts';
import { watchUncaught } from './watch-uncaught.ts';

/** The plugins of a sign-in, and what they are told of the page. */
export interface PagePlugins {
  readonly host: PluginHost;
  /** The clusters as plugins see them. */
  readonly clusters: ValueStore<readonly PluginCluster[] | undefined>;
}

interface Held extends PagePlugins {
  readonly client: Client;
  readonly unwatch: () => void;
}

/** The page of plugins keeps the reason. */
const failureMs = 20_000;

/** What goes with a sign-in, and the end of what went with the one before. */
interface Holder {
  current: Held | undefined;
  ended: Promise<void>;
}

const heldBy = new WeakMap<AuthSession, Holder>();

/** The plugins that go with a sign-in's live client; they end with the sign-in. `go` leads to an address of the page. */
export function pagePluginsOf(session: AuthSession, client: Client, go: (href: string) => void): PagePlugins {
  const held = heldBy.get(session) ?? watchSession(session);
  if (held.current?.client !== client) {
    end(held, session);
    held.current = { client, ...createPagePlugins(session, go, held.ended) };
  }
  return held.current;
}

/**
 * Ends what there is. A page cannot take back what code of plugins has changed in it, or listens to: once any has run, the
 * page is loaded anew before somebody else signs in. Modules are shared, so that the next begins after the last has
 * stopped.
 */
function end(held: Holder, session: AuthSession): void {
  const { current } = held;
  if (current === undefined) return;
  held.current = undefined;
  const { loader } = current.host.getSnapshot();
  const hasRunCode = loader !== undefined && loader.evaluated.size > 0;
  try {
    held.ended = Promise.allSettled([held.ended, current.host.dispose()]).then(() => undefined);
    current.unwatch();
  } finally {
    // Last, and in any case.
    if (hasRunCode) loadAnew(session.signOutHeard);
  }
}

/** `before`: settles when the plugins of the sign-in before have stopped. */
function createPagePlugins(
  session: AuthSession,
  go: (href: string) => void,
  before: Promise<void>,
): Omit<Held, 'client'> {
  const showToast = beginToasts();
  const clusters = new ValueStore<readonly PluginCluster[] | undefined>(undefined);
  const nameOf = (pluginId: string): string => {
    const views = host.getSnapshot().loader?.getSnapshot() ?? [];
    const view = views.find(({ id }) => id === pluginId);
    return view === undefined ? pluginId : titleOf(view, views);
  };
  const host = new PluginHost({
    createLoader: async (onGeneration) => {
      const [{ createPageLoader }] = await Promise.all([import('./page-loader.ts'), before]);
      return createPageLoader({
        token: session.token,
        fetch: (...request) => fetch(...request),
        origin: location.origin,
        clusters,
        go,
        notify: ({ id }, { tone, title, message }) => {
          showToast({
            tone: tone === 'bad' ? 'bad' : 'good',
            title: `${nameOf(id)}: ${String(title)}`,
            message: message === undefined ? undefined : String(message),
            of: 'plugin',
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
        title: `The plugin “${nameOf(plugin.id)}” ${what}`,
        message: whyNot(plugin),
        goneAfterMs: failureMs,
        of: 'about-plugin',
        once: `failed ${buildOf(plugin)}`,
      });
    },
    onRunning: (plugin) => {
      forgetToast(`failed ${buildOf(plugin)}`);
    },
  });
  const told = new Set<string>();
  const unwatch = watchUncaught((thrown, script) => {
    const { loader } = host.getSnapshot();
    const problem = loader?.reportUncaught(thrown, script);
    const plugin = loader?.getSnapshot().find(({ id }) => id === problem?.pluginId);
    if (problem === undefined || plugin === undefined) return;
    const build = buildOf(plugin);
    if (told.has(build)) return;
    told.add(build);
    showToast({
      tone: 'bad',
      title: `Something of the plugin “${nameOf(plugin.id)}” failed`,
      message: problem.reason,
      goneAfterMs: failureMs,
      of: 'about-plugin',
      once: `uncaught ${build}`,
    });
  });
  return { host, clusters, unwatch };
}

function buildOf({ id, build }: PluginView): string {
  return `${id} ${build ?? ''}`;
}

function watchSession(session: AuthSession): Holder {
  const held: Holder = { current: undefined, ended: Promise.resolve() };
  heldBy.set(session, held);
  prepareToLoadAnew();
  session.subscribe(() => {
    const state = session.getState();
    // At once, and not when the next one's are asked for.
    if (state.status !== 'signed-in' || state.client !== held.current?.client) end(held, session);
  });
  return held;
}
