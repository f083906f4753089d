import type { ListResponse, TableColumnDefinition, WatchEvent } from '../protocol/kube-object.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError } from '../protocol/watch-status.ts';

/** One page of a list. Tables arrive as items with `cells`, and their columns beside. */
export interface ListPage extends ListResponse {
  readonly columns?: readonly TableColumnDefinition[] | undefined;
}

export interface ListRequest {
  readonly target: WatchTarget;
  readonly limit?: number | undefined;
  readonly continueToken?: string | undefined;
  /** `'0'` any, undefined or `''` the newest. */
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: 'NotOlderThan' | 'Exact' | undefined;
}

export interface WatchRequest {
  readonly target: WatchTarget;
  /** The watch carries what came after it. Undefined with `sendInitialEvents`. */
  readonly resourceVersion: string | undefined;
  readonly sendInitialEvents?: boolean | undefined;
  /** When the server shall end it; chosen by the reflector. */
  readonly timeoutSeconds: number;
}

/** How a watch ended. `normal` is the server's timeout: watch again at once, without a list. */
export type WatchEnd =
  | { readonly kind: 'normal' }
  /** What lay between is lost: list again. */
  | { readonly kind: 'gone'; readonly error: KubeWatchError }
  | { readonly kind: 'error'; readonly error: KubeWatchError; readonly retryAfterMs?: number | undefined };

/** What a watch tells. Nothing after `onEnd`, and nothing after its undo was called. */
export interface WatchListener {
  /** The server accepted it; a quiet watch is healthy from here on. */
  onOpen(): void;
  onEvents(events: readonly WatchEvent[], columns?: readonly TableColumnDefinition[]): void;
  /**
   * A message that is no watch event (not JSON, no object, no `type` or `object`): the watch goes on.
   */
  onMalformed(error: KubeWatchError): void;
  /** The carrier was lost and resumes by itself (multiplexed), with the reason where it is known; `onOpen` follows. */
  onInterrupted?(error?: KubeWatchError): void;
  /**
   * Something was missed though the watch goes on (multiplexed): list again at no resourceVersion, keep what comes
   * meanwhile, replace the store, apply what is newer.
   */
  onGone?(): void;
  onEnd(end: WatchEnd): void;
}

/** How lists and watches reach an API. Each call is independent; back-off, sharing and resume are the reflector's. */
export interface WatchTransport {
  /** What carries the changes, as {@link import('../protocol/watch-status.ts').TargetState} shows it. */
  readonly kind: 'multiplexed' | 'websocket' | 'fetch' | 'polling';
  /** Why it is not the first choice, in a sentence. */
  readonly degradedReason: string | undefined;
  /** Rejects with a KubeWatchError, also when the API is silent for long: nobody else limits the time. */
  list(request: ListRequest, signal: AbortSignalLike): Promise<ListPage>;
  /** Returns its undo. Absent where there is no watch: the reflector lists again every `pollIntervalMs`. */
  watch?(request: WatchRequest, listener: WatchListener): () => void;
  readonly pollIntervalMs?: number | undefined;
  /** Watches may ask for `sendInitialEvents`. A 400 or 422 is remembered for the cluster. Default false. */
  readonly supportsWatchList?: boolean | undefined;
  /** Asked once after the 401 that is given, where one is; resolves to whether the credentials are others now, rejects when that could not be asked. */
  refreshCredentials?(refusal?: KubeWatchError): Promise<boolean>;
}

/** The part of an AbortSignal that core needs; every AbortSignal has it. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
