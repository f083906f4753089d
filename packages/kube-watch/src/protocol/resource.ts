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

/** The canonical target of a reflector, but for the identity, which is the client's own. */
export interface WatchTarget {
  readonly cluster: string;
  readonly resource: KubeResource;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Default `full`. */
  readonly projection?: Projection | undefined;
}

/** A resource type as discovery describes it. */
export interface ApiResource extends KubeResource {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Names below an object, such as `status`, `scale`, `log`. */
  readonly subresources: readonly string[];
  /** The version that the server prefers within the group. */
  readonly isPreferred: boolean;
}
