import type { ResourceDefinition } from '../resource-definition.ts';
import { defineResource } from './define-resource.ts';

/** The resources of `storage.k8s.io/v1`. */
export const storageResources: readonly ResourceDefinition[] = [
  defineResource({
    group: 'storage.k8s.io',
    version: 'v1',
    resource: 'storageclasses',
    kind: 'StorageClass',
    schemaName: 'io.k8s.api.storage.v1.StorageClass',
    namespaced: false,
    shortNames: ['sc'],
  }),
];

/** The resources of `coordination.k8s.io/v1`. */
export const coordinationResources: readonly ResourceDefinition[] = [
  defineResource({
    group: 'coordination.k8s.io',
    version: 'v1',
    resource: 'leases',
    kind: 'Lease',
    schemaName: 'io.k8s.api.coordination.v1.Lease',
    fieldSelectors: ['spec.holderIdentity'],
  }),
];

/** The resources of `apiextensions.k8s.io/v1`. */
export const apiextensionsResources: readonly ResourceDefinition[] = [
  defineResource({
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resource: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    schemaName: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
    namespaced: false,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    subresources: ['status'],
  }),
];
