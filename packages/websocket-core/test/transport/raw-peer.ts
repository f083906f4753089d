import type { OpenSocket, WebSocketLike } from '../../src/core/web-socket-like.ts';

/** A frame as it came, not yet known to be any. */
export type AnyFrame = Readonly<Record<string, unknown>> & { readonly type: string };

/** A connecting peer that says just what a test wants, right or wrong. */
export class RawPeer {
  readonly frames: AnyFrame[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  opened = false;
  readonly #socket: WebSocketLike;
  #lastId = 0;

  constructor(openSocket: OpenSocket, url: string, protocols: string[] = ['fleetwire.v1']) {
    this.#socket = openSocket(url, protocols);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onopen = () => {
      this.opened = true;
    };
    this.#socket.onmessage = (event: { data: unknown }) => {
      this.frames.push(JSON.parse(event.data as string) as AnyFrame);
    };
    this.#socket.onclose = (event: { code: number; reason: string }) => {
      this.closed = { code: event.code, reason: event.reason };
    };
    this.#socket.onerror = () => undefined;
  }

  send(frame: object): void {
    this.sendText(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  sendBinary(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(bytes);
  }

  hello(token?: string, more: object = {}): void {
    this.send({
      type: 'hello',
      protocol: 1,
      peer: { name: 'raw', version: '1' },
      ...(token === undefined ? {} : { token }),
      ...more,
    });
  }

  /** Sends a request with the next id, which it returns. */
  request(method: string, params?: unknown, more: object = {}): number {
    this.#lastId += 1;
    this.send({ type: 'request', id: this.#lastId, method, params, ...more });
    return this.#lastId;
  }

  subscribe(...items: object[]): number {
    return this.request('subscribe', { items });
  }

  find(type: string, fits: (frame: AnyFrame) => boolean = () => true): AnyFrame | undefined {
    return this.frames.find((frame) => frame.type === type && fits(frame));
  }

  all(type: string): AnyFrame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  response(id: number): AnyFrame | undefined {
    return this.find('response', (frame) => frame['id'] === id);
  }

  close(): void {
    this.#socket.close(1000, '');
  }
}
