import type { IncomingMessage } from 'node:http';
import { FleetwireError } from '@fleetwire/websocket-core';
import type { Status } from '../protocol/kube-object.ts';

/** Why a request to a cluster came to nothing. */
export interface KubeFailure {
  /** HTTP status or `code` of a Status; 0 when no answer came. */
  readonly code: number;
  readonly reason: string | undefined;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

/** Longest message that is passed on. */
const maxMessageLength = 500;

/** Reads the Status of an answer that is no success, in whatever form it came. */
export function failureOfResponse(response: IncomingMessage, text: string): KubeFailure {
  const code = response.statusCode ?? 0;
  const status = parseStatus(text);
  const headerSeconds = Number(response.headers['retry-after']);
  const seconds = status?.details?.retryAfterSeconds ?? (headerSeconds > 0 ? headerSeconds : undefined);
  return {
    code,
    reason: status?.reason,
    message: cut(status?.message ?? `the cluster answered ${String(code)} ${response.statusMessage ?? ''}`.trim()),
    retryAfterMs: seconds === undefined ? undefined : seconds * 1000,
  };
}

/** The same of an ERROR event. */
export function failureOfStatus(status: Partial<Status> | null): KubeFailure {
  const seconds = status?.details?.retryAfterSeconds;
  return {
    code: typeof status?.code === 'number' ? status.code : 500,
    reason: typeof status?.reason === 'string' ? status.reason : undefined,
    message: cut(typeof status?.message === 'string' ? status.message : 'the cluster sent an error without a message'),
    retryAfterMs: typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined,
  };
}

/** The same of a request that got no answer. */
export function failureOfError(error: unknown): KubeFailure {
  const isLate = error instanceof FleetwireError && error.code === 'TIMEOUT';
  return {
    code: 0,
    reason: isLate ? 'Timeout' : 'Unreachable',
    message: cut(`the cluster cannot be reached: ${describe(error)}`),
    retryAfterMs: undefined,
  };
}

/** Whether the cluster has forgotten the resourceVersion. */
export function isGone({ code, reason }: KubeFailure): boolean {
  return code === 410 || reason === 'Expired' || reason === 'Gone';
}

function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}

function parseStatus(text: string): Status | undefined {
  try {
    const value = JSON.parse(text) as Status | null;
    return value?.kind === 'Status' ? value : undefined;
  } catch {
    return undefined;
  }
}

function cut(message: string): string {
  return message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}…` : message;
}
