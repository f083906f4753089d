import {
  createContext,
  createElement,
  useCallback,
  useContext,
  useSyncExternalStore,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { PluginLoader } from '../browser/plugin-loader-interface.ts';
import type { PluginView } from '../browser/plugin-view.ts';

/** Properties of {@link PluginProvider}. */
export interface PluginProviderProps {
  /** Created and disposed by the application, outside of rendering; undefined until it is there. */
  readonly loader: PluginLoader | undefined;
  readonly children?: ReactNode;
}

// Null where there is a provider whose loader has not come.
const LoaderContext = createContext<PluginLoader | null | undefined>(undefined);

/** Gives a loader to the slots and hooks below it. Does not dispose it. */
export function PluginProvider({ loader, children }: PluginProviderProps): ReactElement {
  return createElement(LoaderContext.Provider, { value: loader ?? null }, children);
}

/** The loader of the nearest {@link PluginProvider}; undefined until it is there. Throws where there is no provider. */
export function usePluginLoader(): PluginLoader | undefined {
  const loader = useContext(LoaderContext);
  if (loader === undefined) throw new Error('there is no PluginProvider above this component');
  return loader ?? undefined;
}

const none: readonly PluginView[] = [];

/** All plugins that the server lists, with what became of each. */
export function usePlugins(): readonly PluginView[] {
  const loader = usePluginLoader();
  const subscribe = useCallback((listener: () => void) => loader?.subscribe(listener) ?? (() => undefined), [loader]);
  const getSnapshot = useCallback(() => loader?.getSnapshot() ?? none, [loader]);
  return useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
}
