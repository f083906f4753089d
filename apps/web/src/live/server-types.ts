// What the server's channels `server/…` hold; its side of these types is in apps/server/src/live.

export interface ServerHealth {
  readonly version: string;
  readonly nodeVersion: string;
  readonly startedAt: number;
  readonly uptimeMs: number;
  readonly eventLoopLagMs: number;
  readonly eventLoopUtilization: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  readonly connections: number;
  readonly sampledAt: number;
}

export interface ServerConnection {
  readonly id: string;
  readonly user: { readonly id: string; readonly username: string };
  readonly peer: { readonly name: string; readonly version: string };
  readonly since: number;
  readonly remoteAddress: string;
}

export interface ServerEvent {
  readonly id: string;
  readonly at: number;
  readonly kind: 'connected' | 'disconnected' | 'signed-in' | 'sign-in-failed' | 'signed-out';
  readonly username: string;
  readonly remoteAddress: string;
  readonly peer?: { readonly name: string; readonly version: string };
  readonly close?: { readonly code: number; readonly reason: string };
}
