import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { KubeStore } from '../core/types.ts';

/** Which requests a fault touches; every member that is given must match. */
export interface FaultMatch {
  /** Matches the path without query; a string must be equal. */
  readonly path?: string | RegExp | undefined;
  readonly method?: string | undefined;
  /** True for watches alone, false for everything else alone. */
  readonly watch?: boolean | undefined;
  /** True for requests with a `continue` token alone. */
  readonly continued?: boolean | undefined;
  /** How many requests it touches before it goes by itself. Default: until its undo. */
  readonly times?: number | undefined;
}

/**
 * What goes wrong. `afterEvents` counts ADDED, MODIFIED and DELETED of the watch that were sent; with 0 a watch is
 * accepted first, and where it is absent `cut`, `half-open` and `status` come in place of the answer.
 */
export type Fault =
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Answers with a Status of this code; for a watch, `inStream` answers 200 and sends it as an ERROR event. */
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly reason?: string;
      readonly retryAfterSeconds?: number;
      readonly inStream?: boolean;
      readonly afterEvents?: number;
    }
  /** Destroys the socket, after so many events of a watch or before any answer. */
  | { readonly kind: 'cut'; readonly afterEvents?: number }
  /** Ends a watch normally after so many events. */
  | { readonly kind: 'end'; readonly afterEvents: number }
  /** Never says anything, or anything more; pings are not answered either. */
  | { readonly kind: 'half-open'; readonly afterEvents?: number }
  /** Sends a line that is not JSON into a watch, by default as the first one. */
  | { readonly kind: 'garbage'; readonly line: string; readonly afterEvents?: number }
  /** Sends at most so many bytes a second. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  /** Refuses WebSocket upgrades with 403. */
  | { readonly kind: 'no-websocket' };

/** Scripted faults of one server. */
export interface Faults {
  /** Returns its undo. */
  add(fault: Fault, match?: FaultMatch): () => void;
  clear(): void;
  /** Cuts what is open now and matches; returns how many there were. */
  cutOpen(match?: FaultMatch): number;
}

/** Requests and watches that a server has seen, for tests that count them. */
export interface ApiStats {
  readonly openWatches: number;
  /** The last 10,000 requests, newest last; `status` is absent until they are answered, `user` until they log in. */
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly query: Readonly<Record<string, string>>;
    readonly user?: string | undefined;
    readonly isWatch: boolean;
    readonly status: number | undefined;
  }[];
  reset(): void;
}

/** Decides who a bearer token is; undefined answers 401. */
export type Authenticator = (
  token: string | undefined,
) => { readonly user: string; readonly groups?: readonly string[] } | undefined;

/** Decides what a user may do; false answers 403. */
export type Authorizer = (request: {
  readonly user: string;
  readonly groups: readonly string[];
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}) => boolean;

export interface FakeKubeApiOptions {
  /** Changes of one resource that watches may start from: at most so many, at most so old. Default 10,000 and 5 min. */
  readonly watchWindow?: { readonly maxEvents?: number; readonly maxAgeMs?: number };
  /**
   * The resourceVersion of the first write, a whole number from 1 on. Default: milliseconds since 1970 at creation, so
   * that a server that takes the place of another never takes the other's versions for its own: watches from them are
   * answered with 410.
   */
  readonly firstResourceVersion?: number;
  /** Default 60 s; a watch gets one too before its timeout ends it. */
  readonly bookmarkIntervalMs?: number;
  /** Answers a watch with `sendInitialEvents` with 422, as servers before 1.32 may. Default false. */
  readonly noWatchList?: boolean;
  /** Milliseconds since 1970. Default Date.now. */
  readonly now?: () => number;
  /** From 0 to below 1; uids and generated names follow from it. Default Math.random, with uids of the machine. */
  readonly random?: () => number;
  /** Default: everybody is `system:admin`. Impersonation headers of an allowed user are honoured. */
  readonly authenticate?: Authenticator;
  /** Default: everything is allowed. */
  readonly authorize?: Authorizer;
}

/** A Kubernetes API server in this process. */
export interface FakeKubeApi {
  readonly store: KubeStore;
  readonly faults: Faults;
  readonly stats: ApiStats;
  /**
   * Serves on a port of its own; `port` 0 picks a free one. With `tls` it is https; certificates of `clientCa` log in as
   * their common name, with their organisations as groups. Rejects when it listens already or the port is taken.
   */
  listen(options?: {
    readonly host?: string;
    readonly port?: number;
    readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string };
  }): Promise<{ readonly url: string; readonly port: number }>;
  /** Stops listening and cuts everything that is open; the store stays, and `listen` may be called again. */
  close(): Promise<void>;
  /** For a server of the caller's own. */
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse) => void;
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /**
   * Appends a line to the log of a container; `logs` shows and follows it. The last 10,000 lines are kept. When the
   * container's `restartCount` has changed, a new log begins and the one before becomes the previous one. Ignored for
   * pods that do not exist.
   */
  appendLog(pod: { readonly namespace: string; readonly name: string; readonly container: string }, line: string): void;
  dispose(): Promise<void>;
}
