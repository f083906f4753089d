import type { IncomingMessage } from 'node:http';
import { FleetwireError } from '@fleetwire/websocket-core';
import { retryAfterMsOf } from '../core/back-off.ts';
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
const maxReasonLength = 100;

/** Reads the Status of an answer that is no success, in whatever form it came. */
export function failureOfResponse(response: IncomingMessage, text: string): KubeFailure {
  const code = response.statusCode ?? 0;
  const status = parseStatus(text);
  return {
    code,
    reason: reasonOf(status),
    message:
      textOf(status?.message) ?? cut(`the cluster answered ${String(code)} ${response.statusMessage ?? ''}`.trim()),
    retryAfterMs: retryAfterMsOf(status?.details?.retryAfterSeconds ?? Number(response.headers['retry-after'])),
  };
}

/** The same of an ERROR event. */
export function failureOfStatus(status: Partial<Status> | null): KubeFailure {
  return {
    code: typeof status?.code === 'number' ? status.code : 500,
    reason: reasonOf(status),
    message: textOf(status?.message) ?? 'the cluster sent an error without a message',
    retryAfterMs: retryAfterMsOf(status?.details?.retryAfterSeconds),
  };
}

/** The same of a request that got no answer. Its message is for users: addresses and names of hosts are for the log. */
export function failureOfError(error: unknown): KubeFailure {
  const isLate = error instanceof FleetwireError && error.code === 'TIMEOUT';
  return {
    code: 0,
    reason: isLate ? 'Timeout' : 'Unreachable',
    message: cut(`the cluster cannot be reached${describe(error)}`),
    retryAfterMs: undefined,
  };
}

/** Whether the cluster has forgotten the resourceVersion. */
export function isGone({ code, reason }: KubeFailure): boolean {
  return code === 410 || reason === 'Expired' || reason === 'Gone';
}

function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (error instanceof FleetwireError) return `: ${error.message}`;
  // `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`.
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
}

function parseStatus(text: string): Status | undefined {
  try {
    const value = JSON.parse(text) as Status | null;
    return value?.kind === 'Status' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Kubernetes' reasons are words; a longer one is nothing that anybody would switch on. */
function reasonOf(status: Partial<Status> | null | undefined): string | undefined {
  const reason: unknown = status?.reason;
  return typeof reason === 'string' && reason.length <= maxReasonLength ? reason : undefined;
}

/** What servers send is of no type before it was looked at. */
function textOf(message: unknown): string | undefined {
  return typeof message === 'string' ? cut(message) : undefined;
}

function cut(message: string): string {
  return message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}…` : message;
}
