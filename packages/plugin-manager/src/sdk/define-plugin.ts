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
   * Adds to the dashboard. What is added belongs to the plugin and goes with it; it is read now, and what is changed in
   * it later changes nothing. Ids are the plugin's own: it has each once for a kind. Throws E_CONTRIBUTION_INVALID for a
   * shape that is not the kind's and for more than 64 of a kind at once, E_CONTRIBUTION_DUPLICATE for an
   * id or a route's path that is taken, E_PLUGIN_STOPPED once the plugin was stopped.
   */
  readonly register: <K extends ContributionKind>(kind: K, contribution: Contribution<K>) => Disposable;
  /** Runs `dispose` when the plugin stops, the last one first. */
  readonly onDispose: (dispose: () => void) => void;
}

/**
 * What the entry module of a plugin exports as `default`, or as `plugin`.
 *
 * A page evaluates a module once for each URL, and runs it as often as the plugin is disabled and enabled again, or
 * somebody signs out and another signs in. So the module itself holds no state: what a run needs is made in `activate`,
 * and dropped in `onDispose`. Otherwise one user's data is there for the next.
 */
export interface PluginDefinition {
  /**
   * Registers what the plugin adds. It has a time limit; the plugin is active once it returned. What `contributes`
   * declares and needs code, and is not registered by then, is left out, with a warning that names it.
   */
  activate(context: PluginContext): void | Promise<void>;
  /**
   * For what is no contribution and not in `onDispose`; has a time limit too. Contributions are gone before it is called,
   * and it is called before `onDispose`.
   */
  deactivate?(): void | Promise<void>;
}

/** Gives the definition back, checked by its type. */
export function definePlugin(definition: PluginDefinition): PluginDefinition {
  return definition;
}
