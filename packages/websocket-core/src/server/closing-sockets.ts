import type { AcceptedSocket } from '../core/accepted-socket.ts';

/**
 * Sockets whose connection is over while their closing handshake is not: a peer that does not answer would keep its
 * socket, and with it the process, for as long as the WebSocket library waits.
 */
export class ClosingSockets {
  readonly #sockets = new Set<AcceptedSocket>();
  #waiters: (() => void)[] = [];

  add(socket: AcceptedSocket): void {
    this.#sockets.add(socket);
  }

  /** The socket is closed. */
  delete(socket: AcceptedSocket): void {
    this.#sockets.delete(socket);
    if (this.#sockets.size > 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  untilEmpty(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  /** Waits for no handshake any more. */
  cut(): void {
    for (const socket of [...this.#sockets]) socket.terminate();
  }
}
