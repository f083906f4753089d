import type {
  PluginCluster,
  PluginIdentity,
  PluginNotice,
  PluginSdk,
  PluginStore,
} from '@fleetwire/plugin-manager/sdk';
import { sdkVersion } from '@fleetwire/plugin-manager/sdk';
import type { AuthSession } from '../auth/auth-session.ts';
import { createRunStore } from './run-store.ts';

/** What the SDK of a plugin is made of. */
export interface SdkParts {
  readonly token: AuthSession['token'];
  readonly fetch: typeof fetch;
  /** Of the page. */
  readonly origin: string;
  readonly clusters: PluginStore<readonly PluginCluster[] | undefined>;
  /** Goes to an address of the page. */
  readonly go: (href: string) => void;
  readonly notify: (plugin: PluginIdentity, notice: PluginNotice) => void;
  /** Hears of what a plugin's listener throws. */
  readonly onListenerFailed: (plugin: PluginIdentity, thrown: unknown) => void;
}

/** What a plugin may ask the server for. */
const asked = ['/api/', '/clusters/'];

/** An address of the page's own origin, without the origin; throws a TypeError for any other. */
function ownAddress(path: string, origin: string): URL {
  const url =
    typeof path === 'string' && path.startsWith('/') && URL.canParse(path, origin) ? new URL(path, origin) : undefined;
  // Without its dots, `/.//host` is `//host`.
  if (url?.origin === origin && !url.pathname.startsWith('//')) return url;
  throw new TypeError(`expected a path of the dashboard, such as /clusters; got ${path}`);
}

/** What one plugin gets as `ctx.sdk`; it ends with `signal`, so that nothing of it acts for the next user. */
export function createPluginSdk(plugin: PluginIdentity, signal: AbortSignal, parts: SdkParts): PluginSdk {
  const { token, fetch, origin, go, notify, onListenerFailed } = parts;
  const clusters = createRunStore(parts.clusters, signal, (thrown) => {
    onListenerFailed(plugin, thrown);
  });

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const url = ownAddress(path, origin);
    if (!asked.some((start) => url.pathname.startsWith(start))) {
      throw new TypeError(`expected a path below ${asked.join(' or ')}; got ${path}`);
    }
    const until = init.signal == null ? signal : AbortSignal.any([signal, init.signal]);
    const send = async (reason: 'request' | 'expired'): Promise<Response> => {
      until.throwIfAborted();
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${await token({ reason })}`);
      // The plugin may have been stopped meanwhile, and the token may be another user's.
      until.throwIfAborted();
      return fetch(url.href, { ...init, headers, signal: until });
    };
    const answer = await send('request');
    // A body that is a stream has been read.
    const isRepeatable = init.body == null || typeof init.body === 'string';
    return answer.status === 401 && isRepeatable ? send('expired') : answer;
  }

  return {
    version: sdkVersion,
    clusters,
    navigate(path) {
      const { pathname, search, hash } = ownAddress(path, origin);
      if (!signal.aborted) go(`${pathname}${search}${hash}`);
    },
    request,
    notify(notice) {
      if (!signal.aborted) notify(plugin, notice);
    },
  };
}
