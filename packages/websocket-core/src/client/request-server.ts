import { FleetwireError, toWireError } from '../core/errors.ts';
import { encodeFrame, wireError } from '../protocol/encode.ts';
import type { RequestFrame, WireErrorData } from '../protocol/frames.ts';
import type { SendQueue } from './send-queue.ts';
import type { ServerRequestHandler } from './types.ts';

export interface RequestServerOptions {
  readonly queue: SendQueue;
  readonly handlers: Readonly<Record<string, ServerRequestHandler>>;
  /** The server broke a rule; closes the connection. */
  readonly onViolation: (code: number, reason: string) => void;
  /** What a handler threw unforeseen; the server is told no detail. */
  readonly onError: (error: FleetwireError) => void;
  readonly onSettled: () => void;
}

/** Serves the requests of the server. Handlers run side by side; each request gets exactly one response. */
export class RequestServer {
  readonly #options: RequestServerOptions;
  readonly #serving = new Map<number, AbortController>();
  #lastId = 0;

  constructor(options: RequestServerOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#serving.size === 0;
  }

  /** [R1] Serves a request, or closes when its id does not grow. */
  onRequest(frame: RequestFrame): void {
    if (!this.takeId(frame.id)) return;
    const handler = Object.hasOwn(this.#options.handlers, frame.method)
      ? this.#options.handlers[frame.method]
      : undefined;
    if (handler === undefined) {
      this.refuse(frame.id, wireError('UNKNOWN_METHOD', `nobody serves ${frame.method}`));
      return;
    }
    const abort = new AbortController();
    this.#serving.set(frame.id, abort);
    void this.#serve(frame, handler, abort);
  }

  /** Whether an id grows; when it does not, the connection closes. */
  takeId(id: number): boolean {
    if (id <= this.#lastId) {
      this.#options.onViolation(1002, 'expected request ids to grow');
      return false;
    }
    this.#lastId = id;
    return true;
  }

  /** [R3] Asks the handler to give up. */
  onCancel(id: number): void {
    this.#serving.get(id)?.abort();
  }

  /** The connection is gone: handlers are told, and what they answer is dropped. */
  released(): void {
    this.#lastId = 0;
    const serving = [...this.#serving.values()];
    this.#serving.clear();
    for (const abort of serving) abort.abort();
  }

  refuse(id: number, error: WireErrorData): void {
    this.#respond(id, encodeFrame({ type: 'response', id, error }));
  }

  async #serve(frame: RequestFrame, handler: ServerRequestHandler, abort: AbortController): Promise<void> {
    const { id } = frame;
    let text: string;
    try {
      const result = await handler(frame.params, { signal: abort.signal, traceparent: frame.traceparent });
      text = encodeFrame({ type: 'response', id, result: result ?? null });
    } catch (error) {
      text = encodeFrame({ type: 'response', id, error: this.#toWire(error, abort.signal) });
    }
    if (this.#serving.get(id) !== abort) return;
    this.#serving.delete(id);
    this.#respond(id, text);
    this.#options.onSettled();
  }

  #toWire(error: unknown, signal: AbortSignal): WireErrorData {
    const data = toWireError(error);
    if (data.code !== 'INTERNAL') return data;
    if (signal.aborted) return wireError('CANCELLED', 'the caller cancelled the request');
    this.#options.onError(new FleetwireError('LISTENER_FAILED', 'a request handler failed', { cause: error }));
    return wireError('INTERNAL', 'the client failed to handle this');
  }

  #respond(id: number, text: string): void {
    try {
      this.#options.queue.push('control', {
        encode: () => text,
        refuse: (error) => {
          if (error.code === 'PAYLOAD_TOO_LARGE') this.refuse(id, wireError('PAYLOAD_TOO_LARGE', error.message));
        },
      });
    } catch {
      this.#options.onViolation(1008, 'more requests than their answers can be sent');
    }
  }
}
