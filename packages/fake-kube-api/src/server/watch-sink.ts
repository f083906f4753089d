import type { ServerResponse } from 'node:http';
import type { WebSocket } from 'ws';
import { createPacer } from './pacer.ts';

/** Where the lines of a watch go. Nothing here throws after the other side has gone. */
export interface WatchSink {
  send(line: string): void;
  /** False while so much waits for the reader that more should be held back; `onDrain` tells when that ends. */
  readonly isWritable: boolean;
  onDrain(callback: () => void): void;
  /** Ends the watch in order. */
  end(): void;
  /** Cuts the connection at once. */
  destroy(): void;
  /** Cuts the connection as soon as what was sent has gone out. */
  cut(): void;
  /** Stays open and neither says nor hears anything more. */
  freeze(): void;
}

// Enough to keep a fast reader busy between two turns of the event loop.
const HIGH_WATER_BYTES = 1024 * 1024;

/** A chunked answer, one line per event; its head must have been written. */
export function createHttpSink(response: ServerResponse): WatchSink {
  const { socket } = response;
  let isCorked = false;
  let isFrozen = false;
  const cork = (): void => {
    if (isCorked || !socket) return;
    isCorked = true;
    socket.cork();
    process.nextTick(() => {
      isCorked = false;
      socket.uncork();
    });
  };
  return {
    send(line) {
      if (isFrozen || response.destroyed) return;
      cork();
      response.write(line);
    },
    get isWritable() {
      return response.writableLength < HIGH_WATER_BYTES;
    },
    onDrain(callback) {
      response.on('drain', callback);
    },
    end() {
      if (!isFrozen) response.end();
    },
    destroy() {
      socket?.destroy();
    },
    cut() {
      // Called back when everything before it is out.
      socket?.write('', () => {
        socket.destroy();
      });
    },
    freeze() {
      isFrozen = true;
      socket?.pause();
    },
  };
}

/** A WebSocket, one text message per event. */
export function createWebSocketSink(webSocket: WebSocket): WatchSink {
  let isFrozen = false;
  let isCutting = false;
  let unsent = 0;
  let onDrain = (): void => undefined;
  let isFull = false;
  return {
    send(line) {
      if (isFrozen) return;
      unsent += 1;
      webSocket.send(line, () => {
        unsent -= 1;
        if (isCutting && unsent === 0) webSocket.terminate();
        if (!isFull || webSocket.bufferedAmount >= HIGH_WATER_BYTES) return;
        isFull = false;
        onDrain();
      });
      if (webSocket.bufferedAmount >= HIGH_WATER_BYTES) isFull = true;
    },
    get isWritable() {
      return !isFull;
    },
    onDrain(callback) {
      onDrain = callback;
    },
    end() {
      if (!isFrozen) webSocket.close(1000);
    },
    destroy() {
      webSocket.terminate();
    },
    cut() {
      isCutting = true;
      if (unsent === 0) webSocket.terminate();
    },
    freeze() {
      isFrozen = true;
      // A paused socket reads no pings, so that none is answered.
      webSocket.pause();
    },
  };
}

/** Passes lines on at so many bytes a second. */
export function createSlowSink(sink: WatchSink, bytesPerSecond: number): WatchSink {
  const pacer = createPacer(bytesPerSecond);
  let onDrain = (): void => undefined;
  sink.onDrain(() => {
    onDrain();
  });
  return {
    send(line) {
      pacer.push(Buffer.byteLength(line), () => {
        sink.send(line);
        if (pacer.bufferedBytes === 0) onDrain();
      });
    },
    get isWritable() {
      return sink.isWritable && pacer.bufferedBytes < HIGH_WATER_BYTES;
    },
    onDrain(callback) {
      onDrain = callback;
    },
    end() {
      pacer.push(0, () => {
        sink.end();
      });
    },
    destroy() {
      pacer.dispose();
      sink.destroy();
    },
    cut() {
      pacer.push(0, () => {
        sink.cut();
      });
    },
    freeze() {
      pacer.dispose();
      sink.freeze();
    },
  };
}
