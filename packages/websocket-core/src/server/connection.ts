import {
  acceptingStart,
  acceptingTransition,
  type AcceptingEffect,
  type AcceptingEvent,
  type AcceptingState,
} from '../core/accepting-peer.ts';
import type { AcceptedSocket, AcceptedSocketHandler } from '../core/accepted-socket.ts';
import { clipCloseReason, encodeFrame } from '../protocol/encode.ts';
import type { AcceptingPeerFrame, HelloFrame, PeerInfo } from '../protocol/frames.ts';
import { maxNameLength } from '../protocol/schemas.ts';
import { PROTOCOL_REVISION } from '../protocol/version.ts';
import { authenticateHello } from './authentication.ts';
import type { Credentials } from './credentials.ts';
import type { Cursor } from './cursor.ts';
import { Inbound } from './inbound.ts';
import { Liveness } from './liveness.ts';
import { Outbox } from './outbox.ts';
import { RequestTable } from './request-table.ts';
import { sendableCloseCode } from './sendable-close.ts';
import type { EndpointContext, ServerContext } from './server-context.ts';
import { SubscriptionTable } from './subscription-table.ts';
import type { ConnectionHandle, Identity, UpgradeInfo } from './types.ts';
import { pingFrame } from './ws-frame.ts';

const anonymousPeer: PeerInfo = { name: 'unknown', version: '0' };

/**
 * One connection: runs the accepting peer's machine, decodes what comes, and pulls what goes out, control frames first,
 * then its feeds in turn, while its socket takes bytes.
 */
export class Connection implements AcceptedSocketHandler, ConnectionHandle {
  readonly id: string;
  readonly context: ServerContext;
  readonly endpoint: EndpointContext;
  readonly remoteAddress: string;
  readonly socket: AcceptedSocket;
  readonly liveness: Liveness;
  readonly subscriptions: SubscriptionTable;
  readonly requests: RequestTable;
  readonly openedAt: number;
  peer: PeerInfo = anonymousPeer;
  wasWelcomed = false;
  /** When the authentication that gave the identity began, milliseconds since 1970. */
  authenticationStartedAt = 0;
  /** Set while a flush has it on its list. */
  dirty = false;
  #state: AcceptingState = acceptingStart;
  #identity: Identity | undefined;
  #welcomeExt: Readonly<Record<string, unknown>> | undefined;
  readonly #outbox: Outbox;
  readonly #inbound: Inbound;
  /** What the upgrade carried, until the authentication takes it. */
  #credentials: Credentials | undefined;
  #abort: AbortController | undefined;

  constructor(
    id: string,
    socket: AcceptedSocket,
    upgrade: UpgradeInfo,
    endpoint: EndpointContext,
    context: ServerContext,
  ) {
    this.id = id;
    this.socket = socket;
    this.remoteAddress = upgrade.remoteAddress;
    if (upgrade.token !== undefined) this.#credentials = { token: upgrade.token, source: upgrade.tokenSource };
    this.endpoint = endpoint;
    this.context = context;
    const now = context.clock.monotonicNow();
    this.openedAt = context.clock.now();
    this.liveness = new Liveness(context.timings, now);
    this.#outbox = new Outbox(socket, context.queueLimits, context.metrics);
    this.#inbound = new Inbound(this, now);
    this.subscriptions = new SubscriptionTable(this);
    this.requests = new RequestTable(this);
    socket.handler = this;
  }

  get state(): AcceptingState['name'] {
    return this.#state.name;
  }

  get path(): string {
    return this.endpoint.path;
  }

