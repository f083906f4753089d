/** Plain watches over WebSockets: one socket per cluster, path and query, shared by its listeners. */
export interface WebSocketManager {
  /**
   * Calls `onMessage` with each watch event, parsed. `query` is without `?`. Resolves, once the socket is open, to its
   * undo; the last one closes the socket.
   */
  subscribe(cluster: string, path: string, query: string, onMessage: (event: unknown) => void): Promise<() => void>;
  dispose(): void;
}
