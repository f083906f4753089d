import type { ResourceDefinition } from '../resource-definition.ts';
import { defineResource } from './define-resource.ts';
import { createdAtColumn, nameColumn } from './columns.ts';
import { bindingColumns } from './core-columns.ts';
import { podDisruptionBudgetColumns } from './workload-columns.ts';
import { prepareBinding, statusAtCreation } from './workload-defaults.ts';
import { validateBinding } from './workload-validation.ts';

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;

/** The resources of `policy/v1`. */
export const policyResources: readonly ResourceDefinition[] = [
  defineResource({
    group: 'policy',
    version: 'v1',
    resource: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    schemaName: 'io.k8s.api.policy.v1.PodDisruptionBudget',
    columns: podDisruptionBudgetColumns,
    prepare: statusAtCreation({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }),
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
    columns: bindingColumns,
    prepare: prepareBinding,
    validate: validateBinding,
    namespaced: false,
  }),
  defineResource({
    ...RBAC,
    resource: 'clusterroles',
    kind: 'ClusterRole',
    schemaName: 'io.k8s.api.rbac.v1.ClusterRole',
    columns: [nameColumn, createdAtColumn],
    namespaced: false,
  }),
  defineResource({
    ...RBAC,
    resource: 'rolebindings',
    kind: 'RoleBinding',
    schemaName: 'io.k8s.api.rbac.v1.RoleBinding',
    columns: bindingColumns,
    prepare: prepareBinding,
    validate: validateBinding,
  }),
  defineResource({
    ...RBAC,
    resource: 'roles',
    kind: 'Role',
    schemaName: 'io.k8s.api.rbac.v1.Role',
    columns: [nameColumn, createdAtColumn],
  }),
];