  /** Only in `open` and `draining`. */
  get identity(): Identity {
    if (this.#identity === undefined) throw new TypeError('the connection has not been authenticated');
    return this.#identity;
  }

  get knownIdentity(): Identity | undefined {
    return this.#identity;
  }

  get isServing(): boolean {
    return this.#state.name === 'open' || this.#state.name === 'draining';
  }

  /** Aborted when the connection ends; made on demand, since most connections never need it. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#state.name === 'closed') this.#abort.abort();
    return this.#abort.signal;
  }

  get queuedControlBytes(): number {
    return this.#outbox.controlBytes;
  }

  /** More answers wait than a connection may have waiting. */
  get isOverfull(): boolean {
    return this.#outbox.isOverfull;
  }

  /** What the upgrade carried; gives it once, so that no token stays in memory with the connection. */
  takeCredentials(): Credentials {
    const credentials = this.#credentials ?? { token: undefined, source: 'none' };
    this.#credentials = undefined;
    return credentials;
  }

  // What the socket says.

  onText(text: string): void {
    const nowMs = this.context.clock.monotonicNow();
    this.liveness.heard(nowMs);
    if (this.#state.name === 'closed') return;
    try {
      this.#inbound.text(text, nowMs);
    } catch (error) {
      this.fail(error);
    }
  }

  onBinary(bytes: Uint8Array): void {
    const nowMs = this.context.clock.monotonicNow();
    this.liveness.heard(nowMs);
    if (this.#state.name !== 'closed') this.#inbound.binary(bytes, nowMs);
  }

  onPong(): void {
    const rttMs = this.liveness.pong(this.context.clock.monotonicNow());
    if (rttMs !== undefined) this.context.metrics.roundTrip(rttMs / 1000);
  }

  onDrain(): void {
    this.pump();
  }

  onClose(code: number, reason: string): void {
    this.#feed({ type: 'socket-closed', code, reason });
    this.context.socketClosed(this);
  }

  hello(frame: HelloFrame): void {
    this.#feed({ type: 'hello', frame });
  }

  /** A frame that is no `hello` came; false when the state does not let it be dispatched, and has ended the connection. */
  frame(): boolean {
    const next = acceptingTransition(this.#state, { type: 'frame' });
    if (next.effects[0]?.type === 'dispatch') return true;
    this.#apply(next.state, next.effects);
    return false;
  }

  // What the server does with it.

  /** Queues a frame before those of the feeds. */
  send(frame: AcceptingPeerFrame): void {
    this.sendText(encodeFrame(frame), frame.type);
  }

  sendText(text: string, type: string): void {
    if (this.#state.name === 'closed') return;
    this.#outbox.pushControl(text);
    this.context.metrics.sentControl(type);
    if (this.#outbox.isOverfull) this.#inbound.waitForAnswers();
    this.context.wake(this);
  }

  sendMessage(name: string, data?: unknown): boolean {
    if (!this.isServing || this.#outbox.isOverfull) return false;
    if (name.length === 0 || name.length > maxNameLength)
      throw new RangeError(`expected a message name of 1 to ${String(maxNameLength)} characters`);
    this.send({ type: 'message', name, data });
    return true;
  }

  request(
    method: string,
    params?: unknown,
    options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
  ): Promise<unknown> {
    return this.requests.ask(method, params, options);
  }

  goaway(code: 'DRAINING' | 'TAKEN_OVER', reason: string, retryAfterMs: number): void {
    this.#feed({ type: 'goaway', code, reason, retryAfterMs });
  }

  close(code: number, reason: string): void {
    this.#feed({ type: 'close', code: sendableCloseCode(code), reason });
  }

  /** Something in this process failed that nobody foresaw: it costs this connection, and no other. */
  fail(error: unknown): void {
    this.context.logger.error({ connectionId: this.id, err: error }, 'a connection could not be served');
    this.close(1011, 'the server failed to serve the connection');
  }

  authenticated(identity: Identity, welcomeExt?: Readonly<Record<string, unknown>>): void {
    this.#identity = identity;
    this.#welcomeExt = welcomeExt;
    if (this.#state.name === 'authenticating') this.#feed({ type: 'authenticated' });
  }

  refused(code: number, reason: string): void {
    this.#feed({ type: 'refused', code, reason });
  }

  /** A feed of this connection has something to pull. */
  laneReady(cursor: Cursor): void {
    if (cursor.ready) return;
    this.#outbox.addLane(cursor);
    this.context.wake(this);
  }

  laneGone(cursor: Cursor): void {
    this.#outbox.removeLane(cursor);
  }

  /** Told before the cursor is brought back on the ring. */
  lagged(cursor: Cursor): void {
    const { metrics } = this.context;
    metrics.lagged(cursor.feed.class);
    if (cursor.feed.class === 'ephemeral') metrics.missed(cursor.feed.next - cursor.seq);
  }

  endSubscription(cursor: Cursor, code: string, reason: string, retryable: boolean): void {
    this.subscriptions.end(cursor, code, reason, retryable);
  }

  /** Sends what there is while the socket takes bytes. */
  pump(): void {
    if (this.#state.name === 'closed') return;
    this.#outbox.pump();
    this.liveness.setBehind(this.#outbox.isBehind);
    // What the socket could not pass on waits too.
    if (this.#inbound.isShut && this.#outbox.controlBytes === 0 && !this.#outbox.isBehind) this.#inbound.answersTaken();
  }

  /**
   * Called about once a second (`nowMs` is monotonic): pings, dead and stuck peers, deadlines, token expiry. `lateMs` is
   * how long this process itself was held up: what the peers sent meanwhile has not been read, so they get that time.
   */
  sweep(nowMs: number, lateMs: number): void {
    if (lateMs > 0) this.liveness.excuse(lateMs);
    if (this.#state.name === 'waiting' || this.#state.name === 'authenticating') {
      if (nowMs >= this.liveness.helloDueAt) this.#feed({ type: 'hello-timeout' });
      return;
    }
    if (!this.isServing) return;
    const { timings, clock } = this.context;
    const expiresAt = this.#identity?.expiresAt;
    if (expiresAt !== undefined && clock.now() >= expiresAt + timings.tokenGraceMs) {
      this.close(4401, 'the token expired');
      return;
    }
    const verdict = this.liveness.check(nowMs, this.socket, this.#inbound.isShut);
    if (verdict === 'stalled') this.#cut('the peer took no byte for too long');
    else if (verdict === 'dead') this.#cut('no answer to a ping in time');
    else if (verdict === 'ping-due') {
      // Before the write: the question is whether the ping stands behind other bytes, not whether it is on its way itself.
      this.liveness.pinged(nowMs, this.socket);
      this.socket.write(pingFrame);
    }
  }

  #feed(event: AcceptingEvent): void {
    const next = acceptingTransition(this.#state, event);
    this.#apply(next.state, next.effects);
  }

  #apply(state: AcceptingState, effects: readonly AcceptingEffect[]): void {
    this.#state = state;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: AcceptingEffect): void {
    switch (effect.type) {
      case 'authenticate':
        this.peer = effect.frame.peer;
        authenticateHello(this, effect.frame).catch((error: unknown) => {
          this.fail(error);
        });
        break;
      case 'welcome':
        this.#welcome();
        break;
      case 'goaway':
        this.send({ type: 'goaway', code: effect.code, reason: effect.reason, retryAfterMs: effect.retryAfterMs });
        break;
      case 'close':
        this.#closeSocket(effect.code, effect.reason);
        break;
      case 'release':
        this.#release();
        break;
      case 'dispatch':
        break;
    }
  }

  #welcome(): void {
    const { clock, timings, random, metrics } = this.context;
    const expiresAt = this.#identity?.expiresAt;
    this.liveness.opened(clock.monotonicNow(), random());
    const text = encodeFrame({
      type: 'welcome',
      protocol: PROTOCOL_REVISION,
      connectionId: this.id,
      heartbeatMs: timings.heartbeatMs,
      limits: this.endpoint.limits,
      sentAt: clock.now(),
      ...(expiresAt === undefined ? {} : { tokenExpiresAt: expiresAt }),
      ...(this.#welcomeExt === undefined ? {} : { ext: this.#welcomeExt }),
    });
    this.#welcomeExt = undefined;
    metrics.connected('accepted');
    this.sendText(text, 'welcome');
    this.wasWelcomed = true;
    this.context.welcomed(this);
  }

  /** Must not throw: what follows gives back what the connection holds. */
  #closeSocket(code: number, reason: string): void {
    try {
      this.#outbox.flushControl();
      this.socket.close(code, clipCloseReason(reason));
    } catch (error) {
      this.context.logger.error({ connectionId: this.id, code, err: error }, 'a socket could not be closed');
      this.socket.terminate();
    }
  }

  #cut(reason: string): void {
    this.#feed({ type: 'socket-closed', code: 4408, reason });
    this.socket.terminate();
  }

  #release(): void {
    const { code, reason } = this.#state as { readonly code: number; readonly reason: string };
    this.#credentials = undefined;
    try {
      this.#outbox.clear();
      this.subscriptions.release();
      this.requests.release();
      this.#inbound.release();
      this.#abort?.abort();
    } finally {
      this.context.metrics.closed(code);
      this.context.released(this, { code, reason });
    }
    this.context.logger.debug(
      { connectionId: this.id, code, reason, userId: this.#identity?.userId },
      'connection closed',
    );
  }
}
