/** Contenders of one run: what is measured, and what it is measured beside. */
export type ContenderName = 'fleetwire' | 'ws' | 'preframed' | 'socket.io';

/** How far a raw peer is with its subscription. */
export interface Progress {
  /** Sends a text message. */
  send(text: string): void;
  /** Subscribed: everything large from now on is a delivery. `note` tells how it started. */
  ready(note?: { readonly mode: string; readonly position: string | undefined }): void;
}

/** How a raw peer speaks to one contender. */
export interface Dialect {
  readonly path: string;
  readonly subProtocol?: string;
  /** After the upgrade. `since` is a position to resume after. */
  opened(progress: Progress, since: string | undefined): void;
  /** Any text message that is no delivery. */
  received(text: string, progress: Progress, since: string | undefined): void;
  /** A request for the echo of `text`, and whether a message answers it. */
  echoRequest(id: number, text: string): string;
}

const channel = 'bench';

const bareDialect: Dialect = {
  path: '/',
  opened(progress) {
    progress.ready();
  },
  received() {
    // has no words of its own
  },
  echoRequest: (_id, text) => text,
};

const fleetwireDialect: Dialect = {
  path: '/fleetwire',
  subProtocol: 'fleetwire.v1',
  opened(progress) {
    progress.send('{"type":"hello","protocol":1,"token":"bench","peer":{"name":"bench","version":"1"}}');
  },
  received(text, progress, since) {
    const frame = JSON.parse(text) as {
      type: string;
      id?: number;
      result?: { items?: { mode?: string; position?: string; error?: unknown }[] };
    };
    if (frame.type === 'welcome') {
      progress.send(
        JSON.stringify({ type: 'request', id: 1, method: 'subscribe', params: { items: [{ channel, since }] } }),
      );
    } else if (frame.type === 'response' && frame.id === 1) {
      const item = frame.result?.items?.[0];
      if (item?.mode === undefined) throw new Error(`the subscription failed: ${text}`);
      progress.ready({ mode: item.mode, position: item.position });
    }
  },
  echoRequest: (id, text) => JSON.stringify({ type: 'request', id: id + 1, method: 'bench.echo', params: text }),
};

/** Engine.IO 4 and Socket.IO 5 as far as a subscriber on the WebSocket transport meets them. */
const socketIoDialect: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  opened() {
    // the server speaks first
  },
  received(text, progress) {
    if (text.startsWith('0')) progress.send('40');
    else if (text.startsWith('40')) progress.ready();
    else if (text === '2') progress.send('3');
  },
  echoRequest: (id, text) => `42${String(id)}["echo",${JSON.stringify(text)}]`,
};

export const dialects: Readonly<Record<ContenderName, Dialect>> = {
  fleetwire: fleetwireDialect,
  ws: bareDialect,
  preframed: bareDialect,
  'socket.io': socketIoDialect,
};
