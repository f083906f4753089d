import type { Clock } from '@fleetwire/websocket-core';
import { createLineDecoder, parseWatchEvent } from '../core/watch-lines.ts';
import { createKubeWatchError, toKubeWatchError } from '../core/kube-watch-error.ts';
import type { WatchRequest, WatchTransport } from '../core/watch-transport.ts';
import { acceptOf, listOverHttp, watchPath } from './collection.ts';
import { networkError } from './errors.ts';
import type { KubeHttp } from './http.ts';
import { createWatchSession, type WatchSession } from './watch-session.ts';

/** Watches by streaming fetch, one request for each, straight from a Kubernetes API or through a proxy. */
export function createFetchTransport(http: KubeHttp, clock: Clock): WatchTransport {
  return {
    kind: 'fetch',
    degradedReason: undefined,
    list: (request, signal) => listOverHttp(http, request, signal),
    refreshCredentials: (refusal) => http.refreshToken(refusal),
    watch(request, listener) {
      const controller = new AbortController();
      const session = createWatchSession(request, listener, clock, () => {
        controller.abort();
      });
      void stream(http, request, session, controller.signal);
      return () => {
        session.undo();
      };
    },
  };
}

async function stream(
  http: KubeHttp,
  request: WatchRequest,
  session: WatchSession,
  signal: AbortSignal,
): Promise<void> {
  const { target } = request;
  const { cluster, namespace } = target;
  try {
    const headers = { Accept: acceptOf(target, 'watch') };
    const init = { headers, signal, cache: 'no-store' } as const;
    const { body } = await http.request({ cluster, namespace, path: watchPath(request), init });
    if (session.isEnded || body === null) {
      session.end({ kind: 'normal' });
      return;
    }
    session.open();
    await readMessages(body, request, session);
    session.end({ kind: 'normal' });
  } catch (error) {
    session.fail(toKubeWatchError(error, target));
  }
}

async function readMessages(
  body: ReadableStream<Uint8Array>,
  { target }: WatchRequest,
  session: WatchSession,
): Promise<void> {
  const { cluster, namespace } = target;
  const lines = createLineDecoder((length) => {
    const message = `a watch event of ${String(length)} characters was skipped`;
    session.messages([
      { ok: false, error: createKubeWatchError({ code: 'KUBE_MALFORMED', message, cluster, namespace }) },
    ]);
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  const take = (found: readonly string[]): void => {
    session.messages(found.map((line) => parseWatchEvent(line, target)));
  };
  for (;;) {
    let chunk: Awaited<ReturnType<typeof reader.read>>;
    try {
      chunk = await reader.read();
    } catch (cause) {
      throw networkError(cause, target, false);
    }
    if (chunk.done) break;
    take(lines.push(decoder.decode(chunk.value, { stream: true })));
  }
  take([...lines.push(decoder.decode()), ...lines.end()]);
}
