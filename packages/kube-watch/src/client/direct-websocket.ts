import type { Clock } from '@fleetwire/websocket-core';
import { createKubeWatchError, toKubeWatchError } from '../core/kube-watch-error.ts';
import { parseWatchEvent } from '../core/watch-lines.ts';
import type { WatchRequest, WatchTransport } from '../core/watch-transport.ts';
import type { KubeObject, WatchEvent } from '../protocol/kube-object.ts';
import { acceptOf, listOverHttp, watchPath } from './collection.ts';
import type { KubeHttp } from './http.ts';
import type { DialSocket } from './socket-dialer.ts';
import { createWatchSession, type WatchSession } from './watch-session.ts';

/** Code of a watch whose WebSocket was refused though the same watch opens over HTTP. */
export const WEBSOCKET_REFUSED = 'KUBE_WEBSOCKET_REFUSED';

/**
 * Watches by one WebSocket for each list, as API servers and `kubectl proxy` serve them. A browser cannot ask for
 * another form over a WebSocket: of a metadata target the rest of each object is dropped here, and Tables are not to be
 * had.
 */
export function createWebSocketTransport(http: KubeHttp, dial: DialSocket, clock: Clock): WatchTransport {
  return {
    kind: 'websocket',
    degradedReason: undefined,
    list: (request, signal) => listOverHttp(http, request, signal),
    refreshCredentials: (refusal) => http.refreshToken(refusal),
    watch(request, listener) {
      let socket: WebSocket | undefined;
      const session = createWatchSession(request, listener, clock, () => {
        socket?.close();
      });
      void open(http, dial, request, session).then((opened) => {
        socket = opened;
        if (session.isEnded) opened?.close();
        else if (opened !== undefined) session.open();
      });
      return () => {
        session.undo();
      };
    },
  };
}

/** Resolves to the open socket, or to nothing when the session was told what went wrong. */
async function open(
  http: KubeHttp,
  dial: DialSocket,
  request: WatchRequest,
  session: WatchSession,
): Promise<WebSocket | undefined> {
  const { target } = request;
  const { cluster, namespace } = target;
  const isMetadata = target.projection === 'metadata';
  try {
    return await dial(
      {
        cluster,
        url: watchPath(request),
        onMessage: (data) => {
          const text = typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer);
          const message = parseWatchEvent(text.trim(), target);
          session.messages([
            message.ok && isMetadata ? { ...message, events: message.events.map(metadataOf) } : message,
          ]);
        },
        onClose: ({ code }) => {
          // 1000 is a watch that came to its end; a server that goes away or a lost connection has others.
          if (code === 1000 || code === 1005) session.end({ kind: 'normal' });
          else {
            const message = `${cluster} closed the watch (${String(code)})`;
            session.fail(createKubeWatchError({ message, cluster, namespace }));
          }
        },
      },
      () => !session.isEnded,
    );
  } catch (error) {
    if (!session.isEnded) session.fail(await explain(http, request, error));
    return undefined;
  }
}

/** A browser is not told why a handshake was refused, so the same watch is asked for over HTTP, and that answer counts. */
async function explain(http: KubeHttp, request: WatchRequest, refusal: unknown) {
  const { target } = request;
  const { cluster, namespace } = target;
  const controller = new AbortController();
  try {
    const init = { headers: { Accept: acceptOf(target, 'watch') }, signal: controller.signal };
    await http.request({ cluster, namespace, path: watchPath({ ...request, timeoutSeconds: 1 }), init });
    const message = `${cluster} refused the WebSocket, but answers over HTTP`;
    return createKubeWatchError({
      code: WEBSOCKET_REFUSED,
      retryable: true,
      message,
      cluster,
      namespace,
      cause: refusal,
    });
  } catch (error) {
    return toKubeWatchError(error, target);
  } finally {
    controller.abort();
  }
}

function metadataOf(event: WatchEvent): WatchEvent {
  if (event.type === 'BOOKMARK' || event.type === 'ERROR') return event;
  const { apiVersion, kind, metadata } = event.object;
  const object: KubeObject = {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata,
  };
  return { type: event.type, object };
}
