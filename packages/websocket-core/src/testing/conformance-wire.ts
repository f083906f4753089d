import type { AcceptedSocket } from '../core/accepted-socket.ts';
import type { WebSocketLike } from '../core/web-socket-like.ts';
import { encodeText, encodeWireFrame, opcodes } from './frame-codec.ts';

/** What arrived on a wire. */
export type WireEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

/** The runner's end of a connection to the peer under test. */
export interface ConformanceWire {
  sendText(text: string): void;
  sendBytes(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
  /** Ends the connection without a close frame. */
  cut(): void;
  /** What arrived first of what was not taken yet. */
  take(): WireEvent | undefined;
}

/** A wire on the connecting end of a WebSocket; what is sent before it is open waits. */
export function wireOfClient(socket: WebSocketLike, cut: () => void): ConformanceWire {
  const arrived: WireEvent[] = [];
  const waiting: (() => void)[] = [];
  const send = (run: () => void): void => {
    if (socket.readyState === 0) waiting.push(run);
    else run();
  };
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    for (const run of waiting.splice(0)) run();
  };
  socket.onmessage = ({ data }: { readonly data: string | ArrayBuffer }) => {
    arrived.push(
      typeof data === 'string' ? { kind: 'text', text: data } : { kind: 'bytes', bytes: new Uint8Array(data) },
    );
  };
  socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) => {
    arrived.push({ kind: 'close', code, reason });
  };
  return {
    sendText: (text) => {
      send(() => {
        socket.send(text);
      });
    },
    sendBytes: (bytes) => {
      send(() => {
        socket.send(Uint8Array.from(bytes));
      });
    },
    close: (code, reason) => {
      socket.close(code, reason);
    },
    cut,
    take: () => arrived.shift(),
  };
}

/** A wire on the accepted end of a WebSocket; call it in the turn in which the socket was accepted. */
export function wireOfAccepted(socket: AcceptedSocket): ConformanceWire {
  const arrived: WireEvent[] = [];
  socket.handler = {
    onText: (text) => arrived.push({ kind: 'text', text }),
    onBinary: (bytes) => arrived.push({ kind: 'bytes', bytes }),
    onPong: () => {},
    onDrain: () => {},
    onClose: (code, reason) => arrived.push({ kind: 'close', code, reason }),
  };
  return {
    sendText: (text) => {
      socket.write(encodeWireFrame(opcodes.text, encodeText(text)));
    },
    sendBytes: (bytes) => {
      socket.write(encodeWireFrame(opcodes.binary, bytes));
    },
    close: (code, reason) => {
      socket.close(code, reason);
    },
    cut: () => {
      socket.terminate();
    },
    take: () => arrived.shift(),
  };
}
