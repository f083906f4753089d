import { createKubeWatchError } from '../core/kube-watch-error.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import { initialState } from './shared-target.ts';
import type { TargetHandle } from './types.ts';

/** A hold on a target of a client that was disposed: it says so, and nothing comes of it. */
export function disposedHandle(target: WatchTarget): TargetHandle {
  const { cluster, namespace } = target;
  const message = 'the kube-watch client was disposed';
  const error = createKubeWatchError({ code: 'DISPOSED', retryable: false, message, cluster, namespace });
  return {
    snapshot: { items: [], columns: undefined, state: { ...initialState(target), status: 'stopped', error } },
    subscribe: () => () => {},
    refetch: () => Promise.reject(error),
    dispose: () => {},
  };
}
