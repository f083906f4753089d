import { FleetwireError } from '@fleetwire/websocket-core';
import type { ClusterRuntime } from './cluster-runtime.ts';
import type { HeldBytes } from './held-bytes.ts';
import { positionOfList } from './list-position.ts';
import type { KubeGatewayTimings } from './timings.ts';
import { probeListRequest, type UpstreamTarget } from './watch-request.ts';

/**
 * Asks a list of one object where the cluster is. Undefined when it does not tell: the identity may not list, or the
 * answer has no resourceVersion. Rejects with UNAVAILABLE when the cluster does not answer.
 */
export async function clusterPosition(
  cluster: ClusterRuntime,
  target: UpstreamTarget,
  timings: KubeGatewayTimings,
  signal: AbortSignal,
  held: HeldBytes,
): Promise<string | undefined> {
  if (cluster.breaker.isOpen) throw new FleetwireError('UNAVAILABLE', 'the cluster does not answer');
  cluster.dialled();
  const { path, headers } = probeListRequest(target);
  const timeoutMs = timings.catchUpTimeoutMs;
  try {
    const response = await cluster.http.get(path, { headers, impersonate: target.impersonate, timeoutMs, signal });
    if (response.statusCode === 200) return await positionOfList(response, timeoutMs, held.part());
    response.on('error', () => undefined).destroy();
    const status = response.statusCode ?? 0;
    if (status >= 500 || status === 401 || status === 408 || status === 429) {
      throw new FleetwireError('UNAVAILABLE', `the cluster answered ${String(status)}`);
    }
    return undefined;
  } catch (error) {
    throw new FleetwireError('UNAVAILABLE', 'the cluster does not answer', { cause: error });
  }
}
