/** What an accepted socket tells its connection. */
export interface AcceptedSocketHandler {
  onText(text: string): void;
  onBinary(bytes: Uint8Array): void;
  /** The peer answered a WebSocket ping. */
  onPong(): void;
  /** All that was written has been taken. */
  onDrain(): void;
  /** Comes exactly once, last. 1006 when there was no close frame. */
  onClose(code: number, reason: string): void;
}

/**
 * The server's end of a WebSocket, below the protocol. Two implementations pass one suite: real sockets (on `ws`) and
 * the linked pair of `./testing`.
 */
export interface AcceptedSocket {
  /** Must be set once, before the socket says anything (in the same turn in which it was accepted). */
  handler: AcceptedSocketHandler | undefined;
  /** Writes whole unmasked WebSocket messages, already framed (RFC 6455 section 5.2), one after the other. */
  write(frames: Uint8Array): void;
  /** Between these two, writes are gathered into one. */
  cork(): void;
  uncork(): void;
  /** Bytes written that the kernel has not taken. */
  readonly queuedBytes: number;
  /** Grows whenever the kernel takes bytes; tells a slow peer from a stuck one. */
  readonly takenBytes: number;
  /** Starts the closing handshake (RFC 6455 section 7.1.2). */
  close(code: number, reason: string): void;
  /** Cuts the socket at once. */
  terminate(): void;
  /** Stops and goes on reading. */
  pause(): void;
  resume(): void;
}
