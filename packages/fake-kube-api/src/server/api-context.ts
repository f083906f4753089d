import type { IncomingMessage } from 'node:http';
import type { ResourceDefinition } from '../core/resource-definition.ts';
import type { KubeStore } from '../core/types.ts';
import type { StatsBox } from './api-stats.ts';
import type { FaultBox, RequestFacts } from './fault-box.ts';
import type { Representation } from './negotiate.ts';
import type { PodLogs } from './pod-logs.ts';
import type { EventLines } from './representations.ts';
import { parseResourcePath, type ResourceRequest } from './request-info.ts';
import type { Authenticator, Authorizer } from './types.ts';

/** What the parts of the HTTP surface share. */
export interface ApiContext {
  readonly store: KubeStore;
  readonly logs: PodLogs;
  readonly faults: FaultBox;
  readonly stats: StatsBox;
  readonly now: () => number;
  readonly random: () => number;
  readonly authenticate: Authenticator | undefined;
  readonly authorize: Authorizer;
  readonly linesFor: (definition: ResourceDefinition, representation: Representation) => EventLines;
  readonly bookmarkIntervalMs: number;
  readonly noWatchList: boolean;
}

/** A request's line, read. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Absent for paths that are no resource's. */
  readonly resource: ResourceRequest | undefined;
  readonly facts: RequestFacts;
}

/** Reads the request line. */
export function readRequestLine(message: IncomingMessage): RequestLine {
  const method = message.method ?? 'GET';
  const target = message.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  const resource = parseResourcePath(method, path, query);
  return {
    method,
    path,
    query,
    resource,
    facts: { method, path, isWatch: resource?.isWatch ?? false, isContinued: (query.get('continue') ?? '') !== '' },
  };
}
