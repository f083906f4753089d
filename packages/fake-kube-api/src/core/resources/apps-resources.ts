import type { ResourceDefinition } from '../resource-definition.ts';
import { defineResource } from './define-resource.ts';
import {
  controllerRevisionColumns,
  daemonSetColumns,
  deploymentColumns,
  replicaSetColumns,
  statefulSetColumns,
} from './workload-columns.ts';
import { prepareDaemonSet, prepareDeployment, prepareReplicaSet, prepareStatefulSet } from './workload-defaults.ts';
import { validateStatefulSet, validateWorkload } from './workload-validation.ts';

const APPS = { group: 'apps', version: 'v1' } as const;
const SCALE_PATHS = { spec: 'spec.replicas', status: 'status.replicas', selector: 'spec.selector' } as const;

/** The resources of `apps/v1`. */
export const appsResources: readonly ResourceDefinition[] = [
  defineResource({
    ...APPS,
    resource: 'controllerrevisions',
    kind: 'ControllerRevision',
    schemaName: 'io.k8s.api.apps.v1.ControllerRevision',
    columns: controllerRevisionColumns,
  }),
  defineResource({
    ...APPS,
    resource: 'daemonsets',
    kind: 'DaemonSet',
    schemaName: 'io.k8s.api.apps.v1.DaemonSet',
    columns: daemonSetColumns,
    prepare: prepareDaemonSet,
    validate: validateWorkload,
    shortNames: ['ds'],
    categories: ['all'],
    subresources: ['status'],
  }),
  defineResource({
    ...APPS,
    resource: 'deployments',
    kind: 'Deployment',
    schemaName: 'io.k8s.api.apps.v1.Deployment',
    columns: deploymentColumns,
    prepare: prepareDeployment,
    validate: validateWorkload,
    shortNames: ['deploy'],
    categories: ['all'],
    subresources: ['scale', 'status'],
    scalePaths: SCALE_PATHS,
  }),
  defineResource({
    ...APPS,
    resource: 'replicasets',
    kind: 'ReplicaSet',
    schemaName: 'io.k8s.api.apps.v1.ReplicaSet',
    columns: replicaSetColumns,
    prepare: prepareReplicaSet,
    validate: validateWorkload,
    shortNames: ['rs'],
    categories: ['all'],
    subresources: ['scale', 'status'],
    scalePaths: SCALE_PATHS,
    fieldSelectors: ['status.replicas'],
  }),
  defineResource({
    ...APPS,
    resource: 'statefulsets',
    kind: 'StatefulSet',
    schemaName: 'io.k8s.api.apps.v1.StatefulSet',
    columns: statefulSetColumns,
    prepare: prepareStatefulSet,
    validate: validateStatefulSet,
    shortNames: ['sts'],
    categories: ['all'],
    subresources: ['scale', 'status'],
    scalePaths: SCALE_PATHS,
  }),
];
