import type { KubeObject, TableColumnDefinition } from '../protocol/kube-object.ts';
import type { ClusterObject, KubeResource, Projection } from '../protocol/resource.ts';
import type { KubeWatchError, TargetState, WatchStatus } from '../protocol/watch-status.ts';

/** What `useKubeObjectList` lists. Fresh literals at each render are fine. */
export interface KubeObjectListOptions<T extends KubeObject = KubeObject, S = readonly ClusterObject<T>[]> {
  /** A resource type, or several in the order of preference: each cluster gets the first that it has. */
  readonly resource: KubeResource | readonly KubeResource[];
  readonly clusters: readonly string[];
  /** Absent or empty for all namespaces, or for a resource that has none. */
  readonly namespaces?: readonly string[] | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Default `full`. */
  readonly projection?: Projection | undefined;
  /** Default 500. */
  readonly pageSize?: number | undefined;
  readonly maxItems?: number | undefined;
  /** False lists once. Default true. */
  readonly watch?: boolean | undefined;
  /** What the component needs of the items; its result is kept while the items are the same. */
  readonly select?: ((items: readonly ClusterObject<T>[]) => S) | undefined;
  /** Default true. */
  readonly enabled?: boolean | undefined;
}

/** Columns of the target that has this cluster's items of this namespace; of a list without namespaces it is ignored. */
export type ColumnsOf = (cluster: string, namespace?: string) => readonly TableColumnDefinition[] | undefined;

/** A list over clusters and namespaces, and how live it is. */
export interface KubeObjectListResult<T extends KubeObject = KubeObject, S = readonly ClusterObject<T>[]> {
  readonly items: S;
  /** Columns of a `table` projection, of the first target that has some; clusters may print others. */
  readonly columns: readonly TableColumnDefinition[] | undefined;
  /**
   * Columns of a `table` projection that the `cells` of an item belong to, by the item's cluster and namespace; undefined
   * until they came. Clusters of different versions print different columns. The same function while no target has others.
   */
  readonly columnsOf: ColumnsOf;
  /** At most one for each target. */
  readonly errors: readonly KubeWatchError[];
  /** One for each cluster and namespace, in the order of the options. */
  readonly targets: readonly TargetState[];
  /** Nothing to show yet. */
  readonly isLoading: boolean;
  /** Every target has its first list. */
  readonly isSynced: boolean;
  /** At least one target shows only a part. */
  readonly isPartial: boolean;
  /** At least one target shows what was. */
  readonly isStale: boolean;
  /** Of the target that is furthest behind; milliseconds since 1970. */
  readonly lastSyncAt: number | undefined;
  /** The worst of the targets'. */
  readonly watchStatus: WatchStatus;
  /** `maxItems` cut a list. */
  readonly hasMore: boolean;
  refetch(): Promise<void>;
}

/** A single object, live. */
export interface KubeObjectResult<T extends KubeObject = KubeObject> {
  /** Undefined until it came, and when there is none. */
  readonly object: T | undefined;
  /** It was there and is gone; `object` is then its last state. */
  readonly isDeleted: boolean;
  readonly error: KubeWatchError | undefined;
  readonly isLoading: boolean;
  readonly isStale: boolean;
  readonly lastSyncAt: number | undefined;
  readonly watchStatus: WatchStatus;
  refetch(): Promise<void>;
}
