import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { canonicalParams } from '../protocol/canonical-params.ts';
import {
  ChannelStore,
  idleView,
  readContent,
  type ChannelCallbacks,
  type ChannelFallback,
  type ChannelView,
} from './channel-store.ts';
import { useClientContext } from './client-provider.ts';

/** How a component uses a channel. */
export interface UseChannelOptions extends ChannelCallbacks {
  /** Compared by content, so a literal may be written in place. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** Default true; false lets go of the channel. */
  readonly enabled?: boolean | undefined;
  /** Compared by `url` and `intervalMs`. */
  readonly fallback?: ChannelFallback | undefined;
}

const subscribeToNothing = (): (() => void) => () => {};
const getIdleView = (): ChannelView => idleView;

/**
 * Subscribes to a channel while the component is mounted. State feeds give `items`; other feeds give the last
 * publication as `data`, or each to `onPublication`, which then does not render. A null channel does nothing.
 */
export function useChannel(channel: string | null, options: UseChannelOptions = {}): ChannelView {
  const { allowInsecureToken, client, fetch, getToken } = useClientContext();
  const { enabled = true, fallback, params } = options;
  const latest = useRef(options);
  // Before the store subscribes: effects run in their order.
  useEffect(() => {
    latest.current = options;
  });
  // As it travels: a date becomes its text.
  const paramsKey = canonicalParams(params && (JSON.parse(JSON.stringify(params)) as typeof params));
  const url = fallback?.url;
  const intervalMs = fallback?.intervalMs;
  const store = useMemo(() => {
    if (channel === null || !enabled) return undefined;
    return new ChannelStore({
      client,
      channel,
      params: paramsKey === '' ? undefined : (JSON.parse(paramsKey) as Readonly<Record<string, unknown>>),
      fallback:
        url === undefined || intervalMs === undefined
          ? undefined
          : { url, intervalMs, read: (json) => (latest.current.fallback?.read ?? readContent)(json) },
      fetch,
      getToken,
      allowInsecureToken,
      callbacks: () => latest.current,
    });
  }, [client, channel, enabled, paramsKey, url, intervalMs, fetch, getToken, allowInsecureToken]);
  const getView = store?.getView ?? getIdleView;
  return useSyncExternalStore(store?.subscribe ?? subscribeToNothing, getView, getView);
}
