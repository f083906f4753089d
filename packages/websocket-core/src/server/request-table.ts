import { FleetwireError, toWireError } from '../core/errors.ts';
import type { TimerHandle } from '../core/clock.ts';
import { describeIssues } from '../protocol/decode.ts';
import { encodeFrame, wireError } from '../protocol/encode.ts';
import { methods, type RequestFrame, type ResponseFrame, type WireErrorData } from '../protocol/frames.ts';
import { refreshParamsSchema } from '../protocol/schemas.ts';
import { refreshToken } from './authentication.ts';
import type { Connection } from './connection.ts';
import { isThenable } from './guarded.ts';
import type { Identity, RequestContext } from './types.ts';

/** A longer timer fires at once (Node's and every browser's timers hold 32 bits). */
const maxTimerMs = 2 ** 31 - 1;

/** A request of the connecting peer that has no response yet. */
class ServedRequest implements RequestContext {
  readonly connection: Connection;
  readonly identity: Identity;
  readonly idempotencyKey: string | undefined;
  readonly traceparent: string | undefined;
  #abort: AbortController | undefined;
  #cancelled = false;

  constructor(connection: Connection, frame: RequestFrame) {
    this.connection = connection;
    this.identity = connection.identity;
    this.idempotencyKey = frame.idempotencyKey;
    this.traceparent = frame.traceparent;
  }

  /** Made on demand: most handlers finish at once and never look. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#cancelled) this.#abort.abort();
    return this.#abort.signal;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): void {
    this.#cancelled = true;
    this.#abort?.abort();
  }
}

interface AskedRequest {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: FleetwireError) => void;
  readonly timer: TimerHandle;
  readonly dropAbort: () => void;
}

/** Requests of one connection, both ways. */
export class RequestTable {
  readonly #connection: Connection;
  #lastId = 0;
  #served: Map<number, ServedRequest> | undefined;
  #nextAsk = 1;
  #asked: Map<number, AskedRequest> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get pendingCount(): number {
    return this.#served?.size ?? 0;
  }

