import type { PluginLoader, PluginView } from '@fleetwire/plugin-manager/browser';
import { ValueStore } from './value-store.ts';

/** How far the plugins of a sign-in are. */
export interface PluginHostState {
  /** Undefined until its code has come. */
  readonly loader: PluginLoader | undefined;
  /** The server has listed its plugins at least once. */
  readonly isListed: boolean;
  /** Why the last list did not come. */
  readonly problem: string | undefined;
}

/** What a {@link PluginHost} needs. */
export interface PluginHostOptions {
  /** `onGeneration` is to be told of the generation of each list. */
  readonly createLoader: (onGeneration: (generation: unknown) => void) => Promise<PluginLoader>;
  /** Told once of each plugin that stops running by itself. */
  readonly onFailure: (plugin: PluginView) => void;
  /** Told of each plugin that has begun to run: what was said of its failure is over. */
  readonly onRunning: (plugin: PluginView) => void;
}

/** Between two attempts to read the list; it doubles. */
const firstRetryMs = 5_000;
const lastRetryMs = 60_000;
/** What is asked for while a list is read waits for that one no longer. */
const overtakeMs = 2_000;

const start: PluginHostState = { loader: undefined, isListed: false, problem: undefined };

/** The plugins of one sign-in: loads the loader, and reads the list whenever the server's is another. */
export class PluginHost extends ValueStore<PluginHostState> {
  readonly #options: PluginHostOptions;
  readonly #failed = new Map<string, string | undefined>();
  readonly #running = new Map<string, string | undefined>();
  readonly #routeOwners = new Map<string, string>();
  #generation: unknown;
  #loading: Promise<PluginLoader> | undefined;
  /** The newest read that has not ended. */
  #reading: object | undefined;
  #isDue = false;
  #retryMs = firstRetryMs;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #overtaking: ReturnType<typeof setTimeout> | undefined;
  #isDisposed = false;
  #ended: Promise<void> | undefined;

  constructor(options: PluginHostOptions) {
    super(start);
    this.#options = options;
  }

  /**
   * Reads the list, and once more if it is asked for meanwhile: when the first has come, or in 2 s, as the first may
   * never come. What fails is in the state, and tried again.
   */
  readonly refresh = (): void => {
    if (this.#isDisposed) return;
    this.#isDue = true;
    if (this.#reading === undefined) this.#begin();
    else this.#overtaking ??= setTimeout(this.#begin, overtakeMs);
  };

  readonly #begin = (): void => {
    const reading = {};
    this.#reading = reading;
    this.#stopTimers();
    void this.#read(reading).finally(() => {
      // One that was overtaken ends nothing.
      if (this.#reading !== reading) return;
      this.#reading = undefined;
      if (this.#isDue) this.refresh();
    });
  };

  #stopTimers(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#overtaking);
    this.#overtaking = undefined;
  }

  /** Once the server is there again: asks at once for a list that did not come, or for plugins that did not. */
  retryFailed(): void {
    const { problem, loader } = this.getSnapshot();
    const isMissing = (view: PluginView): boolean =>
      view.status === 'failed' && view.problem?.phase === 'fetch' && view.problem.retryable;
    if (problem !== undefined || loader?.getSnapshot().some(isMissing) === true) this.refresh();
  }

  /** Reads the list unless it is that of this generation; undefined stands for one that is not known. */
  follow(generation: number | undefined): void {
    const isKnown = this.getSnapshot().isListed && (generation === undefined || generation === this.#generation);
    if (!isKnown) this.refresh();
  }

  /** The plugin that had, or has, a route, by the route's path. */
  routeOwners(): ReadonlyMap<string, string> {
    return this.#routeOwners;
  }

  /** Stops every plugin; resolves when they have stopped. The same promise each time. */
  dispose(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    this.#isDisposed = true;
    this.#stopTimers();
    const { loader } = this.getSnapshot();
    this.set(start);
    await loader?.dispose();
  }

  async #read(reading: object): Promise<void> {
    try {
      const loader = await this.#load();
      if (this.#isDisposed) return;
      this.#isDue = false;
      await loader.refresh();
      this.#retryMs = firstRetryMs;
      this.#show({ loader, isListed: true, problem: undefined });
    } catch (error) {
      if (this.#reading !== reading) return;
      this.#isDue = false;
      this.#show({ ...this.getSnapshot(), problem: error instanceof Error ? error.message : String(error) });
      if (this.#isDisposed) return;
      this.#timer = setTimeout(this.refresh, this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
    }
  }

  #show(state: PluginHostState): void {
    if (!this.#isDisposed) this.set(state);
  }

  #load(): Promise<PluginLoader> {
    const onGeneration = (generation: unknown): void => {
      this.#generation = generation;
    };
    this.#loading ??= this.#options.createLoader(onGeneration).then(
      (loader) => {
        if (this.#isDisposed) {
          // It has begun nothing.
          void loader.dispose();
          return loader;
        }
        loader.subscribe(() => {
          this.#look(loader.getSnapshot());
        });
        loader.registry.subscribe(() => {
          for (const { pluginId, value } of loader.registry.getSnapshot('route')) {
            this.#routeOwners.set(value.path, pluginId);
          }
        });
        this.#show({ ...this.getSnapshot(), loader });
        return loader;
      },
      (error: unknown) => {
        // A chunk that did not come is asked for again.
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }

  #look(views: readonly PluginView[]): void {
    for (const view of views) {
      const hasFailed = view.status === 'failed' || (view.status === 'disabled' && view.problem !== undefined);
      // What is tried again has not recovered yet.
      if (view.status === 'loading') continue;
      if (view.status !== 'active') this.#running.delete(view.id);
      else if (!this.#running.has(view.id) || this.#running.get(view.id) !== view.build) {
        this.#running.set(view.id, view.build);
        this.#options.onRunning(view);
      }
      if (!hasFailed) this.#failed.delete(view.id);
      else if (!this.#failed.has(view.id) || this.#failed.get(view.id) !== view.build) {
        this.#failed.set(view.id, view.build);
        this.#options.onFailure(view);
      }
    }
  }
}
