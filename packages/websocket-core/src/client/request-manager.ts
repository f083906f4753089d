import type { Clock, TimerHandle } from '../core/clock.ts';
import { FleetwireError, type LocalErrorCode } from '../core/errors.ts';
import type { ResponseFrame } from '../protocol/frames.ts';
import { methods } from '../protocol/frames.ts';
import type { ConnectionLimits } from '../protocol/limits.ts';
import type { Lane, QueuedFrame, SendQueue } from './send-queue.ts';
import type { RequestOptions } from './types.ts';

/** How a call ends. */
export interface CallOutcome {
  resolve(result: unknown): void;
  reject(error: FleetwireError): void;
}

export interface RequestManagerOptions {
  readonly clock: Clock;
  readonly queue: SendQueue;
  /** For requests without a time limit of their own. */
  readonly requestTimeoutMs: number;
  /** A response came, or a call was given up. */
  readonly onSettled: () => void;
}

/** Longest timer of every runtime; a longer one would run at once. */
const maxTimerMs = 2 ** 31 - 1;
const reserved: readonly string[] = Object.values(methods);

interface Call extends QueuedFrame {
  readonly lane: Lane;
  readonly outcome: CallOutcome;
  readonly resend: boolean;
  /** On the present connection. */
  id: number | undefined;
  /** On any connection. */
  wasSent: boolean;
  isDone: boolean;
  release: () => void;
}

/** The requests of this client: ids, answers, time limits, and what becomes of them when a connection is lost. */
export class RequestManager {
  readonly #options: RequestManagerOptions;
  /** By id, on the present connection. One that was given up stays until its response, since the server counts it. */
  readonly #pending = new Map<number, Call>();
  readonly #calls = new Set<Call>();
  #lastId = 0;
  #maxPending = Infinity;

  constructor(options: RequestManagerOptions) {
    this.#options = options;
  }

  /** Whether no answer is awaited on the present connection. */
  get isIdle(): boolean {
    for (const call of this.#pending.values()) if (!call.isDone) return false;
    return true;
  }

  opened(limits: ConnectionLimits): void {
    this.#lastId = 0;
    this.#maxPending = limits.maxPendingRequests;
  }

  /** A request of the application. Always settles, at the latest at its time limit. */
  request(method: string, params: unknown, options: RequestOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (reserved.includes(method)) throw new FleetwireError('INVALID_ARGUMENT', `${method} belongs to the protocol`);
      this.start(
        'calls',
        method,
        params,
        { resolve, reject },
        { timeoutMs: this.#options.requestTimeoutMs, ...definedOnly(options) },
      );
    });
  }

  /** Starts a call in a lane. Throws INVALID_ARGUMENT, ABORTED and QUEUE_FULL; all else goes to `outcome`. */
  start(lane: Lane, method: string, params: unknown, outcome: CallOutcome, options: RequestOptions = {}): void {
    const { signal, timeoutMs = Infinity, idempotencyKey, traceparent } = options;
    if (signal?.aborted === true) throw aborted(signal);
    checkName('method', method);
    if (idempotencyKey !== undefined) checkName('idempotencyKey', idempotencyKey);
    // Encoded now, so that a later change of the object by the caller does not travel.
    const rest = encodeRest({ method, params, idempotencyKey, traceparent });
    const call: Call = {
      lane,
      outcome,
      resend: idempotencyKey !== undefined,
      id: undefined,
      wasSent: false,
      isDone: false,
      release: () => {},
      isReady: () => this.#pending.size < this.#maxPending - (lane === 'control' || this.#maxPending === 1 ? 0 : 1),
      encode: () => this.#assignId(call, rest),
      refuse: (error) => {
        this.#finish(call, error);
      },
    };
    this.#calls.add(call);
    call.release = this.#limit(call, timeoutMs, signal);
    try {
      this.#options.queue.push(lane, call);
    } catch (error) {
      this.#calls.delete(call);
      call.release();
      throw error;
    }
  }

