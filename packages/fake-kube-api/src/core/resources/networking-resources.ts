import type { ResourceDefinition } from '../resource-definition.ts';
import { defineResource } from './define-resource.ts';
import { endpointSliceColumns, ingressClassColumns, ingressColumns, networkPolicyColumns } from './network-columns.ts';
import { validateIngress } from './core-validation.ts';
import { prepareNetworkPolicy, statusAtCreation } from './workload-defaults.ts';

const NETWORKING = { group: 'networking.k8s.io', version: 'v1' } as const;

/** The resources of `networking.k8s.io/v1`. */
export const networkingResources: readonly ResourceDefinition[] = [
  defineResource({
    ...NETWORKING,
    resource: 'ingressclasses',
    kind: 'IngressClass',
    schemaName: 'io.k8s.api.networking.v1.IngressClass',
    columns: ingressClassColumns,
    namespaced: false,
  }),
  defineResource({
    ...NETWORKING,
    resource: 'ingresses',
    kind: 'Ingress',
    schemaName: 'io.k8s.api.networking.v1.Ingress',
    columns: ingressColumns,
    prepare: statusAtCreation({ loadBalancer: {} }),
    validate: validateIngress,
    shortNames: ['ing'],
    subresources: ['status'],
  }),
  defineResource({
    ...NETWORKING,
    resource: 'networkpolicies',
    kind: 'NetworkPolicy',
    schemaName: 'io.k8s.api.networking.v1.NetworkPolicy',
    columns: networkPolicyColumns,
    prepare: prepareNetworkPolicy,
    shortNames: ['netpol'],
  }),
];

/** The resources of `discovery.k8s.io/v1`. */
export const discoveryResources: readonly ResourceDefinition[] = [
  defineResource({
    group: 'discovery.k8s.io',
    version: 'v1',
    resource: 'endpointslices',
    kind: 'EndpointSlice',
    schemaName: 'io.k8s.api.discovery.v1.EndpointSlice',
    columns: endpointSliceColumns,
  }),
];
