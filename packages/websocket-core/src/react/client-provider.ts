import {
  createContext,
  createElement,
  useContext,
  useEffect,
  useMemo,
  useRef,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { Client } from '../client/types.ts';

/** How the REST fallback of a channel is fetched. */
export interface FallbackOptions {
  /** Default: the page's `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /**
   * Bearer token for the fallback; undefined sends none (a cookie may do). It is only asked for and sent where the
   * fallback's address is of the page's own origin or of the client's host.
   */
  readonly getToken?: (() => string | undefined | Promise<string | undefined>) | undefined;
  /** Allows the token over `http:` to a host that is not loopback. Default false: such a poll fails with INSECURE_URL. */
  readonly allowInsecureToken?: boolean | undefined;
}

/** Properties of {@link ClientProvider}. The functions may be new at each render. */
export interface ClientProviderProps extends FallbackOptions {
  /** Created and disposed by the application, outside of rendering. */
  readonly client: Client;
  readonly children?: ReactNode;
}

/** What the hooks get of the provider; the same object for the same client. */
export interface ClientContextValue extends Required<FallbackOptions> {
  readonly client: Client;
}

const ClientContext = createContext<ClientContextValue | undefined>(undefined);

/** Gives a client to the hooks below it. Does not dispose it. */
export function ClientProvider(props: ClientProviderProps): ReactElement {
  const { allowInsecureToken, client, fetch, getToken, children } = props;
  const latest = useRef<FallbackOptions>({ fetch, getToken });
  useEffect(() => {
    latest.current = { fetch, getToken };
  });
  const value = useMemo<ClientContextValue>(
    () => ({
      client,
      fetch: (input, init) => (latest.current.fetch ?? globalThis.fetch)(input, init),
      getToken: () => latest.current.getToken?.(),
      allowInsecureToken,
    }),
    [client, allowInsecureToken],
  );
  return createElement(ClientContext.Provider, { value }, children);
}

/** The client and how to fetch. Throws outside of a {@link ClientProvider}. */
export function useClientContext(): ClientContextValue {
  const value = useContext(ClientContext);
  if (value === undefined) throw new Error('there is no ClientProvider above this component');
  return value;
}

/** The client of the nearest {@link ClientProvider}; throws where there is none. */
export function useClient(): Client {
  return useClientContext().client;
}
