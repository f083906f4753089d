import type { Clock, TimerHandle } from '@fleetwire/websocket-core';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import type { WatchMessage } from '../core/watch-lines.ts';
import type { WatchEnd, WatchListener, WatchRequest } from '../core/watch-transport.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { deliverMessages } from './deliver-messages.ts';

/** An API that does not accept a watch in so long is not going to. */
const openTimeoutMs = 10_000;
/**
 * A browser cannot ping, and a bookmark comes about once a minute. So a direct watch that was quiet for this long is
 * dialled again from where it is, which costs a request and shows a dead peer: 25 s and the 10 s above are the 35 s
 * within which one is found (W12).
 */
const quietMs = 25_000;

/** One direct watch: keeps the promises of {@link WatchListener} and finds dead peers. */
export interface WatchSession {
  readonly isEnded: boolean;
  open(): void;
  /** What the API sent, in order. */
  messages(messages: readonly WatchMessage[]): void;
  /** Ends it for the listener; only the first call counts. */
  end(end: WatchEnd): void;
  /** An error that ends it; 410 is `gone`. */
  fail(error: KubeWatchError): void;
  /** The listener's undo: ends it without a word. */
  undo(): void;
}

/** `release` is called once, at the end, and lets go of the connection. */
export function createWatchSession(
  request: WatchRequest,
  listener: WatchListener,
  clock: Clock,
  release: () => void,
): WatchSession {
  let state: 'opening' | 'open' | 'ended' = 'opening';
  let timer: TimerHandle;

  const arm = (): void => {
    clock.clearTimeout(timer);
    timer = clock.setTimeout(onSilence, state === 'opening' ? openTimeoutMs : quietMs);
  };
  const onSilence = (): void => {
    if (state === 'open') {
      session.end({ kind: 'normal' });
      return;
    }
    const { cluster, namespace } = request.target;
    const message = `${cluster} did not accept the watch within ${String(openTimeoutMs / 1000)} s`;
    session.fail(createKubeWatchError({ code: 'KUBE_TIMEOUT', message, cluster, namespace }));
  };
  const stop = (): boolean => {
    if (state === 'ended') return false;
    state = 'ended';
    clock.clearTimeout(timer);
    release();
    return true;
  };
  const session: WatchSession = {
    get isEnded() {
      return state === 'ended';
    },
    open() {
      if (state !== 'opening') return;
      state = 'open';
      arm();
      listener.onOpen();
    },
    messages(messages) {
      if (state === 'ended') return;
      arm();
      deliverMessages(messages, listener, () => session.isEnded);
    },
    end(end) {
      if (stop()) listener.onEnd(end);
    },
    fail(error) {
      session.end(
        error.code === 'KUBE_EXPIRED'
          ? { kind: 'gone', error }
          : { kind: 'error', error, retryAfterMs: error.retryAfterMs },
      );
    },
    undo() {
      stop();
    },
  };
  arm();
  return session;
}
