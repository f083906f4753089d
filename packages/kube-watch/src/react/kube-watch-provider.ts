import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import {
  createContext,
  createElement,
  useContext,
  useLayoutEffect,
  useMemo,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { KubeWatchClient } from '../client/types.ts';
import { QueryBinding } from './query-binding.ts';

/** Properties of {@link KubeWatchProvider}. */
export interface KubeWatchProviderProps {
  /** Created and disposed by the application, outside of rendering. */
  readonly client: KubeWatchClient;
  /** Where lists live. Default: that of the nearest QueryClientProvider. */
  readonly queryClient?: QueryClient | undefined;
  /** The cluster of hooks that were not given one, such as `useK8sWatchResource`. */
  readonly cluster?: string | undefined;
  readonly children?: ReactNode;
}

/** What the hooks get of the provider. */
export interface KubeWatchContextValue {
  readonly client: KubeWatchClient;
  readonly queryClient: QueryClient;
  readonly binding: QueryBinding;
  readonly cluster: string | undefined;
}

const KubeWatchContext = createContext<KubeWatchContextValue | undefined>(undefined);

/** Gives a kube-watch client to the hooks below it, and keeps their lists in the query cache current. Does not dispose it. */
export function KubeWatchProvider(props: KubeWatchProviderProps): ReactElement {
  const { client, cluster, children } = props;
  const queryClient = useQueryClient(props.queryClient);
  const binding = useMemo(() => new QueryBinding(client, queryClient), [client, queryClient]);
  // Before the effects of the components below, in which their queries get observers.
  useLayoutEffect(() => binding.start(), [binding]);
  const value = useMemo<KubeWatchContextValue>(
    () => ({ client, queryClient, binding, cluster }),
    [client, queryClient, binding, cluster],
  );
  return createElement(KubeWatchContext.Provider, { value }, children);
}

/** All that the provider gives. Throws outside of a {@link KubeWatchProvider}. */
export function useKubeWatchContext(): KubeWatchContextValue {
  const value = useContext(KubeWatchContext);
  if (value === undefined) throw new Error('there is no KubeWatchProvider above this component');
  return value;
}

/** The client of the nearest {@link KubeWatchProvider}; throws where there is none. */
export function useKubeWatchClient(): KubeWatchClient {
  return useKubeWatchContext().client;
}
