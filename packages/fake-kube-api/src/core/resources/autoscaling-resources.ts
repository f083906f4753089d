import type { ResourceDefinition } from '../resource-definition.ts';
import { defineResource } from './define-resource.ts';
import { horizontalPodAutoscalerColumns } from './workload-columns.ts';
import { prepareHorizontalPodAutoscaler } from './workload-defaults.ts';
import { validateHorizontalPodAutoscaler } from './workload-validation.ts';

/** The resources of `autoscaling/v2`. */
export const autoscalingResources: readonly ResourceDefinition[] = [
  defineResource({
    group: 'autoscaling',
    version: 'v2',
    resource: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
    schemaName: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
    columns: horizontalPodAutoscalerColumns,
    prepare: prepareHorizontalPodAutoscaler,
    validate: validateHorizontalPodAutoscaler,
    shortNames: ['hpa'],
    categories: ['all'],
    subresources: ['status'],
  }),
];
