import { resourcePath } from '@fleetwire/kube-watch';
import type { KubeWatchClient } from '@fleetwire/kube-watch/client';
import { LineSplitter, LogBuffer, parseLogLine, type LogLine } from './log-lines.ts';
import { sourceKey, type LogSource } from './log-sources.ts';

export interface LogOptions {
  /** The container's last run instead of the present one. */
  readonly previous: boolean;
  /** Lines of the past to begin with. */
  readonly tailLines: number;
}

/** What a log view shows. */
export interface LogSnapshot {
  readonly lines: readonly LogLine[];
  readonly dropped: number;
  /** By the key of a source: why it cannot be read, and that it is tried again. */
  readonly errors: ReadonlyMap<string, string>;
  /** Sources that are being followed now. */
  readonly following: number;
  readonly isLoading: boolean;
}

const firstRetryMs = 1_000;
const maxRetryMs = 15_000;

/**
 * Follows the logs of several containers. A stream that ends is taken up again after its last line, with growing pauses;
 * what was read stays.
 */
export class LogFollower {
  readonly #client: KubeWatchClient;
  readonly #cluster: string;
  readonly #options: LogOptions;
  readonly #buffer = new LogBuffer();
  readonly #errors = new Map<string, string>();
  readonly #streams = new Map<string, AbortController>();
  readonly #pending = new Set<string>();
  /** By source: the time of its last line, so that whoever is followed again goes on where it was left. */
  readonly #lastAt = new Map<string, string>();
  readonly #listeners = new Set<() => void>();
  #sources: readonly LogSource[] = [];
  #following = 0;
  #frame: number | undefined;
  #snapshot: LogSnapshot = { lines: [], dropped: 0, errors: new Map(), following: 0, isLoading: true };

  constructor(client: KubeWatchClient, cluster: string, options: LogOptions) {
    this.#client = client;
    this.#cluster = cluster;
    this.#options = options;
  }

  /** Reads while somebody listens. Returns its undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#update();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  readonly getSnapshot = (): LogSnapshot => this.#snapshot;

  /** Follows exactly these from now on; lines of others stay. */
  follow(sources: readonly LogSource[]): void {
    this.#sources = sources;
    this.#update();
  }

  #update(): void {
    if (this.#listeners.size === 0) return;
    const wanted = new Map(this.#sources.map((source) => [sourceKey(source), source]));
    for (const [key, stream] of this.#streams) {
      if (wanted.has(key)) continue;
      stream.abort();
      this.#streams.delete(key);
      this.#pending.delete(key);
      this.#errors.delete(key);
    }
    for (const [key, source] of wanted) {
      if (this.#streams.has(key)) continue;
      const stream = new AbortController();
      this.#streams.set(key, stream);
      this.#pending.add(key);
      void this.#run(key, source, stream.signal);
    }
    this.#changed();
  }

  clear(): void {
    this.#buffer.clear();
    this.#changed();
  }

  #stop(): void {
    for (const stream of this.#streams.values()) stream.abort();
    this.#streams.clear();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  async #run(key: string, source: LogSource, signal: AbortSignal): Promise<void> {
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      const before = this.#lastAt.get(key);
      try {
        await this.#read(key, source, signal);
        if (signal.aborted) return;
        if (this.#lastAt.get(key) !== before) retryMs = firstRetryMs;
        this.#errors.delete(key);
        // A run that has ended has nothing more to say.
        if (this.#options.previous) return;
      } catch (error) {
        if (signal.aborted) return;
        this.#errors.set(key, error instanceof Error ? error.message : String(error));
      }
      this.#settled(key);
      await pause(retryMs, signal);
      retryMs = Math.min(retryMs * 2, maxRetryMs);
    }
  }

  /** Reads until the stream ends. */
  async #read(key: string, source: LogSource, signal: AbortSignal): Promise<void> {
    const { namespace, pod, container } = source;
    const after = this.#lastAt.get(key);
    const query = new URLSearchParams({ container, timestamps: 'true' });
    query.set(this.#options.previous ? 'previous' : 'follow', 'true');
    if (after === undefined) query.set('tailLines', String(this.#options.tailLines));
    else query.set('sinceTime', after);
    const path = resourcePath({ version: 'v1', resource: 'pods', namespace, name: pod, subresource: 'log' });
    const response = await this.#client.fetch(this.#cluster, `${path}?${query.toString()}`, { signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (reader === undefined || signal.aborted) return;
    this.#errors.delete(key);
    this.#following += 1;
    this.#settled(key);
    const splitter = new LineSplitter();
    const add = (lines: readonly string[]): void => {
      if (signal.aborted) return;
      // `sinceTime` counts in seconds: what was shown already comes again.
      const fresh = lines.map(parseLogLine).filter(({ at }) => after === undefined || at === undefined || at > after);
      if (fresh.length === 0) return;
      this.#buffer.append(key, fresh);
      const newest = fresh.findLast(({ at }) => at !== undefined)?.at;
      if (newest !== undefined) this.#lastAt.set(key, newest);
      this.#changed();
    };
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        add(splitter.push(value));
      }
      add(splitter.end());
    } finally {
      this.#following -= 1;
      this.#changed();
    }
  }

  #settled(key: string): void {
    this.#pending.delete(key);
    this.#changed();
  }

  /** However many lines come, the view is told once for each picture of the display. */
  #changed(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#snapshot = {
        lines: this.#buffer.lines,
        dropped: this.#buffer.dropped,
        errors: new Map(this.#errors),
        following: this.#following,
        isLoading: this.#pending.size > 0,
      };
      for (const listener of this.#listeners) listener();
    });
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
