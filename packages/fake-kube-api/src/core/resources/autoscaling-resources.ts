import type { ResourceDefinition } from '../resource-definition.ts';
import { autoscalerFromV2, autoscalerToV2 } from './autoscaler-v1.ts';
import { defineResource } from './define-resource.ts';
import { horizontalPodAutoscalerColumns } from './workload-columns.ts';
import { prepareHorizontalPodAutoscaler } from './workload-defaults.ts';
import { validateHorizontalPodAutoscaler } from './workload-validation.ts';

const AUTOSCALER = {
  group: 'autoscaling',
  resource: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: ['status'],
} as const;

/** The resources of `autoscaling`; v2 is what is stored. */
export const autoscalingResources: readonly ResourceDefinition[] = [
  defineResource({
    ...AUTOSCALER,
    version: 'v2',
    schemaName: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
    columns: horizontalPodAutoscalerColumns,
    prepare: prepareHorizontalPodAutoscaler,
    validate: validateHorizontalPodAutoscaler,
  }),
  defineResource({
    ...AUTOSCALER,
    version: 'v1',
    schemaName: 'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
    columns: horizontalPodAutoscalerColumns.map((column) => ({
      ...column,
      value: (object, nowMs) => column.value(autoscalerToV2(object), nowMs),
    })),
    conversion: { toStored: autoscalerToV2, fromStored: autoscalerFromV2 },
  }),
];
