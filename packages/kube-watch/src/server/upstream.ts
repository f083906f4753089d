import type { IncomingMessage } from 'node:http';
import type { TableColumnDefinition } from '../protocol/kube-object.ts';
import { bodyOf } from './cluster-http.ts';
import type { ClusterRuntime } from './cluster-runtime.ts';
import type { HeldBytes } from './held-bytes.ts';
import { failureOfError, failureOfResponse, failureOfStatus, type KubeFailure } from './kube-failure.ts';
import { positionOfList } from './list-position.ts';
import type { KubeGatewayTimings } from './timings.ts';
import {
  redialSpreadMs,
  startUpstream,
  transitionUpstream,
  type UpstreamEffect,
  type UpstreamEvent,
  type UpstreamState,
  type UpstreamTransition,
} from './upstream-machine.ts';
import { LineTooLongError, WatchDecoder, type WatchItem } from './watch-decoder.ts';
import {
  overdueMs,
  probeListRequest,
  watchRequest,
  watchTimeoutSeconds,
  type UpstreamTarget,
} from './watch-request.ts';

/** What an upstream tells its feed. */
export interface UpstreamListener {
  events(item: Extract<WatchItem, { kind: 'events' }>): void;
  bookmark(resourceVersion: string): void;
  columns(columns: readonly TableColumnDefinition[]): void;
  gone(resourceVersion: string): void;
  live(): void;
  reconnecting(): void;
  failed(failure: KubeFailure, isTerminal: boolean): void;
  malformed(reason: string): void;
}

/** What an upstream watches, and from where. */
export interface UpstreamOptions {
  readonly cluster: ClusterRuntime;
  readonly target: UpstreamTarget;
  readonly since: string;
  readonly timings: KubeGatewayTimings;
  readonly held: HeldBytes;
  readonly random: () => number;
}

/** A server that keeps no resourceVersions will not have some soon. */
const noList: KubeFailure = {
  code: 422,
  reason: 'Invalid',
  message: 'the cluster sent a list without resourceVersion',
  retryAfterMs: undefined,
};

/** An API server may take a watch and say in its first event that it is too old: it is not live before that is known. */
const settleMs = 50;

/** Chunks that come in one turn of the event loop are decoded together, up to so many bytes. */
const maxTurnBytes = 192 * 1024;

/** One watch of a cluster that goes on for ever: runs the effects of the upstream machine. */
export class Upstream {
  /** Whom it tells; nobody once it is disposed. */
  listener: UpstreamListener | undefined;
  readonly #options: UpstreamOptions;
  #state: UpstreamState;
  #position: string;
  /** Ends what is under way: a dial, a watch, a list, a timer. */
  #attempt = new AbortController();
  /** Says now that the watch is live; undefined when that was said. */
  #settled: (() => void) | undefined;

  constructor(options: UpstreamOptions, listener: UpstreamListener) {
    this.#options = options;
    this.listener = listener;
    this.#position = options.since;
    const start = startUpstream(options.since);
    this.#state = start.state;
    // Not within the call: whoever opens a feed is told nothing before it is open.
    setImmediate(() => {
      if (this.#state === start.state) this.#run(start);
    });
  }

  /** The resourceVersion after which it goes on. */
  get position(): string {
    return this.#position;
  }

  get isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  /** The cluster has other credentials or another address. */
  renew(): void {
    this.#send({ type: 'renewed', random: this.#options.random() });
  }

  dispose(): void {
    this.listener = undefined;
    this.#send({ type: 'close' });
  }

  #send(event: UpstreamEvent): void {
    this.#run(transitionUpstream(this.#state, event));
  }