  serve(frame: RequestFrame): void {
    if (!this.#takeId(frame.id)) return;
    if (this.pendingCount >= this.#connection.endpoint.limits.maxPendingRequests) {
      this.#respondError(frame.id, wireError('TOO_MANY_REQUESTS', 'too many unanswered requests'));
      return;
    }
    const request = new ServedRequest(this.#connection, frame);
    this.#served ??= new Map();
    this.#served.set(frame.id, request);
    let result: unknown;
    try {
      result = this.#call(frame, request);
      if (isThenable(result)) result = Promise.resolve(result);
    } catch (error) {
      this.#settleError(frame, request, error);
      return;
    }
    if (result instanceof Promise) {
      result.then(
        (value) => {
          this.#settle(frame, request, value);
        },
        (error: unknown) => {
          this.#settleError(frame, request, error);
        },
      );
    } else {
      this.#settle(frame, request, result);
    }
  }

  /** Answers a request that is not handled. */
  refuse(id: number, error: WireErrorData): void {
    if (this.#takeId(id)) this.#respondError(id, error);
  }

  cancel(id: number): void {
    this.#served?.get(id)?.cancel();
  }

  /** Asks the connecting peer. */
  ask(
    method: string,
    params: unknown,
    options: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<unknown> {
    const connection = this.#connection;
    const { clock, timings } = connection.context;
    const { signal } = options;
    if (!connection.isServing)
      return Promise.reject(
        new FleetwireError('CONNECTION_LOST', 'the connection is closed', { maybeExecuted: false }),
      );
    if (signal?.aborted === true) return Promise.reject(new FleetwireError('ABORTED', 'aborted before it was sent'));
    if (connection.isOverfull || (this.#asked?.size ?? 0) >= connection.endpoint.limits.maxPendingRequests)
      return Promise.reject(new FleetwireError('QUEUE_FULL', 'too much waits for this connection already'));
    const id = this.#nextAsk;
    let text: string;
    try {
      text = encodeFrame({ type: 'request', id, method, params });
    } catch (error) {
      const message = `expected parameters of ${method} that JSON can hold`;
      return Promise.reject(new FleetwireError('INVALID_ARGUMENT', message, { cause: error }));
    }
    this.#nextAsk += 1;
    return new Promise((resolve, reject) => {
      const giveUp = (error: FleetwireError): void => {
        const asked = this.#takeAsked(id);
        if (asked === undefined) return;
        connection.send({ type: 'cancel', id });
        asked.reject(error);
      };
      const onAbort = (): void => {
        giveUp(new FleetwireError('ABORTED', `${method} was aborted`));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const timer = clock.setTimeout(
        () => {
          giveUp(new FleetwireError('REQUEST_TIMEOUT', `no answer to ${method} in time`, { maybeExecuted: true }));
        },
        Math.min(options.timeoutMs ?? timings.requestTimeoutMs, maxTimerMs),
      );
      const dropAbort = (): void => signal?.removeEventListener('abort', onAbort);
      this.#asked ??= new Map();
      this.#asked.set(id, { resolve, reject, timer, dropAbort });
      connection.sendText(text, 'request');
    });
  }

  answered(frame: ResponseFrame): void {
    const asked = this.#takeAsked(frame.id);
    if (asked === undefined) return;
    if (frame.error === undefined) asked.resolve(frame.result);
    else asked.reject(FleetwireError.fromWire(frame.error));
  }

  release(): void {
    for (const request of this.#served?.values() ?? []) request.cancel();
    this.#served = undefined;
    for (const id of [...(this.#asked?.keys() ?? [])]) {
      this.#takeAsked(id)?.reject(
        new FleetwireError('CONNECTION_LOST', 'the connection was lost before the answer came', {
          maybeExecuted: true,
        }),
      );
    }
  }

  #call(frame: RequestFrame, request: ServedRequest): unknown {
    switch (frame.method) {
      case methods.subscribe:
        return this.#connection.subscriptions.subscribe(frame.params);
      case methods.unsubscribe:
        return this.#connection.subscriptions.unsubscribe(frame.params);
      case methods.refresh:
        return this.#refresh(frame.params);
      default: {
        const handler = this.#connection.context.requests.get(frame.method);
        if (handler === undefined) throw new FleetwireError('UNKNOWN_METHOD', `unknown method ${frame.method}`);
        return handler(frame.params, request);
      }
    }
  }

  async #refresh(params: unknown): Promise<object> {
    const parsed = refreshParamsSchema.safeParse(params);
    if (!parsed.success) throw new FleetwireError('BAD_REQUEST', describeIssues(parsed.error.issues));
    await refreshToken(this.#connection, parsed.data.token);
    return { sentAt: this.#connection.context.clock.now(), tokenExpiresAt: this.#connection.identity.expiresAt };
  }

  #settle(frame: RequestFrame, request: ServedRequest, result: unknown): void {
    if (!this.#finish(frame, request)) return;
    let text: string;
    try {
      text = encodeFrame({ type: 'response', id: frame.id, result: result ?? null });
    } catch (error) {
      this.#connection.context.logger.error(
        { connectionId: this.#connection.id, method: frame.method, err: error },
        'a result is not JSON',
      );
      this.#respondError(frame.id, toWireError(error));
      return;
    }
    this.#connection.sendText(text, 'response');
  }

  #settleError(frame: RequestFrame, request: ServedRequest, error: unknown): void {
    if (!this.#finish(frame, request)) return;
    if (request.cancelled) {
      this.#respondError(frame.id, wireError('CANCELLED', 'the caller cancelled the request'));
      return;
    }
    const data = toWireError(error);
    if (data.code === 'INTERNAL') {
      this.#connection.context.logger.error(
        { connectionId: this.#connection.id, method: frame.method, err: error },
        'a request handler failed',
      );
    }
    this.#respondError(frame.id, data);
  }

  /** False when the connection has ended meanwhile: nobody waits for the response any more. */
  #finish(frame: RequestFrame, request: ServedRequest): boolean {
    if (this.#served?.get(frame.id) !== request) return false;
    this.#served.delete(frame.id);
    return true;
  }

  /** `error` may hold details that a handler gave, and JSON cannot hold everything. */
  #respondError(id: number, error: WireErrorData): void {
    const { context, id: connectionId } = this.#connection;
    let text: string;
    try {
      text = encodeFrame({ type: 'response', id, error });
    } catch (failure) {
      context.logger.error({ connectionId, code: error.code, err: failure }, 'the details of an error are not JSON');
      text = encodeFrame({ type: 'response', id, error: toWireError(failure) });
    }
    this.#connection.sendText(text, 'response');
  }

  #takeId(id: number): boolean {
    if (id > this.#lastId) {
      this.#lastId = id;
      return true;
    }
    this.#connection.close(1002, `expected a request id above ${String(this.#lastId)}, got ${String(id)}`);
    return false;
  }

  #takeAsked(id: number): AskedRequest | undefined {
    const asked = this.#asked?.get(id);
    if (asked === undefined) return undefined;
    this.#asked?.delete(id);
    this.#connection.context.clock.clearTimeout(asked.timer);
    asked.dropAbort();
    return asked;
  }
}
