import type { Client } from '@fleetwire/websocket-core/client';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import { checkWatchEvent } from '../core/watch-lines.ts';
import type { WatchListener, WatchRequest, WatchTransport } from '../core/watch-transport.ts';
import { kubeChannel, type KubeChannelParams, type KubePublication } from '../protocol/channel.ts';
import { collectionPath, listOverHttp } from './collection.ts';
import { deliverMessages } from './deliver-messages.ts';
import { subscriptionError } from './errors.ts';
import type { KubeHttp } from './http.ts';

/**
 * Lists over HTTP and watches over the Fleetwire socket, all clusters' on the one. The gateway keeps the upstream watch
 * and resumes it, and the socket resumes from where it was; so a watch here ends only when it fails.
 */
export function createMultiplexedTransport(http: KubeHttp, client: Client): WatchTransport {
  return {
    kind: 'multiplexed',
    degradedReason: undefined,
    list: (request, signal) => listOverHttp(http, request, signal),
    refreshCredentials: async () => {
      const isOther = await http.refreshToken();
      if (isOther) await client.refreshToken();
      return isOther;
    },
    watch: (request, listener) => subscribe(client, request, listener),
  };
}

function subscribe(client: Client, request: WatchRequest, listener: WatchListener): () => void {
  const { target, resourceVersion } = request;
  const { cluster, namespace } = target;
  let isEnded = false;
  const end = (error: ReturnType<typeof createKubeWatchError>): void => {
    if (isEnded) return;
    isEnded = true;
    subscription?.dispose();
    listener.onEnd(
      error.code === 'KUBE_EXPIRED'
        ? { kind: 'gone', error }
        : { kind: 'error', error, retryAfterMs: error.retryAfterMs },
    );
  };
  const subscription = client.subscribe(kubeChannel(cluster), {
    params: { ...paramsOf(request) },
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
          listener.onOpen();
          return;
        case 'pending':
          if (state.error !== undefined) listener.onInterrupted?.(state.error.message);
          else if (state.staleSince !== undefined) listener.onInterrupted?.('the Fleetwire socket was lost');
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
    else if ('gone' in data) listener.onGone?.();
    else if ('state' in data) {
      if (data.state === 'live') listener.onOpen();
      else listener.onInterrupted?.(`the gateway watches ${cluster} again`);
    } else if ('error' in data) {
      const { code, message, reason, terminal } = data.error;
      const error = createKubeWatchError({ status: code, message, reason, cluster, namespace });
      if (terminal) end(error);
      else listener.onInterrupted?.(message);
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
    isEnded = true;
    subscription.dispose();
  };
}

function paramsOf({ target }: WatchRequest): KubeChannelParams {
  const { labelSelector, fieldSelector, projection } = target;
  return {
    path: collectionPath(target),
    ...(labelSelector === undefined || labelSelector === '' ? {} : { labelSelector }),
    ...(fieldSelector === undefined || fieldSelector === '' ? {} : { fieldSelector }),
    ...(projection === undefined || projection === 'full' ? {} : { projection }),
  };
}
