import type { ContributionKind } from '../protocol/contributions.ts';
import type { Contribution } from './contributions.ts';
import type { PluginSdk } from './plugin-sdk.ts';

/** Something that can be taken back. Taking it back twice does nothing. */
export interface Disposable {
  dispose(): void;
}

/** Which plugin it is. */
export interface PluginIdentity {
  /** `<source>:<repo>/<name>`. */
  readonly id: string;
  readonly version: string;
  /** Names the bytes. */
  readonly build: string;
}

/** What a plugin is given while it is active. Its functions may be taken apart from it. */
export interface PluginContext {
  readonly plugin: PluginIdentity;
  readonly sdk: PluginSdk;
  /** Aborts when the plugin stops, for its requests. */
  readonly signal: AbortSignal;
  /**
   * Adds to the dashboard. What is added belongs to the plugin and goes with it. Ids are the plugin's own: it has each
   * once for a kind. Throws E_CONTRIBUTION_INVALID for a shape that is not the kind's, E_CONTRIBUTION_DUPLICATE for an
   * id or a route's path that is taken, E_PLUGIN_STOPPED once the plugin was stopped.
   */
  readonly register: <K extends ContributionKind>(kind: K, contribution: Contribution<K>) => Disposable;
  /** Runs `dispose` when the plugin stops, the last one first. */
  readonly onDispose: (dispose: () => void) => void;
}

/** What the entry module of a plugin exports as `default`, or as `plugin`. */
export interface PluginDefinition {
  /** Registers what the plugin adds. It has a time limit; the plugin is active once it returned. */
  activate(context: PluginContext): void | Promise<void>;
  /** For what is no contribution and not in `onDispose`; has a time limit too. */
  deactivate?(): void | Promise<void>;
}

/** Gives the definition back, checked by its type. */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  return definition;
}
