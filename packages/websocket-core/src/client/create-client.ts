import { systemClock, type Clock, type TimerHandle } from '../core/clock.ts';
import {
  connectingStart,
  connectingTransition,
  type ConnectingConfig,
  type ConnectingEffect,
  type ConnectingEvent,
  type ConnectingState,
} from '../core/connecting-peer.ts';
import { FleetwireError } from '../core/errors.ts';
import type { AcceptingPeerFrame, HelloFrame, WelcomeFrame } from '../protocol/frames.ts';
import { guardAcceptingPeerFrame } from '../protocol/guards.ts';
import { timings as defaultTimings } from '../protocol/timings.ts';
import { PROTOCOL_REVISION } from '../protocol/version.ts';
import { createParts, type ClientParts } from './client-parts.ts';
import { Connection, openNativeSocket } from './connection.ts';
import { watchEnvironment } from './environment.ts';
import { checkName, encodeValue } from './request-manager.ts';
import { resolveUrl, type PageLocation } from './resolve-url.ts';
import { StatePublisher } from './state-publisher.ts';
import { fetchToken } from './token-refresher.ts';
import type {
  Client,
  ClientOptions,
  ClientState,
  RequestOptions,
  SubscribeOptions,
  Subscription,
  WelcomeInfo,
} from './types.ts';

/**
 * Creates a client: one connection after another to one endpoint, with requests, messages and subscriptions that live
 * through all of them. Throws INVALID_ARGUMENT when `url` cannot be dialled.
 */
export function createClient(options: ClientOptions): Client {
  return new ClientShell(options);
}

