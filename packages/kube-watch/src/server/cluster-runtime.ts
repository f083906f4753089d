import type { Logger } from '@fleetwire/websocket-core/server';
import type { ClusterInfo } from '../protocol/channel.ts';
import { ByteRate } from './byte-rate.ts';
import { CatchUpPlaces } from './catch-up-places.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { ClusterHttp, isConnectionFailure } from './cluster-http.ts';
import { failureOfError } from './kube-failure.ts';
import { loggedCluster } from './tenancy.ts';
import type { KubeGatewayTimings } from './timings.ts';
import type { ClusterDefinition } from './types.ts';
import { upstreamBackoffMs } from './upstream-machine.ts';

/**
 * What the watches of a user's cluster may hold of lines that have not ended. One line may have 4 MiB, and a user 500
 * watches; nothing that a Kubernetes API sends comes near.
 */
const maxOwnLineBytes = 64 * 1024 * 1024;

/** What a 401 is answered with again, when the credentials were refreshed only just now. */
const minRefreshIntervalMs = 5_000;

/** What a runtime needs of its gateway. */
export interface ClusterRuntimeOptions {
  readonly timings: KubeGatewayTimings;
  readonly random: () => number;
  readonly now: () => number;
  readonly logger: Logger;
  /** `info` changed. */
  readonly onInfo: () => void;
  /** Whether the user whose cluster it is has it on a page. */
  readonly isSeen: () => boolean;
  readonly onDial: () => void;
}

/** What a probe finds out. */
type Finding = Pick<ClusterInfo, 'state' | 'version' | 'message'>;

/**
 * What the gateway keeps for one cluster: connections, breaker, and a prober that knows whether it answers. The prober of
 * a user's cluster rests while nobody uses or sees it: users may have many, and far away.
 */
export class ClusterRuntime {
  readonly breaker = new CircuitBreaker();
  readonly catchUpPlaces = new CatchUpPlaces();
  readonly #options: ClusterRuntimeOptions;
  readonly #ended = new AbortController();
  #definition: ClusterDefinition;
  #http: ClusterHttp;
  #info: ClusterInfo;
  #timer: NodeJS.Timeout | undefined;
  #isResting: boolean;
  #holds = 0;
  #usedAtMs = -Infinity;
  /** Probes in a row without an answer. */
  #misses = 0;
  #lineBytes = 0;
  readonly #rate = new ByteRate();
  #liveness: Promise<boolean> | undefined;
  #refresh: Promise<boolean> | undefined;
  #refreshed: { readonly atMs: number; readonly hasOthers: boolean } | undefined;

