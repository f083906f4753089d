import { FleetwireError } from '../core/errors.ts';
import type { Decoded } from '../protocol/decode.ts';
import { encodeFrame, wireError } from '../protocol/encode.ts';
import type { AcceptingPeerFrame, ErrorFrame } from '../protocol/frames.ts';
import { decodeLeb128 } from '../protocol/leb128.ts';
import type { Heartbeat } from './heartbeat.ts';
import { sendBestEffort, type RequestManager } from './request-manager.ts';
import type { RequestServer } from './request-server.ts';
import type { SendQueue } from './send-queue.ts';
import type { SubscriptionManager } from './subscription-manager.ts';

/** Frames of an open connection; `welcome` and `goaway` are the state machine's. */
export type RoutedFrame = Exclude<AcceptingPeerFrame, { type: 'welcome' | 'goaway' }>;

export interface FrameRouterOptions {
  readonly queue: SendQueue;
  readonly requests: RequestManager;
  readonly server: RequestServer;
  readonly subscriptions: SubscriptionManager;
  readonly heartbeat: Heartbeat;
  readonly onMessage: (name: string, data: unknown) => void;
  readonly onError: (error: FleetwireError) => void;
  readonly onViolation: (code: number, reason: string) => void;
}

/** Brings what the server sends to the part that it is for. */
export class FrameRouter {
  readonly #options: FrameRouterOptions;

  constructor(options: FrameRouterOptions) {
    this.#options = options;
  }

  route(frame: RoutedFrame): void {
    const { heartbeat, queue, requests, server, subscriptions } = this.#options;
    switch (frame.type) {
      case 'ping':
        sendBestEffort(queue, encodeFrame({ ...frame, type: 'pong' }));
        return;
      case 'pong':
        heartbeat.onPong(frame.t);
        return;
      case 'response':
        requests.onResponse(frame);
        return;
      case 'request':
        server.onRequest(frame);
        return;
      case 'cancel':
        server.onCancel(frame.id);
        return;
      case 'message':
        this.#options.onMessage(frame.name, frame.data ?? null);
        return;
      case 'error':
        this.#onErrorFrame(frame);
        return;
      case 'snapshot':
      case 'publication':
      case 'gap':
      case 'unsubscribed':
        subscriptions.onFrame(frame);
        return;
      case 'stream.open':
        this.#closeStream(frame.id, 'STREAM_REFUSED', 'this client opens no streams');
        return;
      case 'stream.close':
    }
  }

  /** [M5] [M6] Answers what could not be read, and tells the application. */
  routeUnreadable(decoded: Extract<Decoded<unknown>, { kind: 'unknown' | 'invalid' }>): void {
    const { onError, queue, server } = this.#options;
    const { id, type } = decoded;
    const error =
      decoded.kind === 'unknown'
        ? wireError('UNKNOWN_TYPE', `unknown frame type ${type}`)
        : wireError('BAD_FRAME', decoded.reason);
    onError(FleetwireError.fromWire(error));
    // [M7] A bad error is an error still.
    if (type === 'error') return;
    if (decoded.kind === 'invalid' && type === 'request' && id !== undefined) {
      if (server.takeId(id)) server.refuse(id, wireError('BAD_REQUEST', decoded.reason));
      return;
    }
    const frame: ErrorFrame = { type: 'error', ...error, about: { type, ...(id === undefined ? {} : { id }) } };
    sendBestEffort(queue, encodeFrame(frame));
  }

  /** [M9] This client opens no streams, so no id has one. */
  routeBinary(bytes: Uint8Array): void {
    const id = decodeLeb128(bytes);
    if (!id.ok) this.#options.onViolation(1002, `a stream id is ${id.failure}`);
    else if (id.value === 0) this.#options.onViolation(1002, 'a stream id is 0');
    else this.#closeStream(id.value, 'STREAM_UNKNOWN', 'no open stream has this id');
  }

  #onErrorFrame(frame: ErrorFrame): void {
    const { code, message, retryable, retryAfterMs } = frame;
    this.#options.onError(
      new FleetwireError(code, message, { retryable, retryAfterMs, details: frame.details ?? frame.about }),
    );
  }

  #closeStream(id: number, code: 'STREAM_REFUSED' | 'STREAM_UNKNOWN', reason: string): void {
    sendBestEffort(this.#options.queue, encodeFrame({ type: 'stream.close', id, code, reason }));
  }
}
