import type { KubeObject } from '../protocol/kube-object.ts';
import type { StatusCause } from '../protocol/status.ts';

/** A schema in the dialect of OpenAPI v3 that Kubernetes uses, with its `x-kubernetes-…` extensions. */
export interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  /** Name of a shared definition, such as `io.k8s.api.core.v1.PodSpec`; not a URI. */
  readonly ref?: string;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly nullable?: boolean;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** What a client may do with a resource (Kubernetes documentation, API concepts). */
export type ResourceVerb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** A path below an object. `status` and `scale` are read and written; the others are served by name. */
export interface SubresourceDefinition {
  readonly name: 'status' | 'scale' | 'log' | 'exec' | 'eviction' | 'binding' | (string & {});
  readonly kind: string;
  /** Group and version of `kind` where they are not the resource's own: `{group: 'autoscaling', version: 'v1'}`. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly ResourceVerb[];
}

/** A column that the server prints for `as=Table`. */
export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description: string;
  /** 0 is always shown, more only with `-o wide`. */
  readonly priority: number;
  readonly value: (object: KubeObject, nowMs: number) => string | number | boolean;
}

/** One type of resource: what discovery, OpenAPI, storage and printing know about it. */
export interface ResourceDefinition {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly ResourceVerb[];
  readonly subresources: readonly SubresourceDefinition[];
  readonly columns: readonly TableColumn[];
  /** Name of the schema, such as `io.k8s.api.apps.v1.Deployment`. */
  readonly schemaName: string;
  readonly schema: JsonSchema;
  /** Dotted paths that a field selector may name beside `metadata.name` and `metadata.namespace`. */
  readonly fieldSelectors: readonly string[];
  /** False where only JSON merge patch and apply work, as for custom resources. */
  readonly strategicMerge: boolean;
  /** Where `scale` reads and writes; present when `scale` is among the subresources. */
  readonly scalePaths?: { readonly spec: string; readonly status: string; readonly selector?: string };
  /** How long a deletion waits before the object goes, in seconds; absent where it goes at once. */
  readonly gracePeriodSeconds?: (object: KubeObject) => number;
  /**
   * Dotted paths that the server itself fills in at creation, after it has noted what the manager sets: they appear in
   * nobody's `managedFields`.
   */
  readonly unmanagedAtCreation?: readonly string[];
  /** Sets defaults and what only the server may set; `old` is absent at creation. */
  readonly prepare?: (object: KubeObject, old: KubeObject | undefined) => KubeObject;
  /**
   * How an object of this version becomes one of the stored version and back, but for its `apiVersion`; absent where
   * nothing else differs. Defaults and rules are then those of the stored version. Both throw a StatusError for what
   * cannot be read.
   */
  readonly conversion?: {
    readonly toStored: (object: KubeObject) => KubeObject;
    readonly fromStored: (object: KubeObject) => KubeObject;
  };
  /** What is wrong with it; `old` is absent at creation. */
  readonly validate?: (object: KubeObject, old: KubeObject | undefined) => readonly StatusCause[];
}
