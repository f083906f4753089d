import { systemClock } from '@fleetwire/websocket-core';
import {
  pluginLoadStart,
  pluginLoadTransition,
  type PluginListing,
  type PluginLoadEffect,
  type PluginLoadEvent,
  type PluginLoadState,
} from '../core/plugin-load-machine.ts';
import { parseRuntime, type ReadyPlugin, type RuntimePlugin } from '../protocol/runtime.ts';
import type { TargetProps } from '../sdk/contributions.ts';
import { messageOf } from './message-of.ts';
import { isPluginLoadError, PluginLoadError } from './plugin-load-error.ts';
import type { PluginLoader, PluginLoaderOptions } from './plugin-loader-interface.ts';
import { PluginRegistry, type Declaration, type Registered } from './plugin-registry.ts';
import { throwerOf } from './plugin-uncaught.ts';
import { createPluginRun, type PluginRun, type PluginRunParts, type PluginTimeLimits } from './plugin-run.ts';
import { viewOf, type PluginView } from './plugin-view.ts';

const defaultLimits: PluginTimeLimits = {
  fetchMs: 30_000,
  evaluateMs: 10_000,
  activateMs: 10_000,
  deactivateMs: 2_000,
};

/** Characters of a cell that are sorted and searched by. */
const maxTextLength = 1_000;

interface Held {
  readonly id: string;
  /** The newest list names it. */
  isListed: boolean;
  listed: RuntimePlugin | undefined;
  state: PluginLoadState<PluginLoadError>;
  lastCrash: PluginLoadError | undefined;
  /** The first of the run that nobody caught. */
  uncaught: PluginLoadError | undefined;
  declared: (Declaration & { readonly build: string }) | undefined;
  current: PluginRun | undefined;
  /** Starts and stops of one plugin follow each other; each has a time limit, and a stop aborts the start before it. */
  queue: Promise<void>;
}

function listingOf(plugin: RuntimePlugin): PluginListing {
  if (plugin.status !== 'ready')
    return { status: plugin.status, reason: plugin.reason ?? `${plugin.status} by the server` };
  const isLazy = Object.values(plugin.contributes ?? {}).some((items) => (items?.length ?? 0) > 0);
  return { status: 'ready', build: plugin.build, isLazy };
}

