import { createKubeStore } from '../../src/core/store/create-kube-store.ts';
import type { KubeStore, ResourceDefinition, WatchEvent } from '../../src/server/index.ts';
import { type Status, StatusError } from '../../src/server/index.ts';

const define = (
  facts: Pick<ResourceDefinition, 'resource' | 'kind'> & Partial<ResourceDefinition>,
): ResourceDefinition => ({
  group: '',
  version: 'v1',
  singular: facts.kind.toLowerCase(),
  listKind: `${facts.kind}List`,
  namespaced: true,
  shortNames: [],
  categories: [],
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [{ name: 'status', kind: facts.kind, verbs: ['get', 'patch', 'update'] }],
  columns: [],
  schemaName: facts.kind,
  schema: { type: 'object', properties: { spec: { type: 'object' }, status: { type: 'object' } } },
  fieldSelectors: [],
  strategicMerge: true,
  ...facts,
});

/** Cluster-scoped namespaces. */
export const NAMESPACES = define({ resource: 'namespaces', kind: 'Namespace', namespaced: false });

/** Pods: graceful when their `spec.nodeName` is set. */
export const PODS = define({
  resource: 'pods',
  kind: 'Pod',
  fieldSelectors: ['spec.nodeName', 'status.phase'],
  gracePeriodSeconds: (object) => ((object['spec'] as { nodeName?: string } | undefined)?.nodeName ? 30 : 0),
});

/** Owners of pods, with a scale. */
export const SETS = define({
  group: 'apps',
  resource: 'replicasets',
  kind: 'ReplicaSet',
  scalePaths: { spec: 'spec.replicas', status: 'status.replicas', selector: 'spec.selector' },
});

/** A store with these three types, the namespace `a` and `b`, and a clock that the test moves. */
export function smallStore(watchWindow?: { readonly maxEvents?: number; readonly maxAgeMs?: number }): {
  readonly store: KubeStore;
  readonly clock: { nowMs: number };
} {
  const clock = { nowMs: Date.UTC(2026, 10, 21) };
  let uids = 0;
  let seed = 1;
  const store = createKubeStore({
    definitions: [NAMESPACES, PODS, SETS],
    now: () => clock.nowMs,
    random: () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    },
    uid: () => `uid-${String((uids += 1))}`,
    firstResourceVersion: 1,
    watchWindow,
  });
  for (const name of ['a', 'b'])
    store.create(NAMESPACES, undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return { store, clock };
}

/** A pod as a client would create it. */
export const pod = (name: string, metadata: object = {}, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec,
});

/** The Status that a call fails with. */
export function failureOf(call: () => unknown): Status {
  try {
    call();
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('the call did not fail');
}

/** Events in short: `ADDED a/x @5`. */
export const brief = ({ type, object: { metadata } }: WatchEvent): string =>
  `${type} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name} @${metadata.resourceVersion}`;
