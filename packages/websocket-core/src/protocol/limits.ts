/** Limits of one connection. They belong to the endpoint that accepted it and are told in `welcome.limits`. */
export interface ConnectionLimits {
  /** Largest message that the accepting peer takes, in bytes. */
  readonly maxPayloadBytes: number;
  /** Sustained rate of text frames from the connecting peer. */
  readonly textFramesPerSecond: number;
  /** Text frames that may come at once. */
  readonly textFrameBurst: number;
  /** Items in one `subscribe`. */
  readonly maxSubscribeItems: number;
  /** Subscriptions of one connection. */
  readonly maxSubscriptions: number;
  /** Unanswered requests of the connecting peer. */
  readonly maxPendingRequests: number;
  /** Streams that may be open at once; 0 when the endpoint opens none. */
  readonly maxStreams: number;
  /** Credit granted to a new stream, and the most that may ever be outstanding, in bytes. */
  readonly streamCreditBytes: number;
  readonly maxStreamCreditBytes: number;
}

/** Defaults of an endpoint for browsers. */
export const browserLimits: ConnectionLimits = {
  maxPayloadBytes: 256 * 1024,
  textFramesPerSecond: 50,
  textFrameBurst: 200,
  maxSubscribeItems: 100,
  maxSubscriptions: 1_000,
  maxPendingRequests: 200,
  maxStreams: 0,
  streamCreditBytes: 256 * 1024,
  maxStreamCreditBytes: 1024 * 1024,
};

/** Defaults of an endpoint for agents: larger messages, all else equal. */
export const agentLimits: ConnectionLimits = { ...browserLimits, maxPayloadBytes: 1024 * 1024 };

/** Bounds of the server's queues; none of them is told to the peer. */
export interface QueueLimits {
  /** A connection pulls from its feeds while less than this waits in its socket. */
  readonly maxQueuedBytes: number;
  /** Share of one lane in a turn. */
  readonly laneTurnBytes: number;
  /** Over this the server stops reading from a connection until its answers are taken. */
  readonly maxControlBytes: number;
  /** Ring of a feed: publications and bytes, whichever is reached first. */
  readonly maxRingFrames: number;
  readonly maxRingBytes: number;
  /** Largest snapshot frame; a single larger item travels alone. */
  readonly snapshotFrameBytes: number;
  /** Deleted keys that a state feed remembers for subscribers that are behind. */
  readonly maxTombstones: number;
}

/** Defaults of the server's queues. */
export const queueLimits: QueueLimits = {
  maxQueuedBytes: 256 * 1024,
  laneTurnBytes: 16 * 1024,
  maxControlBytes: 1024 * 1024,
  maxRingFrames: 1_000,
  maxRingBytes: 4 * 1024 * 1024,
  snapshotFrameBytes: 64 * 1024,
  maxTombstones: 10_000,
};

/**
 * Characters (UTF-16 code units) of work that a connection has for each text frame that it may send: 400 KiB a second by
 * default, which costs a few per cent of one core to parse, and 1.6 MiB at once, more than the largest message of an
 * agent. PROTOCOL.md B5.
 */
const charactersPerFrame = 8 * 1024;

/** What every frame costs beside its length, so that tiny frames over the limit are not read without end either. */
const charactersOfOverhead = 1024;

/** The work of a text frame of this length, where 1 is the share of one frame. The client paces it, the server counts it. */
export const workOfFrame = (characters: number): number => (characters + charactersOfOverhead) / charactersPerFrame;

/** Nesting of arrays and objects in one frame; deeper ones cost more than any honest frame needs. */
export const maxJsonDepth = 64;
