import type { ResourceDefinition } from '../resource-definition.ts';
import { defineResource } from './define-resource.ts';

/** The resources of `autoscaling/v2`. */
export const autoscalingResources: readonly ResourceDefinition[] = [
  defineResource({
    group: 'autoscaling',
    version: 'v2',
    resource: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
    schemaName: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
    shortNames: ['hpa'],
    categories: ['all'],
    subresources: ['status'],
  }),
];
