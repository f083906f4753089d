import type { Clock } from '../core/clock.ts';
import type { ConnectionLimits, QueueLimits } from '../protocol/limits.ts';
import type { Timings } from '../protocol/timings.ts';
import type { Connection } from './connection.ts';
import type { FeedRegistry } from './feed-registry.ts';
import type { ServerMetrics } from './server-metrics.ts';
import type { Authenticate, Identity, Logger, MessageHandler, RequestHandler } from './types.ts';

/** What the parts of one server share. Identities are opaque to all of them, hence `never` and `Identity`. */
export interface ServerContext {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly timings: Timings;
  readonly queueLimits: QueueLimits;
  readonly logger: Logger;
  readonly metrics: ServerMetrics;
  readonly authenticate: Authenticate<Identity>;
  readonly requests: ReadonlyMap<string, RequestHandler>;
  readonly messages: ReadonlyMap<string, MessageHandler>;
  readonly feeds: FeedRegistry;
  /** Whether an identity was revoked since its authentication began: `startedAtMs` is monotonic, `startedAt` since 1970. */
  readonly isRevoked: (identity: Identity, startedAtMs: number, startedAt: number) => boolean;
  /** Pump this connection at the end of the tick. */
  wake(connection: Connection): void;
  welcomed(connection: Connection): void;
  released(connection: Connection, close: { readonly code: number; readonly reason: string }): void;
  /** Comes last, after `released`. */
  socketClosed(connection: Connection): void;
}

/** What belongs to the endpoint that accepted a connection. */
export interface EndpointContext {
  readonly path: string;
  readonly limits: ConnectionLimits;
}
