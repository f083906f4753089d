import type { Clock } from '@fleetwire/websocket-core';
import type { TargetProps } from '../sdk/contributions.ts';
import type { PluginIdentity } from '../sdk/define-plugin.ts';
import type { PluginSdk } from '../sdk/plugin-sdk.ts';
import type { ImportModule } from './import-module.ts';
import type { PluginLoadError } from './plugin-load-error.ts';
import type { PluginRegistry, Registered } from './plugin-registry.ts';
import type { PluginTimeLimits } from './plugin-run.ts';
import type { PluginView } from './plugin-view.ts';

/** What `createPluginLoader` needs of the page. */
export interface PluginLoaderOptions {
  /** Asks for `GET /api/v1/plugins/runtime` and gives its body. Sets its own time limit. */
  readonly runtime: () => Promise<unknown>;
  /** See `createModuleImporter`. */
  readonly importModule: ImportModule;
  /** What a plugin gets as `ctx.sdk`; `signal` aborts when it stops. */
  readonly sdk: (plugin: PluginIdentity, signal: AbortSignal) => PluginSdk;
  /** Whether a path, in the form of `comparablePath`, is the dashboard's own, which no route may have. Default: none is. */
  readonly isOwnPath?: ((path: string) => boolean) | undefined;
  /** Default: the page's. */
  readonly fetch?: typeof fetch | undefined;
  /** Default: the page's; without `subtle`, as on pages that are no secure context, the browser compares in `fetch`. */
  readonly crypto?: { readonly subtle?: Pick<SubtleCrypto, 'digest'> | undefined } | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** From 0 to 1; default `Math.random`. Spreads what is fetched again. */
  readonly random?: (() => number) | undefined;
  readonly limits?: Partial<PluginTimeLimits> | undefined;
  /** Loads nothing, so that a page that a plugin breaks can be repaired. See `isSafeMode`. Default false. */
  readonly isSafeMode?: boolean | undefined;
  /** Hears of everything that goes wrong, for logs. What it throws is dropped. */
  readonly onProblem?: ((problem: PluginLoadError) => void) | undefined;
}

/** Loads what the server lists, and keeps each plugin's failures to itself. */
export interface PluginLoader {
  readonly registry: PluginRegistry;
  /**
   * Titles of the plugins whose code has run in the page, by their ids, also of those that are gone and after `dispose`.
   * A page cannot take code back: what it has patched or listens to stays until the page is loaded anew. So a page does
   * that before another user signs in.
   */
  readonly evaluated: ReadonlyMap<string, string>;
  /**
   * Asks the server for the list and follows it: for the start, and for each event of the channel `plugins`. A plugin that
   * could not be fetched is fetched again.
   */
  refresh(): Promise<void>;
  /** The same array until something changes. */
  getSnapshot(): readonly PluginView[];
  /** Calls `listener` after each change; gives back its undo. */
  subscribe(listener: () => void): () => void;
  /** Activates a plugin that waits for its first use. Rejects with a {@link PluginLoadError} if it cannot run. */
  use(pluginId: string): Promise<void>;
  /**
   * Runs a command or an action. What it throws counts as a crash of its plugin, and is the cause of the
   * {@link PluginLoadError} that this rejects with.
   */
  run(contribution: Registered<'command'>): Promise<void>;
  run(contribution: Registered<'rowAction'>, target: TargetProps): Promise<void>;
  /**
   * What a column says of an object; empty where it does not say, or where its `text` has thrown, which counts as one
   * crash however many rows there are. May be called in rendering.
   */
  textOf(column: Registered<'listColumn'>, target: TargetProps): string;
  /** Counts what a contribution threw in rendering. */
  reportCrash(contribution: Registered, thrown: unknown): void;
  /**
   * Takes what nobody caught: of events `error` and `unhandledrejection`, as event handlers and timers of plugins come to.
   * If a script of a plugin that runs is in its stack, or is `script` where there is none, that is the plugin's problem,
   * which this gives back; the first of a run stands for all of it. It does not count as a crash: a request that fails each
   * time the network does is no reason to stop a plugin.
   */
  reportUncaught(thrown: unknown, script?: string): PluginLoadError | undefined;
  /**
   * Starts a plugin again that failed or crashed too often; a person asks for it. Where its problem `needsReload`, it
   * comes to the same.
   */
  retry(pluginId: string): void;
  /**
   * Stops every plugin and takes everything back, at once; resolves once each `deactivate` has ended or its time is over.
   * Modules are the page's: the next loader must not start before, or two runs of one module overlap. Never rejects.
   */
  dispose(): Promise<void>;
}
