/** One of the sockets that `useWebSockets` keeps open; sockets with the same cluster and url are one. */
export interface WebSocketConnectionRequest<T> {
  readonly cluster: string;
  readonly url: string;
  readonly onMessage: (data: T) => void;
}
