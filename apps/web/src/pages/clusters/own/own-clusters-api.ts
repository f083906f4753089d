import type { AuthSession } from '../../../auth/auth-session.ts';
import { ApiError } from '../../../auth/auth-session.ts';

/** A cluster that the user brought, as the server keeps it; its credentials never come back. */
export interface OwnCluster {
  readonly id: string;
  readonly name: string;
  /** Absent where the server cannot open what it keeps. */
  readonly server?: string | undefined;
  readonly namespace?: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Why it cannot be used, in a sentence. */
  readonly problem?: string | undefined;
}

/** A context of the kubeconfig that is sent, and what its cluster is to be called. */
export interface NamedContext {
  readonly context: string;
  readonly name: string;
}

const path = '/api/v1/me/clusters';

/** The clusters that a user has brought, oldest first. */
export interface OwnClusters {
  /** False: the operator lets users bring none. */
  readonly isEnabled: boolean;
  readonly items: readonly OwnCluster[];
}

/** Throws an {@link ApiError}. */
export async function listOwnClusters(session: AuthSession, signal: AbortSignal): Promise<OwnClusters> {
  return (await call(session, 'GET', path, undefined, signal)) as OwnClusters;
}

/** Brings clusters: all of them or, when it throws an {@link ApiError}, none. */
export async function addOwnClusters(
  session: AuthSession,
  kubeconfig: string,
  contexts: readonly NamedContext[],
  signal: AbortSignal,
): Promise<void> {
  await call(session, 'POST', path, { kubeconfig, contexts }, signal);
}

/** Calls one something else. Throws an {@link ApiError}. */
export async function renameOwnCluster(session: AuthSession, id: string, name: string): Promise<void> {
  await call(session, 'PATCH', `${path}/${encodeURIComponent(id)}`, { name });
}

/** Removes one with its credentials. Throws an {@link ApiError}. */
export async function removeOwnCluster(session: AuthSession, id: string): Promise<void> {
  await call(session, 'DELETE', `${path}/${encodeURIComponent(id)}`);
}

async function call(
  session: AuthSession,
  method: string,
  url: string,
  body?: object,
  signal?: AbortSignal,
): Promise<unknown> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    headers['authorization'] = `Bearer ${await session.token()}`;
    const text = body === undefined ? null : JSON.stringify(body);
    response = await fetch(url, { method, headers, body: text, signal: signal ?? null });
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted === true) throw error;
    throw new ApiError('UNREACHABLE', 'The server cannot be reached.');
  }
  if (response.status === 204) return undefined;
  const json: unknown = await response.json().catch(() => undefined);
  if (response.ok && json !== undefined) return json;
  const problem = (json ?? {}) as { readonly code?: string; readonly detail?: string };
  throw new ApiError(
    problem.code ?? 'UNREACHABLE',
    problem.detail ?? `The server answered ${String(response.status)}.`,
  );
}
