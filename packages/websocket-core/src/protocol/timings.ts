/** Every default duration of the protocol in one place, equal to PROTOCOL.md by a test. */
export interface Timings {
  /** A `hello` must come within this time after the upgrade. */
  readonly helloTimeoutMs: number;
  /** Pause between two pings; WebSocket-level from the server, JSON from a client. */
  readonly heartbeatMs: number;
  /** An answer to a ping is due within this time. */
  readonly pongTimeoutMs: number;
  /** After the expiry of a token the connection lives on this long without a fresh one. */
  readonly tokenGraceMs: number;
  /** A connection whose kernel takes no byte for this long is closed. */
  readonly stallTimeoutMs: number;
  /** A connection that stays over its frame rate this long is closed. */
  readonly rateLimitCloseMs: number;
  /** Pause between two comparisons of a feed's position with the broker's. */
  readonly positionCheckMs: number;
  /** A feed without subscribers is kept this long, so that a reconnect finds its ring. */
  readonly feedLingerMs: number;
  /** The window of a recoverable feed, beside its number of publications. */
  readonly recoverableWindowMs: number;
  /** A channel source has this long to open a feed before the subscription fails with TIMEOUT. */
  readonly subscribeTimeoutMs: number;
  /** Time in which a draining server asks its connections to leave and waits for them. */
  readonly drainDeadlineMs: number;
  /** A client that was told to go away waits this long for the answers that are under way. */
  readonly goawayGraceMs: number;
  /** A client gives up a connection attempt after this time, from the dial to the welcome. */
  readonly connectTimeoutMs: number;
  /** First and largest step of the client's back-off; the wait is drawn evenly from 0 to the step. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** After this long in `open` the back-off starts again at its first step. */
  readonly backoffResetMs: number;
  /** A request without its own time limit fails after this time. */
  readonly requestTimeoutMs: number;
}

/** The defaults that the documents name. */
export const timings: Timings = {
  helloTimeoutMs: 10_000,
  heartbeatMs: 25_000,
  pongTimeoutMs: 10_000,
  tokenGraceMs: 25_000,
  stallTimeoutMs: 10_000,
  rateLimitCloseMs: 10_000,
  positionCheckMs: 25_000,
  // Longer than one largest back-off step's usual wait, so that most reconnects find the ring.
  feedLingerMs: 30_000,
  recoverableWindowMs: 600_000,
  subscribeTimeoutMs: 10_000,
  // Kubernetes gives a pod 30 s between SIGTERM and SIGKILL; the rest of a shutdown needs some of it.
  drainDeadlineMs: 20_000,
  goawayGraceMs: 5_000,
  connectTimeoutMs: 15_000,
  backoffBaseMs: 250,
  backoffMaxMs: 20_000,
  backoffResetMs: 10_000,
  requestTimeoutMs: 30_000,
};

/** The same proportions, `divisor` times faster: what tests with real sockets run on. */
export function scaleTimings(divisor: number, from: Timings = timings): Timings {
  return Object.fromEntries(
    Object.entries(from).map(([name, ms]) => [name, (ms as number) / divisor]),
  ) as unknown as Timings;
}

/** Share of a token's remaining lifetime after which a client refreshes it. */
export const tokenRefreshFraction = 0.8;
