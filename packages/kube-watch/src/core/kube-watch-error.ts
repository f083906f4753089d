import { FleetwireError } from '@fleetwire/websocket-core';
import type { Status } from '../protocol/kube-object.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';
import { retryAfterMsOf } from './back-off.ts';

/** Codes of what fails between a target and its Kubernetes API; docs/errors.md is held equal by a test. */
export const kubeErrors = {
  KUBE_BAD_REQUEST: { retryable: false, when: 'the API refused the request as it is (400, 405, 406, 413, 415)' },
  KUBE_UNAUTHORIZED: { retryable: false, when: 'the API does not take the credentials (401)' },
  KUBE_FORBIDDEN: { retryable: false, when: 'the identity may not do this (403)' },
  KUBE_NOT_FOUND: { retryable: false, when: 'the object, the resource type or the cluster does not exist (404)' },
  KUBE_CONFLICT: { retryable: false, when: 'the object was changed meanwhile, or exists already (409)' },
  KUBE_EXPIRED: { retryable: true, when: 'the resourceVersion or the `continue` token is too old (410); list again' },
  KUBE_INVALID: { retryable: false, when: 'the API refused the content (422)' },
  KUBE_TOO_MANY_REQUESTS: { retryable: true, when: 'the API sheds load (429); `retryAfterMs` is the least wait' },
  KUBE_SERVER_ERROR: { retryable: true, when: 'the API failed (500 and other 5xx)' },
  KUBE_UNAVAILABLE: { retryable: true, when: 'the API, or what stands before it, is away (502, 503)' },
  KUBE_TIMEOUT: { retryable: true, when: 'the API did not answer in time (504, or no answer within the limit)' },
  KUBE_VERSION_TOO_LARGE: { retryable: true, when: 'the server has not reached this resourceVersion yet' },
  KUBE_UNREACHABLE: { retryable: true, when: 'no connection to the API came about, or it was cut' },
  KUBE_MALFORMED: { retryable: true, when: 'an answer or a message is not what the API should send' },
  KUBE_SHORT_WATCH: { retryable: true, when: 'a watch ended within a second and brought nothing' },
} as const satisfies Record<string, { retryable: boolean; when: string }>;

/** One of {@link kubeErrors}. */
export type KubeErrorCode = keyof typeof kubeErrors;

/** What an error of a target is made of. */
export interface KubeWatchErrorInit {
  /** Default: what `reason` and `status` say; without both, `KUBE_UNREACHABLE`. */
  readonly code?: KubeErrorCode | (string & {}) | undefined;
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
  readonly message: string;
  readonly cluster: string;
  readonly namespace?: string | undefined;
  /** Default: as the code says. */
  readonly retryable?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The Status that the API sent, where it sent one. */
  readonly details?: unknown;
  readonly cause?: unknown;
}

class KubeError extends FleetwireError implements KubeWatchError {
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly cluster: string;
  readonly namespace: string | undefined;

  constructor(init: KubeWatchErrorInit) {
    const code = init.code ?? kubeErrorCode(init.status, init.reason);
    const { retryAfterMs, details, cause } = init;
    super(code, init.message, { retryable: init.retryable ?? isRetryable(code), retryAfterMs, details, cause });
    this.status = init.status;
    this.reason = init.reason;
    this.cluster = init.cluster;
    this.namespace = init.namespace;
  }
}

/** Makes the error of one target. It is a `FleetwireError`. */
export function createKubeWatchError(init: KubeWatchErrorInit): KubeWatchError {
  return new KubeError(init);
}

/** Whether `error` was made by {@link createKubeWatchError}. */
export function isKubeWatchError(error: unknown): error is KubeWatchError {
  return error instanceof KubeError;
}

/** `error` itself when it is a target's, else one that has it as its cause. */
export function toKubeWatchError(error: unknown, target: Pick<WatchTarget, 'cluster' | 'namespace'>): KubeWatchError {
  if (isKubeWatchError(error)) return error;
  const message = error instanceof Error ? error.message : 'the request failed without saying why';
  const common = { message, cluster: target.cluster, namespace: target.namespace, cause: error };
  if (!(error instanceof FleetwireError)) return new KubeError(common);
  const { code, retryable, retryAfterMs, details } = error;
  return new KubeError({ ...common, code, retryable, retryAfterMs, details });
}

/** The error that a Kubernetes Status tells of. Fields of another type than Kubernetes gives them are left out. */
export function errorOfStatus(status: Status, target: Pick<WatchTarget, 'cluster' | 'namespace'>): KubeWatchError {
  const code = typeof status.code === 'number' ? status.code : undefined;
  const reason = typeof status.reason === 'string' ? status.reason : undefined;
  return new KubeError({
    code: isVersionTooLarge(status) ? 'KUBE_VERSION_TOO_LARGE' : kubeErrorCode(code ?? 500, reason),
    status: code,
    reason,
    message: typeof status.message === 'string' && status.message !== '' ? status.message : describe(code, reason),
    cluster: target.cluster,
    namespace: target.namespace,
    retryAfterMs: retryAfterMsOf(status.details?.retryAfterSeconds),
    details: status,
  });
}

const codesOfStatus: Readonly<Record<number, KubeErrorCode>> = {
  401: 'KUBE_UNAUTHORIZED',
  403: 'KUBE_FORBIDDEN',
  404: 'KUBE_NOT_FOUND',
  409: 'KUBE_CONFLICT',
  410: 'KUBE_EXPIRED',
  422: 'KUBE_INVALID',
  429: 'KUBE_TOO_MANY_REQUESTS',
  502: 'KUBE_UNAVAILABLE',
  503: 'KUBE_UNAVAILABLE',
  504: 'KUBE_TIMEOUT',
};

function kubeErrorCode(status: number | undefined, reason: string | undefined): KubeErrorCode {
  if (reason === 'Expired' || reason === 'Gone') return 'KUBE_EXPIRED';
  if (status === undefined) return 'KUBE_UNREACHABLE';
  return codesOfStatus[status] ?? (status >= 400 && status < 500 ? 'KUBE_BAD_REQUEST' : 'KUBE_SERVER_ERROR');
}

/** Servers older than 1.20 name no cause, only the words (k8s.io/apiserver, `storage/errors.go`). */
function isVersionTooLarge(status: Status): boolean {
  const causes: unknown = status.details?.causes;
  const named = Array.isArray(causes) && causes.some((cause) => isNamedTooLarge(cause));
  return named || (status.code === 504 && /too large resource version/i.test(String(status.message)));
}

function isNamedTooLarge(cause: unknown): boolean {
  return (cause as { reason?: unknown } | null | undefined)?.reason === 'ResourceVersionTooLarge';
}

function describe(code: number | undefined, reason: string | undefined): string {
  return `the API answered ${[code, reason].filter((part) => part !== undefined).join(' ') || 'with a failure'}`;
}

function isRetryable(code: string): boolean | undefined {
  return Object.hasOwn(kubeErrors, code) ? kubeErrors[code as KubeErrorCode].retryable : undefined;
}
