import type { Clock } from '@fleetwire/websocket-core';
import type { KubeObject, TableColumnDefinition } from '../protocol/kube-object.ts';
import type { WatchTarget } from '../protocol/resource.ts';
import type { KubeWatchError, TargetState } from '../protocol/watch-status.ts';
import type { ClusterMemory } from './cluster-memory.ts';
import type { ObjectStore, StoreChange } from './object-store.ts';
import type { ObjectIndexer } from './store-index.ts';
import type { WatchTransport } from './watch-transport.ts';

/** What a reflector reads, and how. */
export interface ReflectorOptions<T extends KubeObject = KubeObject> {
  readonly target: WatchTarget;
  readonly transport: WatchTransport;
  readonly clock: Clock;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
  /** Objects of a page. Default 500. */
  readonly pageSize?: number | undefined;
  /** Stops paging at so many; the target is partial then. */
  readonly maxItems?: number | undefined;
  /** False lists once and does not watch. Default true. */
  readonly watch?: boolean | undefined;
  /** Failures in a row after which it stops. Default: without end. */
  readonly maxRetries?: number | undefined;
  /** What the reflectors of this cluster share. Default: its own. */
  readonly cluster?: ClusterMemory | undefined;
  /** Makes of each object what is kept. Default: without `metadata.managedFields`. */
  readonly transform?: ((object: T) => T) | undefined;
  /** Indexes of the store. */
  readonly indexers?: Readonly<Record<string, ObjectIndexer<T>>> | undefined;
  /** Called after `state`, the columns or the items changed; once for each batch of events. */
  readonly onChange?: (() => void) | undefined;
  /** Called with each change of one object, before `onChange`. */
  readonly onObjectChange?: ((change: StoreChange<T>) => void) | undefined;
  /** Each failed attempt and each malformed message, once. */
  readonly onError?: ((error: KubeWatchError) => void) | undefined;
}

/** Keeps the objects of one target current: lists, watches, and recovers by itself. */
export interface Reflector<T extends KubeObject = KubeObject> {
  /** The same reference until it changes. */
  readonly state: TargetState;
  readonly store: ObjectStore<T>;
  /** Of a `table` projection, once they came. */
  readonly columns: readonly TableColumnDefinition[] | undefined;
  /** Messages and list items that were none. */
  readonly malformedCount: number;
  start(): void;
  /** Lists again now. Resolves when the new list is in, rejects with a KubeWatchError or with DISPOSED. */
  refetch(): Promise<void>;
  /** Goes on over another transport; the items stay. */
  setTransport(transport: WatchTransport): void;
  /**
   * The network came back, the page became visible, or somebody new looks: a wait ends now, and what gave up begins anew.
   */
  wake(): void;
  dispose(): void;
}
