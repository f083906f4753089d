/** Durations of a gateway, in milliseconds. */
export interface KubeGatewayTimings {
  /** A cluster must take a connection, and answer a watch, within so long. Default 10 s. */
  readonly dialTimeoutMs: number;
  /** How long a feed without subscribers is kept, and its upstream open. Default 10 s. */
  readonly feedLingerMs: number;
  /** A watch that was silent for so long is doubted: its cluster is asked for `/version`. Default 25 s. */
  readonly silenceMs: number;
  /** Each of the two questions of such a doubt. Default 4 s: with the silence, a dead peer is found within 35 s. */
  readonly livenessTimeoutMs: number;
  /** How often a healthy cluster is asked for `/version`. Default 30 s. */
  readonly probeIntervalMs: number;
  /** A cluster of a user that nobody used or had before them for so long is not probed. Default 10 min. */
  readonly ownClusterIdleMs: number;
  /** The head of an answer to a proxied request, but for logs and ways into a pod. Default 65 s: API servers give up at 60 s. */
  readonly answerTimeoutMs: number;
  /** A private catch-up watch reaches the feed within so long. Default 8 s, below the server's 10 s for a subscription. */
  readonly catchUpTimeoutMs: number;
}

/** See {@link KubeGatewayTimings}. */
export const defaultTimings: KubeGatewayTimings = {
  dialTimeoutMs: 10_000,
  feedLingerMs: 10_000,
  silenceMs: 25_000,
  livenessTimeoutMs: 4_000,
  probeIntervalMs: 30_000,
  ownClusterIdleMs: 600_000,
  answerTimeoutMs: 65_000,
  catchUpTimeoutMs: 8_000,
};
