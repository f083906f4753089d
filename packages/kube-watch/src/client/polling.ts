import type { WatchTransport } from '../core/watch-transport.ts';
import { listOverHttp } from './collection.ts';
import type { KubeHttp } from './http.ts';

/** Lists again and again, where lists are allowed and watches are not, or where nothing streams. */
export function createPollingTransport(http: KubeHttp): WatchTransport {
  return {
    kind: 'polling',
    degradedReason: undefined,
    pollIntervalMs: 5_000,
    list: (request, signal) => listOverHttp(http, request, signal),
    refreshCredentials: (refusal) => http.refreshToken(refusal),
  };
}