  #run({ state, effects }: UpstreamTransition): void {
    this.#state = state;
    if (state.kind !== 'closed') this.#position = state.position;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: UpstreamEffect): void {
    switch (effect.type) {
      case 'drop':
        this.#attempt.abort();
        return;
      case 'dial':
        return this.#whenAllowed((signal) => this.#watch(signal));
      case 'list':
        return this.#whenAllowed((signal) => this.#list(signal));
      case 'refresh':
        return this.#refresh(this.#begin(), effect.failure);
      case 'wait':
        return this.#wait(this.#begin(), effect.delayMs);
      case 'gone':
        return this.listener?.gone(effect.position);
      case 'live':
        return this.#settle(this.#attempt.signal);
      case 'reconnecting':
        return this.listener?.reconnecting();
      case 'error':
        return this.listener?.failed(effect.failure, effect.isTerminal);
    }
  }

  /** Live with the first event or bookmark, or after a moment without an error. */
  #settle(signal: AbortSignal): void {
    const timer = setTimeout(() => this.#settled?.(), settleMs);
    this.#settled = () => {
      clearTimeout(timer);
      this.#settled = undefined;
      if (!signal.aborted) this.listener?.live();
    };
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
    });
  }

  /** What was under way is over; what begins now is told from it by its signal. */
  #begin(): AbortSignal {
    this.#attempt.abort();
    this.#attempt = new AbortController();
    return this.#attempt.signal;
  }

  /** Behind an open breaker nobody dials: the targets fail at once and wait for the cluster's prober. */
  #whenAllowed(act: (signal: AbortSignal) => Promise<void>): void {
    const signal = this.#begin();
    const { breaker, info } = this.#options.cluster;
    if (breaker.isOpen) {
      const message = info.message ?? 'the cluster does not answer';
      this.listener?.failed({ code: 0, reason: 'Unreachable', message, retryAfterMs: undefined }, false);
      this.listener?.reconnecting();
    }
    const isHeld = breaker.isOpen;
    const undo = breaker.whenClosed(() => {
      if (signal.aborted) return;
      if (!isHeld) return void act(signal);
      const timer = setTimeout(() => void act(signal), this.#options.random() * redialSpreadMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
      });
    });
    signal.addEventListener('abort', undo);
  }

  #wait(signal: AbortSignal, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#send({ type: 'timer' });
    }, delayMs);
    timer.unref();
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
    });
  }

  #refresh(signal: AbortSignal, failure: KubeFailure): void {
    void this.#options.cluster.refreshCredentials().then((hasOthers) => {
      if (!signal.aborted) this.#send({ type: 'refreshed', hasOthers, failure });
    });
  }

  #fail(signal: AbortSignal, failure: KubeFailure): void {
    if (signal.aborted) return;
    this.#send({ type: 'failed', failure, atMs: performance.now(), random: this.#options.random() });
  }

  /** An answer with status 200, or undefined when it was another or none, which was told. */
  async #dial(
    signal: AbortSignal,
    request: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  ): Promise<IncomingMessage | undefined> {
    const { cluster, target, timings } = this.#options;
    cluster.dialled();
    let response: IncomingMessage;
    try {
      response = await cluster.http.get(request.path, {
        headers: request.headers,
        impersonate: target.impersonate,
        timeoutMs: timings.dialTimeoutMs,
        signal,
      });
    } catch (error) {
      if (signal.aborted) return undefined;
      cluster.dialFailed(error);
      this.#fail(signal, failureOfError(error));
      return undefined;
    }
    cluster.succeeded();
    if (response.statusCode === 200) return response;
    const text = await bodyOf(response, timings.dialTimeoutMs).catch(() => '');
    this.#fail(signal, failureOfResponse(response, text));
    return undefined;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { target, timings, held } = this.#options;
    const response = await this.#dial(signal, probeListRequest(target));
    if (response === undefined) return;
    try {
      const resourceVersion = await positionOfList(response, timings.dialTimeoutMs, held.part());
      if (signal.aborted) return;
      if (resourceVersion === undefined) this.#fail(signal, noList);
      else this.#send({ type: 'listed', resourceVersion });
    } catch (error) {
      this.#fail(signal, failureOfError(error));
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { target, random } = this.#options;
    const timeoutSeconds = watchTimeoutSeconds(random());
    const response = await this.#dial(signal, watchRequest(target, this.#position, timeoutSeconds));
    if (response === undefined) return;
    if (signal.aborted) {
      response.destroy();
      return;
    }
    this.#send({ type: 'opened', atMs: performance.now() });
    this.#read(signal, response, timeoutSeconds * 1000 + overdueMs);
  }

  #read(signal: AbortSignal, response: IncomingMessage, maxMs: number): void {
    const decoder = new WatchDecoder({ isTable: this.#options.target.projection === 'table' });
    let scheduled: NodeJS.Immediate | undefined;
    let lastByteAtMs = performance.now();
    const hold = this.#options.held.part();
    /** Of a line that has not ended. */
    let heldBytes = 0;
    const holdsTooMuch = (bytes: number): boolean => {
      const more = bytes - heldBytes;
      heldBytes = bytes;
      hold(bytes);
      return this.#options.cluster.holdsTooMuch(more);
    };
    const decode = (): void => {
      scheduled = undefined;
      if (!signal.aborted) this.#take(signal, decoder.take());
      if (heldBytes > 0) holdsTooMuch(decoder.heldBytes);
    };
    const stop = this.#guard(signal, response, maxMs, () => lastByteAtMs);
    const end = (isCut: boolean): void => {
      stop();
      clearImmediate(scheduled);
      decode();
      if (signal.aborted) return;
      this.#send({ type: 'ended', isCut, atMs: performance.now(), random: this.#options.random() });
    };
    response.on('data', (chunk: Buffer) => {
      lastByteAtMs = performance.now();
      const waitMs = this.#options.cluster.brought(chunk.length);
      if (waitMs > 0) {
        response.pause();
        setTimeout(() => response.resume(), waitMs).unref();
      }
      try {
        if (!decoder.push(chunk)) {
          if (holdsTooMuch(decoder.heldBytes)) throw new LineTooLongError('the watches of the cluster hold too much');
          return;
        }
      } catch (error) {
        this.#fail(signal, { ...failureOfError(error), reason: 'Malformed' });
        return;
      }
      if (decoder.size >= maxTurnBytes) decode();
      else scheduled ??= setImmediate(decode);
    });
    response.once('end', () => {
      end(false);
    });
    response.once('close', () => {
      holdsTooMuch(0);
      if (!response.readableEnded) end(true);
    });
    response.on('error', () => undefined);
  }

  #take(signal: AbortSignal, items: readonly WatchItem[]): void {
    for (const item of items) {
      if (signal.aborted) return;
      if (item.kind === 'events' || item.kind === 'bookmark') this.#settled?.();
      switch (item.kind) {
        case 'events':
          if (item.resourceVersion !== undefined) this.#send({ type: 'progressed', position: item.resourceVersion });
          this.listener?.events(item);
          break;
        case 'bookmark':
          this.#send({ type: 'progressed', position: item.resourceVersion });
          this.listener?.bookmark(item.resourceVersion);
          break;
        case 'columns':
          this.listener?.columns(item.columns);
          break;
        case 'malformed':
          this.listener?.malformed(item.reason);
          break;
        case 'error':
          this.#fail(signal, failureOfStatus(item.status));
          return;
      }
    }
  }

  /**
   * Cuts a watch whose peer is dead. A quiet watch may be healthy, so that silence alone proves nothing: the cluster is
   * asked for its version, and two missing answers do. TCP keep-alive finds a path that died alone.
   */
  #guard(signal: AbortSignal, response: IncomingMessage, maxMs: number, lastByteAtMs: () => number): () => void {
    const { cluster, timings } = this.#options;
    const overdue = setTimeout(() => response.destroy(), maxMs);
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const check = async (): Promise<void> => {
      const silentMs = performance.now() - lastByteAtMs();
      if (silentMs < timings.silenceMs) return schedule(timings.silenceMs - silentMs);
      const isAlive = (await cluster.isAlive()) || (await cluster.isAlive());
      if (isOver || signal.aborted) return;
      if (!isAlive && performance.now() - lastByteAtMs() >= timings.silenceMs) response.destroy();
      else schedule(timings.silenceMs);
    };
    const schedule = (delayMs: number): void => {
      timer = setTimeout(() => void check(), delayMs);
      timer.unref();
    };
    const stop = (): void => {
      isOver = true;
      clearTimeout(overdue);
      clearTimeout(timer);
    };
    overdue.unref();
    schedule(timings.silenceMs);
    signal.addEventListener('abort', stop);
    return stop;
  }
}
