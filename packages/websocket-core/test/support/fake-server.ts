import { createClient } from '../../src/client/index.ts';
import type { Client, ClientOptions, ClientState, FleetwireError } from '../../src/client/index.ts';
import type { WebSocketLike } from '../../src/core/web-socket-like.ts';
import type { WelcomeFrame } from '../../src/protocol/frames.ts';
import { browserLimits, type ConnectionLimits } from '../../src/protocol/limits.ts';
import { createManualClock, type ManualClock } from '../../src/testing/manual-clock.ts';

/** A frame as a test reads it. */
export type AnyFrame = Readonly<Record<string, unknown>> & { readonly type: string };

/** The server's end of a socket, moved by hand. */
export class FakeSocket implements WebSocketLike {
  readyState = 0;
  bufferedAmount = 0;
  protocol = '';
  binaryType = 'blob';
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly url: string;
  readonly offered: readonly string[];
  /** What the client sent and the test has not taken. */
  readonly sent: AnyFrame[] = [];
  /** How the client closed. */
  closedWith: { readonly code: number | undefined; readonly reason: string | undefined } | undefined;

  constructor(url: string, offered: readonly string[]) {
    this.url = url;
    this.offered = offered;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (typeof data !== 'string') throw new Error('the client sends no binary messages');
    this.sent.push(JSON.parse(data) as AnyFrame);
  }

  close(code?: number, reason?: string): void {
    if (code !== undefined && code !== 1000 && (code < 3000 || code > 4999)) throw new Error('InvalidAccessError');
    this.readyState = 2;
    this.closedWith = { code, reason };
  }

  accept(protocol = 'fleetwire.v1'): void {
    this.readyState = 1;
    this.protocol = protocol;
    this.onopen?.({} as never);
  }

  /** Sends a frame, text or bytes to the client. */
  give(data: object | string | ArrayBuffer): void {
    const message = typeof data === 'string' || data instanceof ArrayBuffer ? data : JSON.stringify(data);
    this.onmessage?.({ data: message } as never);
  }

  end(code: number, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason } as never);
  }

  /** Takes what the client sent. */
  take(): AnyFrame[] {
    return this.sent.splice(0);
  }
}

export interface FakeServer {
  readonly client: Client;
  readonly clock: ManualClock;
  readonly sockets: FakeSocket[];
  readonly errors: FleetwireError[];
  readonly states: ClientState[];
  /** The newest socket. */
  readonly socket: FakeSocket;
  /** Accepts the newest socket, takes its hello and welcomes it. */
  welcome(more?: Partial<WelcomeFrame>, limits?: Partial<ConnectionLimits>): Promise<FakeSocket>;
  /** Lets promises settle. */
  settle(): Promise<void>;
}

/** A client on hand-moved sockets and a hand-moved clock; `random` is 0.5 unless told. */
export async function createFakeServer(options: Partial<ClientOptions> = {}): Promise<FakeServer> {
  const clock = createManualClock();
  const sockets: FakeSocket[] = [];
  const errors: FleetwireError[] = [];
  const states: ClientState[] = [];
  const client = createClient({
    url: 'wss://example.test/live',
    openSocket: (url, offered) => {
      const socket = new FakeSocket(url, offered);
      sockets.push(socket);
      return socket;
    },
    onError: (error) => errors.push(error),
    clock,
    random: () => 0.5,
    ...options,
  });
  client.onState((state) => states.push(state));
  const server: FakeServer = {
    client,
    clock,
    sockets,
    errors,
    states,
    get socket() {
      const socket = sockets.at(-1);
      if (socket === undefined) throw new Error('the client has not dialled');
      return socket;
    },
    async welcome(more = {}, limits = {}) {
      await clock.settle();
      const { socket } = server;
      socket.accept();
      const hello = socket.take();
      if (hello.length !== 1 || hello[0]?.type !== 'hello') throw new Error('expected hello first and alone');
      socket.give({
        type: 'welcome',
        protocol: 1,
        connectionId: `c-${String(sockets.length)}`,
        heartbeatMs: 25_000,
        limits: { ...browserLimits, ...limits },
        sentAt: 5_000_000,
        ...more,
      });
      await clock.settle();
      return socket;
    },
    settle: () => clock.settle(),
  };
  await clock.settle();
  return server;
}

/** Follows a promise without awaiting it. */
export function track<T>(promise: Promise<T>): { value?: T; error?: FleetwireError; settled: boolean } {
  const tracked: { value?: T; error?: FleetwireError; settled: boolean } = { settled: false };
  promise.then(
    (value) => {
      tracked.value = value;
      tracked.settled = true;
    },
    (error: unknown) => {
      tracked.error = error as FleetwireError;
      tracked.settled = true;
    },
  );
  return tracked;
}
