import type { Clock } from '@fleetwire/websocket-core';
import { fetchRetryMs } from '../core/plugin-load-retries.ts';
import type { ReadyPlugin } from '../protocol/runtime.ts';
import type { PluginContext, PluginDefinition, PluginIdentity } from '../sdk/define-plugin.ts';
import type { PluginSdk } from '../sdk/plugin-sdk.ts';
import { fetchEntry, type EntryFetcher } from './fetch-entry.ts';
import type { ImportModule } from './import-module.ts';
import { messageOf } from './message-of.ts';
import {
  isPluginLoadError,
  PluginLoadError,
  type PluginLoadErrorCode,
  type PluginLoadPhase,
} from './plugin-load-error.ts';
import type { PluginRegistry } from './plugin-registry.ts';
import { withLimit } from './with-limit.ts';

/** How long each step of a plugin may take, in milliseconds. */
export interface PluginTimeLimits {
  /** Of each attempt. Default 30,000. */
  readonly fetchMs: number;
  /** Linking and evaluating the module. Default 10,000. */
  readonly evaluateMs: number;
  /** Default 10,000. */
  readonly activateMs: number;
  /** Default 2,000. */
  readonly deactivateMs: number;
}

/** What a run works with. */
export interface PluginRunParts {
  readonly clock: Clock;
  readonly fetcher: EntryFetcher;
  readonly importModule: ImportModule;
  readonly sdk: (plugin: PluginIdentity, signal: AbortSignal) => PluginSdk;
  readonly registry: PluginRegistry;
  readonly limits: PluginTimeLimits;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Told before the module is imported: from then on its code may have run in the page. Must not throw. */
  readonly onEvaluate: (plugin: ReadyPlugin) => void;
  /** Hears of what fails beside the step that it belongs to. Must not throw. */
  readonly onProblem: (problem: PluginLoadError) => void;
}

/** One build of a plugin, from its fetch to its end. */
export interface PluginRun {
  /** Resolves once the plugin is active; rejects with a {@link PluginLoadError}. Called once. */
  start(): Promise<void>;
  /** Ends a wait before the next fetch, as the server has answered elsewhere. */
  hurry(): void;
  /** Takes all contributions back at once, and ends a start that is under way: no later step of it begins. */
  abort(): void;
  /**
   * Aborts, deactivates and disposes. Waits for an `activate` that has not ended, within the limit of `deactivate`, so
   * that the next run of the same module does not meet it. Never rejects.
   */
  stop(): Promise<void>;
}

function definitionOf(module: unknown): PluginDefinition | undefined {
  const exported = module as { readonly default?: unknown; readonly plugin?: unknown };
  const found = (exported.default ?? exported.plugin) as Partial<PluginDefinition> | null | undefined;
  return typeof found?.activate === 'function' ? (found as PluginDefinition) : undefined;
}

function isSyntaxError(thrown: unknown): boolean {
  try {
    return thrown instanceof Error && thrown.name === 'SyntaxError';
  } catch {
    return false;
  }
}

/** A signal that never aborts; one for each step, as a step that never ends keeps its listener. */
function endless(): AbortSignal {
  return new AbortController().signal;
}

