import type { ResourceDefinition } from '../resource-definition.ts';
import { defineResource } from './define-resource.ts';
import type { KubeObject } from '../../protocol/kube-object.ts';
import { createdAtColumn, nameColumn } from './columns.ts';
import { prepareCustomResourceDefinition } from './core-defaults.ts';
import { validateCustomResourceDefinition, validateStorageClass } from './core-validation.ts';
import { withDefaults } from './defaults.ts';
import { leaseColumns, storageClassColumns } from './storage-columns.ts';

/** The resources of `storage.k8s.io/v1`. */
export const storageResources: readonly ResourceDefinition[] = [
  defineResource({
    group: 'storage.k8s.io',
    version: 'v1',
    resource: 'storageclasses',
    kind: 'StorageClass',
    schemaName: 'io.k8s.api.storage.v1.StorageClass',
    columns: storageClassColumns,
    prepare: (object) =>
      withDefaults(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }) as KubeObject,
    validate: validateStorageClass,
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
    columns: leaseColumns,
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
    columns: [nameColumn, createdAtColumn],
    prepare: prepareCustomResourceDefinition,
    validate: validateCustomResourceDefinition,
    namespaced: false,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    subresources: ['status'],
  }),
];