  /** Begins to probe at once, or with {@link wake} where the cluster is a user's. */
  constructor(definition: ClusterDefinition, options: ClusterRuntimeOptions) {
    this.#options = options;
    this.#definition = definition;
    this.#http = new ClusterHttp(definition.connection);
    this.#info = { ...this.#described({ state: 'unknown' }), since: options.now() };
    this.#isResting = definition.owner !== undefined;
    if (!this.#isResting) this.#schedule(0);
  }

  get definition(): ClusterDefinition {
    return this.#definition;
  }

  get http(): ClusterHttp {
    return this.#http;
  }

  get info(): ClusterInfo {
    return this.#info;
  }

  /** Aborted when the cluster is gone. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Takes another definition of the same cluster; whether its connection changed. */
  update(definition: ClusterDefinition): boolean {
    const isRenewed = definition.connection !== this.#definition.connection;
    this.#definition = definition;
    if (isRenewed) {
      this.#http.retire();
      this.#http = new ClusterHttp(definition.connection);
      this.#refresh = undefined;
      this.#refreshed = undefined;
      this.#liveness = undefined;
      if (!this.#isResting) this.#schedule(0);
    }
    return isRenewed;
  }

  /** Somebody uses the cluster until the undo. */
  hold(): () => void {
    this.#holds += 1;
    this.wake();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#holds -= 1;
      this.#usedAtMs = performance.now();
    };
  }

  /** Begins to probe again if there is somebody to probe for. */
  wake(): void {
    if (this.#isResting && this.#isWanted) this.#schedule(0);
  }

  /** A dial got an answer, whatever it was. */
  succeeded(): void {
    this.breaker.succeeded();
  }

  /** A dial got none. What failed behind a connection that stands, or before there was one to be, is not counted. */
  dialFailed(error: unknown): void {
    if (isConnectionFailure(error)) this.failed();
  }

  /** The cluster took no connection. */
  failed(): void {
    if (!this.breaker.failed()) return;
    this.#options.logger.warn(loggedCluster(this.#definition), 'a cluster does not answer; only its prober dials it');
    this.#schedule(upstreamBackoffMs(0, this.#options.random()));
  }

  /** Counts a dial. */
  dialled(): void {
    this.#options.onDial();
  }

  /** Counts bytes that a watch begins to hold, or ceases to; whether the cluster's watches hold more than they may. */
  holdsTooMuch(bytes: number): boolean {
    this.#lineBytes += bytes;
    return this.#definition.owner !== undefined && this.#lineBytes > maxOwnLineBytes;
  }

  /** Counts bytes that a watch brought; how many milliseconds it must wait before it reads on. */
  brought(bytes: number): number {
    return this.#definition.owner === undefined ? 0 : this.#rate.take(bytes, performance.now());
  }

  /** Asks for `/version`; one question serves all who doubt at the same time. */
  isAlive(): Promise<boolean> {
    this.#liveness ??= this.#version(this.#options.timings.livenessTimeoutMs)
      .then(() => true)
      .catch(() => false)
      .finally(() => (this.#liveness = undefined));
    return this.#liveness;
  }

  /**
   * Drops the credentials after a 401, once for all who were refused within a few seconds: a plugin starts for it.
   * Whether others may come.
   */
  refreshCredentials(): Promise<boolean> {
    const { atMs, hasOthers } = this.#refreshed ?? { atMs: -Infinity, hasOthers: false };
    if (performance.now() - atMs < minRefreshIntervalMs) return Promise.resolve(hasOthers);
    this.#refresh ??= this.#refreshNow().finally(() => (this.#refresh = undefined));
    return this.#refresh;
  }

  async #refreshNow(): Promise<boolean> {
    const { connection } = this.#definition;
    let hasOthers = false;
    try {
      hasOthers = await connection.refreshCredentials();
    } catch (error) {
      this.#options.logger.warn(
        { ...loggedCluster(this.#definition), err: error },
        'credentials could not be refreshed',
      );
    }
    if (connection === this.#definition.connection) this.#refreshed = { atMs: performance.now(), hasOthers };
    return hasOthers;
  }

  dispose(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    clearTimeout(this.#timer);
    this.#http.dispose();
  }

  get #isWanted(): boolean {
    if (this.#definition.owner === undefined || this.#holds > 0) return true;
    const isFresh = performance.now() - this.#usedAtMs < this.#options.timings.ownClusterIdleMs;
    return isFresh || this.#options.isSeen();
  }

  #schedule(delayMs: number): void {
    this.#isResting = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#isWanted) void this.#probe();
      else this.#rest();
    }, delayMs);
    this.#timer.unref();
  }

  /** Whoever comes next finds out anew; nobody waits for the breaker. */
  #rest(): void {
    this.#isResting = true;
    this.#misses = 0;
    this.succeeded();
    this.#setInfo({ state: 'unknown' });
  }

  async #probe(): Promise<void> {
    const http = this.#http;
    const { timings, random } = this.#options;
    let next: Finding;
    try {
      let answer = await this.#version(timings.dialTimeoutMs);
      if (answer.status === 401 && (await this.refreshCredentials()))
        answer = await this.#version(timings.dialTimeoutMs);
      this.#misses = 0;
      this.succeeded();
      next = describe(answer);
    } catch (error) {
      if (this.#http !== http || this.signal.aborted) return;
      this.#misses += 1;
      this.failed();
      if (this.#misses === 1) {
        const fields = { ...loggedCluster(this.#definition), err: error };
        this.#options.logger.warn(fields, 'a cluster did not answer a probe');
      }
      next = { state: 'unreachable', message: failureOfError(error).message };
    }
    if (this.#http !== http || this.signal.aborted) return;
    this.#setInfo(next);
    this.#schedule(this.#misses === 0 ? timings.probeIntervalMs : upstreamBackoffMs(this.#misses - 1, random()));
  }

  async #version(timeoutMs: number): Promise<{ readonly status: number; readonly text: string }> {
    this.dialled();
    const { response, text } = await this.#http.getText('/version', {
      headers: { accept: 'application/json' },
      timeoutMs,
      signal: this.signal,
    });
    return { status: response.statusCode ?? 0, text };
  }

  #described(finding: Finding): Omit<ClusterInfo, 'since'> {
    const { name, isDemo, owner } = this.#definition;
    return { name, ...finding, isDemo, ...(owner === undefined ? {} : { isOwn: true }) };
  }

  #setInfo(next: Finding): void {
    const { isDemo } = this.#definition;
    const former = this.#info;
    const isSame = next.state === former.state && next.version === former.version && next.message === former.message;
    if (isSame && isDemo === former.isDemo) return;
    const since = next.state === former.state ? former.since : this.#options.now();
    this.#info = { ...this.#described(next), since };
    this.#options.onInfo();
  }
}

function describe({ status, text }: { readonly status: number; readonly text: string }): Finding {
  if (status === 401) return { state: 'unauthorized', message: 'the cluster does not accept the credentials' };
  if (status === 403) return { state: 'unauthorized', message: 'the cluster refuses this identity' };
  if (status !== 200) return { state: 'unreachable', message: `the cluster answers ${String(status)} for its version` };
  const version = gitVersionOf(text);
  if (version === undefined) return { state: 'unreachable', message: 'what answers is no Kubernetes API' };
  return { state: 'ready', version };
}

function gitVersionOf(text: string): string | undefined {
  try {
    const { gitVersion } = JSON.parse(text) as { readonly gitVersion?: unknown };
    return typeof gitVersion === 'string' ? gitVersion.slice(0, 100) : undefined;
  } catch {
    return undefined;
  }
}
