import {
  createContext,
  createElement,
  useCallback,
  useContext,
  useSyncExternalStore,
  type ReactElement,
  type ReactNode,
} from 'react';
import type { PluginLoader } from '../browser/plugin-loader.ts';
import type { PluginView } from '../browser/plugin-view.ts';

/** Properties of {@link PluginProvider}. */
export interface PluginProviderProps {
  /** Created and disposed by the application, outside of rendering. */
  readonly loader: PluginLoader;
  readonly children?: ReactNode;
}

const LoaderContext = createContext<PluginLoader | undefined>(undefined);

/** Gives a loader to the slots and hooks below it. Does not dispose it. */
export function PluginProvider({ loader, children }: PluginProviderProps): ReactElement {
  return createElement(LoaderContext.Provider, { value: loader }, children);
}

/** The loader of the nearest {@link PluginProvider}; throws where there is none. */
export function usePluginLoader(): PluginLoader {
  const loader = useContext(LoaderContext);
  if (loader === undefined) throw new Error('there is no PluginProvider above this component');
  return loader;
}

/** All plugins that the server lists, with what became of each. */
export function usePlugins(): readonly PluginView[] {
  const loader = usePluginLoader();
  const subscribe = useCallback((listener: () => void) => loader.subscribe(listener), [loader]);
  const getSnapshot = useCallback(() => loader.getSnapshot(), [loader]);
  return useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
}
