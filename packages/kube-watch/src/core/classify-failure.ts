import type { KubeWatchError } from '../protocol/watch-status.ts';

/** What a failure asks for; the rules of PROTOCOL.md differ by it. */
export type FailureKind =
  | 'expired'
  | 'unauthorized'
  | 'forbidden'
  | 'missing'
  | 'refused'
  | 'too-many'
  | 'version-too-large'
  /** The API answered with a failure of its own. */
  | 'failed'
  /** No answer came. */
  | 'unreachable';

export function classifyFailure(error: KubeWatchError): FailureKind {
  const { code, status } = error;
  if (code === 'KUBE_VERSION_TOO_LARGE') return 'version-too-large';
  if (code === 'KUBE_EXPIRED' || status === 410) return 'expired';
  if (code === 'KUBE_SHORT_WATCH' || code === 'KUBE_MALFORMED') return 'failed';
  // 502 and 503 are what a proxy answers for an API that it cannot reach: the cluster's failure, not the target's.
  if (status === undefined || status === 502 || status === 503) return 'unreachable';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 429) return 'too-many';
  if (status === 408) return 'failed';
  return status >= 400 && status < 500 ? 'refused' : 'failed';
}