/** Prepares a run of `plugin`; nothing happens before `start`. */
export function createPluginRun(plugin: ReadyPlugin, parts: PluginRunParts): PluginRun {
  const { id: pluginId, version, build, entry } = plugin;
  const { clock, fetcher, importModule, sdk, registry, limits, random, onEvaluate, onProblem } = parts;
  const identity: PluginIdentity = { id: pluginId, version, build };
  const controller = new AbortController();
  const { signal } = controller;
  const scope = registry.openScope(pluginId);
  const disposers: (() => void)[] = [];
  let isStopped = false;
  let hurry = (): void => undefined;
  /** Of the `activate` that was called: what it came to, once it has ended. Never rejects. */
  let activation: Promise<PluginDefinition | undefined> = Promise.resolve(undefined);

  function fail(code: PluginLoadErrorCode, phase: PluginLoadPhase, message: string, cause?: unknown): PluginLoadError {
    return new PluginLoadError(code, message, { pluginId, phase, cause });
  }

  function limited<T>(phase: PluginLoadPhase, limitMs: number, step: () => T | Promise<T>, until = signal): Promise<T> {
    const onTimeout = () => fail('E_PLUGIN_TIMEOUT', phase, `${phase} took longer than ${String(limitMs)} ms`);
    return withLimit(step, { clock, limitMs, signal: until, onTimeout });
  }

  function abort(): void {
    // First, so that nothing of a run that is over is seen, or counts when it crashes.
    scope.dispose();
    controller.abort(fail('E_PLUGIN_STOPPED', 'activate', 'was stopped'));
  }

  /** Fetches again what could not be fetched, as a server that restarts or is busy is there a moment later. */
  async function fetchPatiently(): Promise<void> {
    for (let retry = 0; ; retry += 1) {
      try {
        await limited('fetch', limits.fetchMs, () => fetchEntry(plugin, fetcher, signal));
        return;
      } catch (thrown) {
        const isFetch = isPluginLoadError(thrown) && thrown.code === 'E_FETCH' && !signal.aborted;
        const waitMs = isFetch ? fetchRetryMs(retry, random(), thrown.retryAfterMs) : undefined;
        if (waitMs === undefined) throw thrown;
        const hurried = new Promise<void>((resolve) => {
          hurry = resolve;
        });
        // The time limit is the wait.
        await limited('fetch', waitMs, () => hurried).catch(() => undefined);
        signal.throwIfAborted();
      }
    }
  }

  async function evaluate(): Promise<PluginDefinition> {
    let module: unknown;
    const importEntry = () => {
      onEvaluate(plugin);
      return importModule(entry);
    };
    try {
      module = await limited('evaluate', limits.evaluateMs, importEntry);
    } catch (thrown) {
      if (isPluginLoadError(thrown)) throw thrown;
      const [code, what] = isSyntaxError(thrown)
        ? (['E_PLUGIN_SYNTAX', 'is no valid module'] as const)
        : (['E_PLUGIN_EVALUATE', 'failed to load'] as const);
      throw fail(code, 'evaluate', `${entry.url} ${what}: ${messageOf(thrown)}`, thrown);
    }
    const found = definitionOf(module);
    if (found !== undefined) return found;
    const expected = 'expected a default export, or one named "plugin", with a function "activate"';
    throw fail('E_PLUGIN_NO_ENTRY', 'evaluate', `${entry.url} exports no plugin: ${expected}`);
  }

  const context: PluginContext = {
    plugin: identity,
    sdk: sdk(identity, signal),
    signal,
    register: (kind, contribution) => scope.register(kind, contribution),
    onDispose(dispose) {
      if (!isStopped) disposers.push(dispose);
      // It came too late to be kept, and would otherwise never run.
      else guarded(dispose);
    },
  };

  function guarded(dispose: () => void): void {
    try {
      dispose();
    } catch (thrown) {
      onProblem(fail('E_PLUGIN_DEACTIVATE', 'deactivate', `disposing failed: ${messageOf(thrown)}`, thrown));
    }
  }

  async function activate(found: PluginDefinition): Promise<void> {
    const activating = new Promise<void>((settle) => {
      settle(found.activate(context));
    });
    activation = activating.then(
      () => found,
      () => undefined,
    );
    try {
      await limited('activate', limits.activateMs, () => activating);
    } catch (thrown) {
      if (isPluginLoadError(thrown) && thrown.code === 'E_PLUGIN_TIMEOUT') throw thrown;
      throw fail('E_PLUGIN_ACTIVATE', 'activate', `activate failed: ${messageOf(thrown)}`, thrown);
    }
  }

  async function deactivate(ending: PluginDefinition): Promise<void> {
    try {
      await limited('deactivate', limits.deactivateMs, () => ending.deactivate?.(), endless());
    } catch (thrown) {
      onProblem(
        isPluginLoadError(thrown)
          ? thrown
          : fail('E_PLUGIN_DEACTIVATE', 'deactivate', `deactivate failed: ${messageOf(thrown)}`, thrown),
      );
    }
  }

  return {
    async start() {
      await fetchPatiently();
      await activate(await evaluate());
    },
    hurry: () => {
      hurry();
    },
    abort,
    async stop() {
      if (isStopped) return;
      isStopped = true;
      abort();
      // Also of an activation that outlives its time limit, when it ends after all.
      const deactivated = activation.then((ending) => (ending === undefined ? undefined : deactivate(ending)));
      const hasEnded = limited('activate', limits.deactivateMs, () => activation, endless());
      await hasEnded.then(
        () => deactivated,
        () => undefined,
      );
      for (const dispose of disposers.splice(0).reverse()) guarded(dispose);
    },
  };
}
