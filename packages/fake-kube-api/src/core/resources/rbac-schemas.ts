import { readSchemas } from './schema-notation.ts';

/** Types of `rbac`. */
export const rbacSchemas = readSchemas('io.k8s.api.rbac.v1', {
  ClusterRole: {
    about: 'Permissions in the whole cluster, or to be bound in namespaces.',
    root: true,
    fields: {
      aggregationRule: 'AggregationRule',
      rules: '[PolicyRule]',
    },
  },
  AggregationRule: {
    fields: {
      clusterRoleSelectors: '[meta.LabelSelector]',
    },
  },
  PolicyRule: {
    about: 'Verbs that are allowed on some resources.',
    fields: {
      apiGroups: '[string] | Groups of the resources; empty text for the core group.',
      nonResourceURLs: '[string] | Paths that are no resources.',
      resourceNames: '[string] | Only objects of these names.',
      resources: '[string] | Resources, such as pods or deployments/scale, or *.',
      verbs: '[string]! | What is allowed: get, list, watch, create, update, patch, delete, … or *.',
    },
  },
  ClusterRoleBinding: {
    about: 'Grants a ClusterRole in the whole cluster.',
    root: true,
    fields: {
      roleRef: 'RoleRef!',
      subjects: '[Subject]',
    },
  },
  RoleRef: {
    about: 'The role that a binding grants.',
    atomic: true,
    fields: {
      apiGroup: 'string',
      kind: 'string!',
      name: 'string!',
    },
  },
  Subject: {
    about: 'Who is granted a role.',
    atomic: true,
    fields: {
      apiGroup: 'string',
      kind: 'string! | User, Group or ServiceAccount.',
      name: 'string!',
      namespace: 'string',
    },
  },
  Role: {
    about: 'Permissions in one namespace.',
    root: true,
    fields: {
      rules: '[PolicyRule]',
    },
  },
  RoleBinding: {
    about: 'Grants a role in one namespace.',
    root: true,
    fields: {
      roleRef: 'RoleRef!',
      subjects: '[Subject]',
    },
  },
});