/** Creates a loader; it does nothing before `refresh`. */
export function createPluginLoader(options: PluginLoaderOptions): PluginLoader {
  const { runtime, importModule, sdk, clock = systemClock, fetch = globalThis.fetch, isSafeMode = false } = options;
  const registry = new PluginRegistry(options.isOwnPath);
  const plugins = new Map<string, Held>();
  const listeners = new Set<() => void>();
  /** Columns whose `text` has thrown; another build registers another. */
  const failedTexts = new WeakSet<Registered>();
  const evaluated = new Map<string, string>();
  let snapshot: readonly PluginView[] | undefined;
  /** Ids as the newest list has them. */
  let order: readonly string[] = [];
  let asked = 0;
  let followed = 0;
  let disposal: Promise<void> | undefined;

  function report(problem: PluginLoadError): void {
    try {
      options.onProblem?.(problem);
    } catch {
      // A log that fails must not fail a plugin.
    }
  }

  const parts: PluginRunParts = {
    clock,
    importModule,
    sdk,
    registry,
    fetcher: { fetch, now: () => clock.now(), subtle: (options.crypto ?? globalThis.crypto).subtle },
    limits: { ...defaultLimits, ...options.limits },
    random: options.random ?? Math.random,
    onEvaluate({ id, title }) {
      evaluated.set(id, title);
      changed();
    },
    onProblem: report,
  };

  function changed(): void {
    snapshot = undefined;
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (thrown) {
        const problem = `a listener failed: ${messageOf(thrown)}`;
        report(new PluginLoadError('E_RUNTIME_INVALID', problem, { pluginId: undefined, phase: 'run', cause: thrown }));
      }
    }
  }

  function hold(id: string): Held {
    let held = plugins.get(id);
    if (held === undefined) {
      held = {
        id,
        isListed: true,
        listed: undefined,
        state: pluginLoadStart,
        lastCrash: undefined,
        uncaught: undefined,
        declared: undefined,
        current: undefined,
        queue: Promise.resolve(),
      };
      plugins.set(id, held);
    }
    held.isListed = true;
    return held;
  }

  function dispatch(held: Held, event: PluginLoadEvent<PluginLoadError>): void {
    const before = held.state;
    const { state, effects } = pluginLoadTransition(before, event);
    held.state = state;
    for (const effect of effects) perform(held, effect);
    followDeclared(held);
    if (held.state.status === 'active' && before.status === 'loading') settleDeclared(held);
    if (state !== before) changed();
  }

  function perform(held: Held, { type, run: number }: PluginLoadEffect): void {
    if (type === 'stop') {
      const ending = held.current;
      held.current = undefined;
      ending?.abort();
      held.queue = held.queue.then(() => ending?.stop());
      return;
    }
    const plugin = held.listed as ReadyPlugin;
    const starting = createPluginRun(plugin, parts);
    held.current = starting;
    held.lastCrash = undefined;
    held.uncaught = undefined;
    held.queue = held.queue.then(async () => {
      try {
        await starting.start();
        dispatch(held, { type: 'activated', run: number });
      } catch (thrown) {
        if (held.current === starting) fail(held, number, thrown);
      }
    });
  }

  function fail(held: Held, run: number, thrown: unknown): void {
    const options = { pluginId: held.id, phase: 'evaluate', cause: thrown } as const;
    const problem = isPluginLoadError(thrown)
      ? thrown
      : new PluginLoadError('E_PLUGIN_EVALUATE', messageOf(thrown), options);
    report(problem);
    const isRetryable = problem.retryable && problem.phase === 'fetch';
    dispatch(held, { type: 'failed', run, problem, isRetryable });
  }

  /** What `contributes` declares stands while the plugin runs or may. */
  function followDeclared(held: Held): void {
    const { listed, state } = held;
    const stands = state.status === 'pending' || state.status === 'loading' || state.status === 'active';
    const build = stands && listed?.status === 'ready' ? listed.build : undefined;
    if (held.declared?.build === build) return;
    held.declared?.dispose();
    held.declared = undefined;
    if (build === undefined || listed?.status !== 'ready') return;
    const declared = registry.declare(held.id, listed.contributes ?? {});
    const leftOut = (listed.warnings ?? []).map(
      (warning) => new PluginLoadError('E_CONTRIBUTION_INVALID', warning, { pluginId: held.id, phase: 'list' }),
    );
    held.declared = { ...declared, problems: () => [...leftOut, ...declared.problems()], build };
    for (const problem of held.declared.problems()) report(problem);
  }

  /** The code has run: what it did not register of what it declares would wait for ever. */
  function settleDeclared({ declared }: Held): void {
    const before = new Set(declared?.problems().map(({ message }) => message));
    declared?.settle();
    for (const problem of declared?.problems() ?? []) if (!before.has(problem.message)) report(problem);
  }

  /** For what the server lists and the page cannot take. */
  function refuse(held: Held, reason: string): void {
    report(new PluginLoadError('E_RUNTIME_INVALID', reason, { pluginId: held.id, phase: 'list' }));
    dispatch(held, { type: 'listed', listing: { status: 'blocked', reason }, isSafeMode });
  }

  function follow(answer: unknown): void {
    const parsed = parseRuntime(answer);
    if (typeof parsed === 'string') {
      const message = `the list of plugins cannot be read: ${parsed}`;
      throw new PluginLoadError('E_RUNTIME_INVALID', message, { pluginId: undefined, phase: 'list' });
    }
    const listedIds = new Set(parsed.plugins.map(({ id }) => id));
    const damaged = new Map<string, string>();
    for (const { pluginId, message } of parsed.problems) {
      if (pluginId === undefined || listedIds.has(pluginId) || damaged.has(pluginId)) {
        report(new PluginLoadError('E_RUNTIME_INVALID', message, { pluginId, phase: 'list' }));
      } else damaged.set(pluginId, message);
    }
    // First what goes, so that what comes may have its routes.
    for (const held of plugins.values()) if (!listedIds.has(held.id) && !damaged.has(held.id)) drop(held);
    for (const [id, message] of damaged) refuse(hold(id), message);
    const isReady = ({ status }: RuntimePlugin) => status === 'ready';
    for (const plugin of parsed.plugins.toSorted((a, b) => Number(isReady(a)) - Number(isReady(b)))) {
      const held = hold(plugin.id);
      held.listed = plugin;
      held.current?.hurry();
      dispatch(held, { type: 'listed', listing: listingOf(plugin), isSafeMode });
    }
    order = [...listedIds, ...damaged.keys()];
    changed();
  }

  /** For what the server does not list any more. */
  function drop(held: Held): void {
    held.isListed = false;
    dispatch(held, { type: 'unlisted' });
    const { queue } = held;
    // Not before it has stopped: it may be listed again meanwhile, and must not run twice.
    void queue.then(() => {
      if (!held.isListed && held.queue === queue && plugins.get(held.id) === held) plugins.delete(held.id);
    });
  }

  function crash(contribution: Registered, thrown: unknown): PluginLoadError {
    const { pluginId, kind, value, key } = contribution;
    const message = `${kind} "${value.id}" failed: ${messageOf(thrown)}`;
    const problem = new PluginLoadError('E_PLUGIN_CRASHED', message, { pluginId, phase: 'run', cause: thrown });
    const held = plugins.get(pluginId);
    // What stands is of the run that is on: a run's contributions go before the next one begins.
    if (held === undefined || !registry.has(contribution)) return problem;
    held.lastCrash = problem;
    const before = held.state;
    dispatch(held, { type: 'crashed', run: before.run, of: key, atMs: clock.monotonicNow(), problem });
    // One that is part of another is not told again.
    if (held.state !== before) report(problem);
    return problem;
  }

  function reportUncaught(thrown: unknown, script?: string): PluginLoadError | undefined {
    const isRunning = ({ state }: Held) => state.status === 'loading' || state.status === 'active';
    const running = [...plugins.values()].filter(isRunning).flatMap(({ listed }) => listed ?? []);
    const pluginId = throwerOf(running, thrown, script);
    const held = plugins.get(pluginId ?? '');
    if (held === undefined) return undefined;
    // A handler of the pointer's moves fails with each of them, and may say something else each time.
    if (held.uncaught === undefined) {
      const message = `something outside of its contributions failed: ${messageOf(thrown)}`;
      held.uncaught = new PluginLoadError('E_PLUGIN_CRASHED', message, { pluginId, phase: 'run', cause: thrown });
      held.lastCrash = held.uncaught;
      changed();
    }
    return held.uncaught;
  }

  async function use(pluginId: string): Promise<void> {
    const held = plugins.get(pluginId);
    if (held !== undefined) {
      dispatch(held, { type: 'used' });
      while (held.state.status === 'loading') await held.queue;
      if (held.state.status === 'active') return;
      if ('problem' in held.state && held.state.problem !== undefined) throw held.state.problem;
    }
    const reason = held !== undefined && 'reason' in held.state ? held.state.reason : 'is not listed';
    throw new PluginLoadError('E_PLUGIN_STOPPED', reason, { pluginId, phase: 'run' });
  }

  async function run(
    contribution: Registered<'command'> | Registered<'rowAction'>,
    target?: TargetProps,
  ): Promise<void> {
    await use(contribution.pluginId);
    // A declared one has no code; what the plugin registered since does.
    const found = registry.getSnapshot(contribution.kind).find(({ key }) => key === contribution.key);
    if (found === undefined || found.isDeclared) {
      const message = `declares the ${contribution.kind} "${contribution.value.id}" and does not register it`;
      const { pluginId } = contribution;
      throw new PluginLoadError('E_CONTRIBUTION_INVALID', message, { pluginId, phase: 'run' });
    }
    try {
      await (found.value.run as (target: TargetProps | undefined) => void | Promise<void>)(target);
    } catch (thrown) {
      throw crash(found, thrown);
    }
  }

  function textOf(column: Registered<'listColumn'>, target: TargetProps): string {
    if (failedTexts.has(column)) return '';
    try {
      const text: unknown = column.value.text?.(target);
      return typeof text === 'string' ? text.slice(0, maxTextLength) : '';
    } catch (thrown) {
      failedTexts.add(column);
      // Later, as it tells the views that are being rendered.
      queueMicrotask(() => {
        crash(column, thrown);
      });
      return '';
    }
  }

  async function endAll(): Promise<void> {
    const ending = [...plugins.values()];
    plugins.clear();
    listeners.clear();
    for (const held of ending) dispatch(held, { type: 'unlisted' });
    snapshot = undefined;
    await Promise.all(ending.map(({ queue }) => queue));
  }

  return {
    registry,
    evaluated,
    textOf,
    reportUncaught,
    async refresh() {
      asked += 1;
      const turn = asked;
      const answer = await runtime();
      // Answers may overtake each other: what was asked for later is newer, whatever its generation.
      if (disposal !== undefined || turn < followed) return;
      follow(answer);
      followed = turn;
    },
    getSnapshot() {
      snapshot ??= order.flatMap((id) => {
        const held = plugins.get(id);
        return held?.isListed === true
          ? [viewOf({ ...held, warnings: held.declared?.problems() ?? [], hasRun: evaluated.has(id) })]
          : [];
      });
      return snapshot;
    },
    subscribe(listener) {
      const own = () => {
        listener();
      };
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    use,
    run,
    reportCrash(contribution, thrown) {
      crash(contribution, thrown);
    },
    retry(pluginId) {
      const held = plugins.get(pluginId);
      if (held !== undefined) dispatch(held, { type: 'retried' });
    },
    dispose() {
      disposal ??= endAll();
      return disposal;
    },
  };
}
