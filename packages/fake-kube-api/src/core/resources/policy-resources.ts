import type { ResourceDefinition } from '../resource-definition.ts';
import { defineResource } from './define-resource.ts';

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;

/** The resources of `policy/v1`. */
export const policyResources: readonly ResourceDefinition[] = [
  defineResource({
    group: 'policy',
    version: 'v1',
    resource: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    schemaName: 'io.k8s.api.policy.v1.PodDisruptionBudget',
    shortNames: ['pdb'],
    subresources: ['status'],
  }),
];

/** The resources of `rbac.authorization.k8s.io/v1`. */
export const rbacResources: readonly ResourceDefinition[] = [
  defineResource({
    ...RBAC,
    resource: 'clusterrolebindings',
    kind: 'ClusterRoleBinding',
    schemaName: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
    namespaced: false,
  }),
  defineResource({
    ...RBAC,
    resource: 'clusterroles',
    kind: 'ClusterRole',
    schemaName: 'io.k8s.api.rbac.v1.ClusterRole',
    namespaced: false,
  }),
  defineResource({
    ...RBAC,
    resource: 'rolebindings',
    kind: 'RoleBinding',
    schemaName: 'io.k8s.api.rbac.v1.RoleBinding',
  }),
  defineResource({ ...RBAC, resource: 'roles', kind: 'Role', schemaName: 'io.k8s.api.rbac.v1.Role' }),
];