/** Runs the effects of the connecting peer's state machine: one timer, one socket, and the parts that speak on it. */
class ClientShell implements Client {
  readonly #options: ClientOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #config: ConnectingConfig;
  readonly #parts: ClientParts;
  readonly #publisher: StatePublisher;
  readonly #unwatch: () => void;
  readonly #events: ConnectingEvent[] = [];
  #machine: ConnectingState = connectingStart;
  #connection: Connection | undefined;
  #timer: TimerHandle;
  #welcome: WelcomeFrame | undefined;
  #welcomeInfo: WelcomeInfo | undefined;
  #rttMs: number | undefined;
  #isDispatching = false;
  #isDisposed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    // Fails here rather than at every attempt.
    void this.url;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#publisher = new StatePublisher(this.#clock, (call) => {
      this.#guarded(call);
    });
    const timings = { ...defaultTimings, ...options.timings };
    this.#config = { ...timings, maxAttempts: options.maxAttempts ?? Infinity };
    this.#parts = createParts({
      clock: this.#clock,
      random: this.#random,
      timings,
      client: options,
      events: {
        onError: (error) => {
          this.#report(error);
        },
        onViolation: (code, reason) => {
          this.#dispatch({ type: 'violation', dial: this.#machine.dial, code, reason });
        },
        onSettled: () => {
          this.#checkSettled();
        },
        onRtt: (rttMs) => {
          this.#rttMs = rttMs;
          this.#publishState();
        },
        onSilent: () => {
          this.#lose(this.#machine.dial, 4408, 'no answer to a ping in time');
        },
        guarded: (call) => {
          this.#guarded(call);
        },
      },
    });
    this.#unwatch = watchEnvironment({
      onWake: () => {
        this.#dispatch({ type: 'wake', at: this.#clock.monotonicNow() });
      },
      onOffline: () => {
        this.#parts.heartbeat.probe();
      },
    });
    if (options.autoConnect !== false) this.connect();
  }

  get state(): ClientState {
    return this.#publisher.state;
  }

  get url(): string {
    return resolveUrl(this.#options.url, (globalThis as { readonly location?: PageLocation }).location);
  }

  get welcome(): WelcomeInfo | undefined {
    return this.#welcomeInfo;
  }

  onState(listener: (state: ClientState) => void): () => void {
    return this.#isDisposed ? () => {} : this.#publisher.listen(listener);
  }

  connect(): void {
    if (!this.#isDisposed) this.#dispatch({ type: 'connect' });
  }

  request(method: string, params?: unknown, options: RequestOptions = {}): Promise<unknown> {
    const closed = this.#closedError();
    if (closed !== undefined) return Promise.reject(closed);
    return this.#parts.requests.request(method, params, options);
  }

  sendMessage(name: string, data?: unknown): void {
    const closed = this.#closedError();
    if (closed !== undefined) throw closed;
    checkName('name', name);
    const text = encodeValue({ type: 'message', name, data });
    if (this.#parts.queue.isTooLarge(text)) {
      throw new FleetwireError('PAYLOAD_TOO_LARGE', 'the message is larger than the server takes');
    }
    this.#parts.queue.push('calls', {
      encode: () => text,
      refuse: (error) => {
        if (!this.#isDisposed) this.#report(error);
      },
    });
  }

  subscribe(channel: string, options: SubscribeOptions = {}): Subscription {
    if (this.#isDisposed) throw this.#closedError() as FleetwireError;
    return this.#parts.subscriptions.subscribe(channel, options);
  }

  async refreshToken(): Promise<void> {
    // A token that was fetched before the call may be on its way in the hello.
    if (this.state.status === 'connecting') await this.#attemptEnded();
    await this.#parts.refresher.refresh();
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#unwatch();
    this.#dispatch({ type: 'stop', code: 1000, reason: 'disposed' });
    // A client that was closed before has nothing to stop, but may hold subscriptions.
    this.#parts.requests.stop('DISPOSED', 'the client was disposed');
    this.#parts.subscriptions.dispose();
    this.#publisher.clear();
  }

  /** Events that arise while effects run come after them. */
  #dispatch(event: ConnectingEvent): void {
    this.#events.push(event);
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const { state, effects } = connectingTransition(this.#machine, next, this.#config);
        this.#machine = state;
        for (const effect of effects) this.#run(effect);
        this.#publishState();
      }
    } finally {
      this.#isDispatching = false;
    }
  }

  #run(effect: ConnectingEffect): void {
    switch (effect.type) {
      case 'dial':
        this.#connection = this.#dial(effect.dial, effect.freshToken);
        return;
      case 'timer':
        this.#clock.clearTimeout(this.#timer);
        this.#timer = this.#clock.setTimeout(() => {
          this.#dispatch({ type: 'timer', at: this.#clock.monotonicNow(), random: this.#random() });
        }, effect.ms);
        return;
      case 'clear-timer':
        this.#clock.clearTimeout(this.#timer);
        return;
      case 'close-socket':
        this.#connection?.close(effect.code, effect.reason);
        return;
      case 'opened':
        this.#onOpened(this.#welcome as WelcomeFrame);
        return;
      case 'hold':
        this.#parts.queue.hold();
        this.#parts.subscriptions.hold();
        this.#parts.refresher.stop();
        this.#checkSettled();
        return;
      case 'release':
        this.#onReleased();
        return;
      case 'probe':
        this.#parts.heartbeat.probe();
        return;
      case 'stopped': {
        const [code, reason] = this.#isDisposed
          ? (['DISPOSED', 'the client was disposed'] as const)
          : (['CONNECTION_CLOSED', `the client is closed: ${String(effect.code)} ${effect.reason}`] as const);
        this.#parts.requests.stop(code, reason);
        this.#parts.queue.clear(new FleetwireError(code, reason));
      }
    }
  }

  #dial(dial: number, freshToken: boolean): Connection {
    const { allowInsecureToken = false, getToken, openSocket = openNativeSocket } = this.#options;
    // Late words of an earlier socket must not reach the parts, which know only the present one.
    const isCurrent = (): boolean => this.#machine.dial === dial;
    const violate = (code: number, reason: string): void => {
      this.#dispatch({ type: 'violation', dial, code, reason });
    };
    return new Connection({
      url: () => this.url,
      openSocket,
      allowInsecureToken,
      takeToken: (signal) => fetchToken(getToken, freshToken ? 'expired' : 'connect', signal),
      hello: (token) => this.#hello(token),
      events: {
        onText: (text) => {
          if (isCurrent()) this.#onText(text, dial);
        },
        onBinary: (bytes) => {
          if (!isCurrent()) return;
          this.#parts.heartbeat.heard();
          this.#dispatch({ type: 'frame', dial });
          if (this.#isSpeaking()) this.#parts.router.routeBinary(bytes);
        },
        onClosed: (code, reason) => {
          this.#dispatch({
            type: 'socket-closed',
            dial,
            code,
            reason,
            at: this.#clock.monotonicNow(),
            random: this.#random(),
          });
        },
        onFailed: (error) => {
          this.#report(error);
          this.#lose(dial, 1006, error.message);
        },
        onRefused: (error) => {
          this.#report(error);
          violate(1008, `${error.code}: ${error.message}`);
        },
        onViolation: violate,
      },
    });
  }

  #onText(text: string, dial: number): void {
    this.#parts.heartbeat.heard();
    const decoded = guardAcceptingPeerFrame(text);
    if (decoded.kind === 'malformed') {
      this.#dispatch({ type: 'violation', dial, code: 1007, reason: decoded.reason });
    } else if (decoded.kind === 'frame') {
      this.#onFrame(decoded.frame, dial);
    } else {
      this.#dispatch({ type: 'frame', dial });
      if (this.#isSpeaking()) this.#parts.router.routeUnreadable(decoded);
    }
  }

  #onFrame(frame: AcceptingPeerFrame, dial: number): void {
    switch (frame.type) {
      case 'welcome':
        if (frame.protocol > PROTOCOL_REVISION) {
          this.#dispatch({
            type: 'violation',
            dial,
            code: 1002,
            reason: 'the server chose a revision that was not offered',
          });
          return;
        }
        this.#welcome = frame;
        this.#dispatch({ type: 'welcome', dial, at: this.#clock.monotonicNow() });
        return;
      case 'goaway':
        this.#dispatch({ type: 'goaway', dial, retryAfterMs: frame.retryAfterMs, reason: frame.reason });
        return;
      default:
        if (!this.#isSpeaking()) this.#dispatch({ type: 'frame', dial });
        else this.#parts.router.route(frame);
    }
  }

  #onOpened(welcome: WelcomeFrame): void {
    this.#rttMs = undefined;
    this.#welcomeInfo = { connectionId: welcome.connectionId, limits: welcome.limits, ext: welcome.ext };
    this.#parts.queue.attach(this.#connection as Connection, welcome.limits);
    this.#parts.requests.opened(welcome.limits);
    this.#parts.subscriptions.opened(welcome.limits);
    this.#parts.queue.pump();
    this.#parts.heartbeat.start(welcome.heartbeatMs, this.#options.firstPingMs);
    this.#parts.refresher.start(welcome);
  }

  #onReleased(): void {
    this.#connection = undefined;
    this.#parts.heartbeat.stop();
    this.#parts.refresher.stop();
    this.#parts.queue.detach();
    this.#parts.server.released();
    this.#parts.requests.released();
    this.#parts.subscriptions.released();
  }

  #isSpeaking(): boolean {
    return this.#machine.name === 'open' || this.#machine.name === 'leaving';
  }

  #checkSettled(): void {
    if (this.#machine.name !== 'leaving') return;
    if (!this.#parts.requests.isIdle || !this.#parts.server.isIdle || !this.#parts.queue.isControlEmpty) return;
    this.#dispatch({ type: 'settled', at: this.#clock.monotonicNow(), random: this.#random() });
  }

  #lose(dial: number, code: number, reason: string): void {
    this.#dispatch({ type: 'lost', dial, code, reason, at: this.#clock.monotonicNow(), random: this.#random() });
  }

  #attemptEnded(): Promise<void> {
    return new Promise((resolve) => {
      const undo = this.onState(({ status }) => {
        if (status === 'connecting') return;
        undo();
        resolve();
      });
    });
  }

  #hello(token: string | undefined): HelloFrame {
    const { peer = { name: 'fleetwire-client', version: String(PROTOCOL_REVISION) }, ext } = this.#options;
    return { type: 'hello', protocol: PROTOCOL_REVISION, token, peer, ext };
  }

  #closedError(): FleetwireError | undefined {
    if (this.#isDisposed) return new FleetwireError('DISPOSED', 'the client was disposed');
    if (this.state.status !== 'closed') return undefined;
    const { code, reason } = this.state;
    return new FleetwireError('CONNECTION_CLOSED', `the client is closed: ${String(code)} ${reason}`);
  }

  #publishState(): void {
    this.#publisher.publish(this.#machine, {
      connectionId: this.#welcomeInfo?.connectionId ?? '',
      rttMs: this.#rttMs,
    });
  }

  #guarded(call: () => void): void {
    try {
      call();
    } catch (cause) {
      this.#report(new FleetwireError('LISTENER_FAILED', 'a listener has thrown', { cause }));
    }
  }

  #report(error: FleetwireError): void {
    try {
      this.#options.onError?.(error);
    } catch {
      // Nobody is left to tell.
    }
  }
}
