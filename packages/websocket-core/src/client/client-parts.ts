import type { Clock } from '../core/clock.ts';
import type { FleetwireError } from '../core/errors.ts';
import { encodeFrame } from '../protocol/encode.ts';
import type { Timings } from '../protocol/timings.ts';
import type { Guarded } from './feed.ts';
import { FrameRouter } from './frame-router.ts';
import { Heartbeat } from './heartbeat.ts';
import { RequestManager } from './request-manager.ts';
import { RequestServer } from './request-server.ts';
import { SendQueue } from './send-queue.ts';
import { SubscriptionManager } from './subscription-manager.ts';
import { TokenRefresher } from './token-refresher.ts';
import type { ClientOptions } from './types.ts';

/** What the parts tell the shell. */
export interface PartEvents {
  onError(error: FleetwireError): void;
  onViolation(code: number, reason: string): void;
  /** Something that was under way has ended. */
  onSettled(): void;
  onRtt(rttMs: number): void;
  /** The connection is silent. */
  onSilent(): void;
  readonly guarded: Guarded;
}

export interface ClientPartsOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly timings: Timings;
  readonly client: ClientOptions;
  readonly events: PartEvents;
}

/** What speaks on a connection; each part outlives the connections and is told of their beginning and end. */
export interface ClientParts {
  readonly queue: SendQueue;
  readonly requests: RequestManager;
  readonly server: RequestServer;
  readonly subscriptions: SubscriptionManager;
  readonly heartbeat: Heartbeat;
  readonly refresher: TokenRefresher;
  readonly router: FrameRouter;
}

/** A thousand calls are minutes of a busy page; when more wait, nobody waits for them any more. */
const defaultMaxQueued = 1_000;

/** Creates the parts and joins them. */
export function createParts({ clock, random, timings, client, events }: ClientPartsOptions): ClientParts {
  const { guarded } = events;
  const onError = events.onError.bind(events);
  const onViolation = events.onViolation.bind(events);
  const onSettled = events.onSettled.bind(events);
  const { pongTimeoutMs, requestTimeoutMs } = timings;
  const queue = new SendQueue({ clock, maxQueued: client.maxQueued ?? defaultMaxQueued });
  const requests = new RequestManager({ clock, queue, requestTimeoutMs, onSettled });
  const server = new RequestServer({ queue, handlers: client.requests ?? {}, onViolation, onError, onSettled });
  const subscriptions = new SubscriptionManager({ clock, random, timings, requests, onError, guarded });
  const heartbeat = new Heartbeat({
    clock,
    pongTimeoutMs,
    ping: (t) => {
      queue.sendNow(encodeFrame({ type: 'ping', t }));
    },
    onRtt: events.onRtt.bind(events),
    onLost: events.onSilent.bind(events),
  });
  const refresher = new TokenRefresher({ clock, random, timings, requests, getToken: client.getToken, onError });
  const router = new FrameRouter({
    queue,
    requests,
    server,
    subscriptions,
    heartbeat,
    onMessage: (name, data) => {
      guarded(() => client.onMessage?.(name, data));
    },
    onError,
    onViolation,
  });
  return { queue, requests, server, subscriptions, heartbeat, refresher, router };
}
