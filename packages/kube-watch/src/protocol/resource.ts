/** A Kubernetes resource type; the core group has no `group`. */
export interface KubeResource {
  readonly group?: string;
  readonly version: string;
  /** The plural, lower case, as in the API's paths: `pods`. */
  readonly resource: string;
}

/** A list that is in the cache already and shall be watched from its own resourceVersion. */
export interface WatchedList {
  readonly cluster: string;
  /** Absent for all namespaces, or for a resource that has none. */
  readonly namespace?: string;
  /** Opaque except within one resource type, where it is an unbounded decimal. */
  readonly resourceVersion: string;
}

/** An item of a list that spans clusters. Its identity is cluster and uid. */
export interface ClusterObject<T> {
  readonly cluster: string;
  readonly object: T;
}

/** How much of each object a watch carries: everything, metadata alone, or the server's printed columns. */
export type Projection = 'full' | 'metadata' | 'table';
