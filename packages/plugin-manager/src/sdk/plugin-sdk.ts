/** A value that changes; its functions are those of React's `useSyncExternalStore`. */
export interface PluginStore<T> {
  /** Calls `listener` after each change; gives back its undo. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The same value until it changes. */
  readonly getSnapshot: () => T;
}

/** A cluster that the user may see. */
export interface PluginCluster {
  readonly name: string;
  readonly state: 'unknown' | 'ready' | 'unreachable' | 'unauthorized';
}

/** What is shown in a corner for a while. */
export interface PluginNotice {
  /** What failed stays until it is closed; the rest goes by itself. */
  readonly tone: 'good' | 'bad';
  readonly title: string;
  readonly message?: string | undefined;
}

/** What the dashboard does for one of its plugins. A dashboard may add to it by declaration merging. */
export interface PluginSdk {
  /** Semantic Versioning 2.0.0, of this interface. */
  readonly version: string;
  /** By name; undefined until they are known. Nobody is told of changes once the plugin was stopped. */
  readonly clusters: PluginStore<readonly PluginCluster[] | undefined>;
  /** Goes to a path of the dashboard, a plugin's routes among them. Throws a TypeError for what is none. */
  readonly navigate: (path: string) => void;
  /**
   * Asks the server as the user: `fetch` of a path below `/api/` or `/clusters/` (a cluster's own API), with the user's
   * token. Rejects with a TypeError for any other address, and with an AbortError once the plugin was stopped.
   */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  /** Shows a notice under the name of the plugin. */
  readonly notify: (notice: PluginNotice) => void;
}
