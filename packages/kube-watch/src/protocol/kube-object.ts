/** One entry of `metadata.ownerReferences`. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** The metadata that list and watch depend on (Kubernetes API conventions, § Metadata); others pass through. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly unknown[];
}

/** Any Kubernetes object. Items of a list carry no `apiVersion` and `kind` of their own; stored objects do. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** Metadata of a list (k8s.io/apimachinery, `metav1.ListMeta`). */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** A list as the API answers it, and as the query cache holds it. */
export interface ListResponse<T = KubeObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly T[];
}

/** A column that the server prints (k8s.io/apimachinery, `metav1.TableColumnDefinition`). */
export interface TableColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown, more only where there is room. */
  readonly priority: number;
}

/** A row of a Table: the printed cells, and the object's metadata. */
export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object: KubeObject;
}

/** A list as the server prints it (`as=Table`); a watch carries the same with one row, later ones without columns. */
export interface TableResponse {
  readonly apiVersion: string;
  readonly kind: 'Table';
  readonly metadata: ListMeta;
  readonly columnDefinitions?: readonly TableColumnDefinition[];
  readonly rows: readonly TableRow[];
}

/** A row as the store keeps it: the object's metadata with its cells. */
export interface TableObject extends KubeObject {
  readonly cells: readonly unknown[];
}

/** The answer to what failed (k8s.io/apimachinery, `metav1.Status`). */
export interface Status {
  readonly kind: 'Status';
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
    readonly retryAfterSeconds?: number;
  };
}

/** Kinds of events in a watch (k8s.io/apimachinery, `watch.EventType`). */
export const watchEventTypes = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'] as const;

/** One of {@link watchEventTypes}. */
export type WatchEventType = (typeof watchEventTypes)[number];

/** One event of a watch. The object of `ERROR` is a Status, that of `BOOKMARK` has a resourceVersion alone. */
export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | {
      readonly type: 'BOOKMARK';
      readonly object: {
        readonly metadata: {
          readonly resourceVersion: string;
          readonly annotations?: Readonly<Record<string, string>>;
        };
      };
    }
  | { readonly type: 'ERROR'; readonly object: Status };
