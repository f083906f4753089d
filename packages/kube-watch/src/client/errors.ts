import { FleetwireError } from '@fleetwire/websocket-core';
import { retryAfterMsOf } from '../core/back-off.ts';
import { createKubeWatchError, errorOfStatus, toKubeWatchError } from '../core/kube-watch-error.ts';
import type { Status } from '../protocol/kube-object.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';

/** Where an error belongs. */
export interface ErrorPlace {
  readonly cluster: string;
  readonly namespace?: string | undefined;
}

/** No answer came. */
export function networkError(cause: unknown, place: ErrorPlace, isAborted: boolean): KubeWatchError {
  if (cause instanceof FleetwireError) return toKubeWatchError(cause, place);
  const { cluster, namespace } = place;
  if (isAborted) {
    const message = 'the request was aborted';
    return createKubeWatchError({ code: 'ABORTED', retryable: false, message, cluster, namespace, cause });
  }
  const why = cause instanceof Error ? describeCause(cause) : 'no answer';
  return createKubeWatchError({ message: `${cluster} cannot be reached: ${why}`, cluster, namespace, cause });
}

/** An answer that is not 2xx. `retryAfter` is the header: seconds (RFC 9110 section 10.2.3); dates are left out. */
export function statusError(
  status: number,
  body: string,
  place: ErrorPlace,
  retryAfter: string | null,
): KubeWatchError {
  const parsed = parseStatus(body);
  const retryAfterSeconds = retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  const { cluster, namespace } = place;
  if (parsed !== undefined) {
    const details =
      retryAfterSeconds === undefined ? parsed.details : { retryAfterSeconds, ...(parsed.details ?? undefined) };
    return errorOfStatus({ ...parsed, code: status, ...(details && { details }) }, place);
  }
  return createKubeWatchError({
    status,
    message: `${cluster} answered ${String(status)}`,
    cluster,
    namespace,
    retryAfterMs: retryAfterMsOf(retryAfterSeconds),
  });
}

function parseStatus(body: string): Status | undefined {
  try {
    const value = JSON.parse(body) as Status | null;
    return value?.kind === 'Status' ? value : undefined;
  } catch {
    // What stands between may answer in HTML.
    return undefined;
  }
}

/** `fetch failed` says nothing; what Node hangs below it does. */
function describeCause(error: Error): string {
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

const statusOfCode: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  BAD_POSITION: 410,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  UNKNOWN_CHANNEL: 404,
  RATE_LIMITED: 429,
  TOO_MANY_REQUESTS: 429,
};

/** What a subscription failed with, as the HTTP answer that would have said the same. */
export function subscriptionError(error: FleetwireError, place: ErrorPlace): KubeWatchError {
  const { cluster, namespace } = place;
  const status = statusOfCode[error.code];
  if (status === undefined) return toKubeWatchError(error, place);
  const { retryAfterMs, details } = error;
  const message = error.code === 'UNKNOWN_CHANNEL' ? `there is no cluster ${JSON.stringify(cluster)}` : error.message;
  return createKubeWatchError({ status, message, retryAfterMs, details, cluster, namespace, cause: error });
}
