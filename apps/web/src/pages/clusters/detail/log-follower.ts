import { resourcePath } from '@fleetwire/kube-watch';
import type { KubeWatchClient } from '@fleetwire/kube-watch/client';
import { LineSplitter, LogBuffer, type LogLine } from './log-lines.ts';

/** One container whose log is read. */
export interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

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
  /** By source: why it cannot be read, and that it is tried again. */
  readonly errors: ReadonlyMap<string, string>;
  /** Sources that are being followed now. */
  readonly following: number;
  readonly isLoading: boolean;
}

const firstRetryMs = 1_000;
const maxRetryMs = 15_000;

/** `pod` or `pod/container`, as lines are marked. */
export function sourceName(source: LogSource, sources: readonly LogSource[]): string {
  const isAlone = sources.filter(({ pod }) => pod === source.pod).length === 1;
  return isAlone ? source.pod : `${source.pod}/${source.container}`;
}

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
    const sources = this.#sources;
    const wanted = new Map(sources.map((source) => [sourceName(source, sources), source]));
    for (const [name, stream] of this.#streams) {
      if (wanted.has(name)) continue;
      stream.abort();
      this.#streams.delete(name);
      this.#pending.delete(name);
      this.#errors.delete(name);
    }
    for (const [name, source] of wanted) {
      if (this.#streams.has(name)) continue;
      const stream = new AbortController();
      this.#streams.set(name, stream);
      this.#pending.add(name);
      void this.#run(name, source, stream.signal);
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

  async #run(name: string, source: LogSource, signal: AbortSignal): Promise<void> {
    let after: string | undefined;
    let retryMs = firstRetryMs;
    while (!signal.aborted) {
      try {
        const last = await this.#read(name, source, after, signal);
        if (last !== undefined && last !== after) retryMs = firstRetryMs;
        after = last;
        this.#errors.delete(name);
        // A container that has ended has nothing more to say.
        if (this.#options.previous) return;
      } catch (error) {
        if (signal.aborted) return;
        this.#errors.set(name, error instanceof Error ? error.message : String(error));
      }
      this.#settled(name);
      await pause(retryMs, signal);
      retryMs = Math.min(retryMs * 2, maxRetryMs);
    }
  }

  /** Reads until the stream ends; returns the time of the last line. */
  async #read(
    name: string,
    source: LogSource,
    after: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { namespace, pod, container } = source;
    const query = new URLSearchParams({ container, timestamps: 'true' });
    if (this.#options.previous) query.set('previous', 'true');
    else query.set('follow', 'true');
    if (after === undefined) query.set('tailLines', String(this.#options.tailLines));
    else query.set('sinceTime', after);
    const path = resourcePath({ version: 'v1', resource: 'pods', namespace, name: pod, subresource: 'log' });
    const response = await this.#client.fetch(this.#cluster, `${path}?${query.toString()}`, { signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (reader === undefined) return after;
    this.#errors.delete(name);
    this.#following += 1;
    this.#settled(name);
    const splitter = new LineSplitter();
    let last = after;
    const add = (lines: readonly string[]): void => {
      // `sinceTime` counts in seconds: what was shown already comes again.
      const fresh = after === undefined ? lines : lines.filter((line) => timeOf(line) > after);
      this.#buffer.append(name, fresh);
      const newest = fresh.at(-1);
      if (newest !== undefined) last = timeOf(newest);
      if (fresh.length > 0) this.#changed();
    };
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        add(splitter.push(value));
      }
      add(splitter.end());
      return last;
    } finally {
      this.#following -= 1;
      this.#changed();
    }
  }

  #settled(name: string): void {
    this.#pending.delete(name);
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

function timeOf(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf(' ')));
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