  /** [R4] An answer that nobody awaits is ignored. */
  onResponse(frame: ResponseFrame): void {
    const call = this.#pending.get(frame.id);
    if (call === undefined) return;
    this.#pending.delete(frame.id);
    if (frame.error === undefined) this.#finish(call, undefined, frame.result ?? null);
    else this.#finish(call, FleetwireError.fromWire(frame.error));
    this.#options.queue.pump();
  }

  /** The connection is gone: calls with an idempotency key go first on the next one, the others fail. */
  released(): void {
    const again: Call[] = [];
    for (const call of [...this.#pending.values()]) {
      call.id = undefined;
      if (call.isDone) continue;
      if (call.resend) again.push(call);
      else this.#finish(call, failure('CONNECTION_LOST', 'the connection was lost before the answer came', call));
    }
    this.#pending.clear();
    this.#options.queue.pushFirst(again);
  }

  /** Fails every call: the client is closed. */
  stop(code: LocalErrorCode, reason: string): void {
    for (const call of [...this.#calls]) {
      this.#options.queue.remove(call);
      this.#finish(call, failure(code, reason, call));
    }
    this.#pending.clear();
  }

  #assignId(call: Call, rest: string): string | undefined {
    if (call.isDone) return undefined;
    this.#lastId += 1;
    call.id = this.#lastId;
    const text = `{"type":"request","id":${String(call.id)},${rest}`;
    if (!this.#options.queue.isTooLarge(text)) {
      this.#pending.set(call.id, call);
      call.wasSent = true;
    }
    return text;
  }

  #limit(call: Call, timeoutMs: number, signal: AbortSignal | undefined): () => void {
    const { clock } = this.#options;
    let timer: TimerHandle;
    if (timeoutMs <= maxTimerMs) {
      timer = clock.setTimeout(() => {
        this.#giveUp(call, failure('REQUEST_TIMEOUT', `no answer within ${String(timeoutMs)} ms`, call));
      }, timeoutMs);
    }
    const onAbort = (): void => {
      this.#giveUp(call, aborted(signal));
    };
    signal?.addEventListener('abort', onAbort);
    return () => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
  }

  #giveUp(call: Call, error: FleetwireError): void {
    const { queue } = this.#options;
    if (call.id === undefined) queue.remove(call);
    else sendBestEffort(queue, `{"type":"cancel","id":${String(call.id)}}`);
    this.#finish(call, error);
  }

  #finish(call: Call, error: FleetwireError | undefined, result?: unknown): void {
    if (call.isDone) return;
    call.isDone = true;
    call.release();
    this.#calls.delete(call);
    if (error === undefined) call.outcome.resolve(result);
    else call.outcome.reject(error);
    this.#options.onSettled();
  }
}

/** Sends a control frame that the peer can do without; dropped when too many wait. */
export function sendBestEffort(queue: SendQueue, text: string): void {
  try {
    queue.push('control', { encode: () => text, refuse: () => {} });
  } catch {
    // The queue is full of answers: this one only spares the peer some work.
  }
}

/** Encodes a value of the caller. Throws INVALID_ARGUMENT for what JSON cannot hold. */
export function encodeValue(value: object): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new FleetwireError('INVALID_ARGUMENT', 'the value cannot be written as JSON', { cause });
  }
}

/** Checks a name that travels: 1 to 200 UTF-16 code units, or `max`. Throws INVALID_ARGUMENT. */
export function checkName(what: string, name: unknown, max = 200): void {
  if (typeof name !== 'string' || name.length === 0 || name.length > max) {
    throw new FleetwireError('INVALID_ARGUMENT', `${what} must be a string of 1 to ${String(max)} characters`);
  }
}

function encodeRest(fields: object): string {
  return encodeValue(fields).slice(1);
}

function failure(code: LocalErrorCode, message: string, call: Call): FleetwireError {
  return new FleetwireError(code, message, { maybeExecuted: call.wasSent });
}

function aborted(signal: AbortSignal | undefined): FleetwireError {
  return new FleetwireError('ABORTED', 'the caller aborted the request', { cause: signal?.reason as unknown });
}

function definedOnly(options: RequestOptions): RequestOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
