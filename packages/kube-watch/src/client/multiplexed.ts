import type { Clock } from '@fleetwire/websocket-core';
import type { Client } from '@fleetwire/websocket-core/client';
import { canonicalSelector } from '../core/canonical-target.ts';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import { checkWatchEvent } from '../core/watch-lines.ts';
import type { WatchListener, WatchRequest, WatchTransport } from '../core/watch-transport.ts';
import { kubeChannel, type KubeChannelParams, type KubePublication } from '../protocol/channel.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { collectionPath, listOverHttp } from './collection.ts';
import { deliverMessages } from './deliver-messages.ts';
import { subscriptionError } from './errors.ts';
import type { KubeHttp } from './http.ts';

/** A watch that does not open in so long leaves what is shown behind. */
const openTimeoutMs = 10_000;

/**
 * Lists over HTTP and watches over the Fleetwire socket, all clusters' on the one. The gateway keeps the upstream watch
 * and resumes it, and the socket resumes from where it was; so a watch here ends only when it fails.
 */
export function createMultiplexedTransport(http: KubeHttp, client: Client, clock: Clock): WatchTransport {
  /** Watches that run now, by channel and parameters. */
  const running = new Map<string, number>();
  return {
    kind: 'multiplexed',
    degradedReason: undefined,
    list: (request, signal) => listOverHttp(http, request, signal),
    refreshCredentials: async (refusal) => {
      const isOther = await http.refreshToken(refusal);
      if (isOther) await client.refreshToken();
      return isOther;
    },
    watch(request, listener) {
      const params = paramsOf(request);
      const key = JSON.stringify([request.target.cluster, params]);
      const others = running.get(key) ?? 0;
      const undo = subscribe(client, clock, request, params, others > 0, listener, () => {
        const left = (running.get(key) ?? 1) - 1;
        if (left === 0) running.delete(key);
        else running.set(key, left);
      });
      running.set(key, others + 1);
      return undo;
    },
  };
}

/**
 * `isShared`: another watch has the subscription already, and it goes on from wherever that one is. What came between
 * the list and now went to nobody here, so it is said to be missed. `onReleased` is called once, when the watch is over.
 */
function subscribe(
  client: Client,
  clock: Clock,
  request: WatchRequest,
  params: KubeChannelParams,
  isShared: boolean,
  listener: WatchListener,
  onReleased: () => void,
): () => void {
  let isBehind = isShared;
  const { target, resourceVersion } = request;
  const { cluster, namespace } = target;
  let isEnded = false;
  // It goes on waiting: only the view shall know.
  const timer = clock.setTimeout(() => {
    listener.onInterrupted?.();
  }, openTimeoutMs);
  const release = (): boolean => {
    if (isEnded) return false;
    isEnded = true;
    clock.clearTimeout(timer);
    subscription.dispose();
    onReleased();
    return true;
  };
  const end = (error: KubeWatchError): void => {
    if (!release()) return;
    listener.onEnd(
      error.code === 'KUBE_EXPIRED'
        ? { kind: 'gone', error }
        : { kind: 'error', error, retryAfterMs: error.retryAfterMs },
    );
  };
  const subscription = client.subscribe(kubeChannel(cluster), {
    params: { ...params },
    since: resourceVersion,
    onPublication: (data) => {
      if (!isEnded) onPublication(data as KubePublication | null);
    },
    onGap: () => {
      if (!isEnded) listener.onGone?.();
    },
    onState: (state) => {
      if (isEnded) return;
      switch (state.status) {
        case 'live':
          clock.clearTimeout(timer);
          listener.onOpen();
          if (isBehind) listener.onGone?.();
          isBehind = false;
          return;
        case 'pending':
          if (state.error !== undefined) listener.onInterrupted?.(subscriptionError(state.error, target));
          else if (state.staleSince !== undefined) listener.onInterrupted?.();
          return;
        case 'failed':
          end(subscriptionError(state.error, target));
      }
    },
  });

  const onPublication = (data: KubePublication | null): void => {
    if (data === null || typeof data !== 'object') malformed('expected a publication, an object');
    else if ('events' in data) onEvents(data.events);
    else if ('bookmark' in data)
      listener.onEvents([{ type: 'BOOKMARK', object: { metadata: { resourceVersion: data.bookmark } } }]);
    else if ('columns' in data) listener.onEvents([], data.columns);
    else if ('gone' in data) listener.onGone?.();
    else if ('state' in data) {
      if (data.state === 'live') listener.onOpen();
      else listener.onInterrupted?.();
    } else if ('error' in data) {
      const { code, message, reason, terminal } = data.error;
      const error = createKubeWatchError({ status: code, message, reason, cluster, namespace });
      if (terminal) end(error);
      else listener.onInterrupted?.(error);
    }
    // A newer gateway may publish more.
  };
  const onEvents = (events: readonly unknown[]): void => {
    if (!Array.isArray(events)) {
      malformed('expected events to be an array');
      return;
    }
    const messages = events.map((event) => checkWatchEvent(event, target));
    deliverMessages(messages, listener, () => isEnded);
  };
  const malformed = (message: string): void => {
    listener.onMalformed(createKubeWatchError({ code: 'KUBE_MALFORMED', message, cluster, namespace }));
  };

  return () => {
    release();
  };
}

function paramsOf({ target }: WatchRequest): KubeChannelParams {
  const { projection } = target;
  // The gateway takes one spelling of each query.
  const labelSelector = canonicalSelector(target.labelSelector ?? '');
  const fieldSelector = canonicalSelector(target.fieldSelector ?? '');
  return {
    path: collectionPath(target),
    ...(labelSelector === '' ? {} : { labelSelector }),
    ...(fieldSelector === '' ? {} : { fieldSelector }),
    ...(projection === undefined || projection === 'full' ? {} : { projection }),
  };
}
