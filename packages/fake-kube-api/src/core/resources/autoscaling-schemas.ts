import { readSchemas } from './schema-notation.ts';

const v2 = readSchemas('io.k8s.api.autoscaling.v2', {
  HorizontalPodAutoscaler: {
    about: 'Sets the number of replicas by measurements.',
    root: true,
    fields: {
      spec: 'HorizontalPodAutoscalerSpec!',
      status: 'HorizontalPodAutoscalerStatus',
    },
  },
  HorizontalPodAutoscalerSpec: {
    about: 'What is scaled, in which bounds, by what.',
    fields: {
      behavior: 'HorizontalPodAutoscalerBehavior | How fast it scales.',
      maxReplicas: 'int32! | Upper bound.',
      metrics: '[MetricSpec] | What is measured; the largest result counts.',
      minReplicas: 'int32 | Lower bound. Default 1.',
      scaleTargetRef: 'CrossVersionObjectReference! | What is scaled.',
    },
  },
  HorizontalPodAutoscalerBehavior: {
    fields: {
      scaleDown: 'HPAScalingRules',
      scaleUp: 'HPAScalingRules',
    },
  },
  HPAScalingRules: {
    fields: {
      policies: '[HPAScalingPolicy]',
      selectPolicy: 'string',
      stabilizationWindowSeconds: 'int32',
      tolerance: 'quantity',
    },
  },
  HPAScalingPolicy: {
    fields: {
      periodSeconds: 'int32!',
      type: 'string!',
      value: 'int32!',
    },
  },
  MetricSpec: {
    about: 'One measurement; `type` says which member is set.',
    fields: {
      containerResource: 'ContainerResourceMetricSource',
      external: 'ExternalMetricSource',
      object: 'ObjectMetricSource',
      pods: 'PodsMetricSource',
      resource: 'ResourceMetricSource',
      type: 'string!',
    },
  },
  ContainerResourceMetricSource: {
    fields: {
      container: 'string!',
      name: 'string!',
      target: 'MetricTarget!',
    },
  },
  MetricTarget: {
    about: 'The value that is aimed at.',
    fields: {
      averageUtilization: 'int32',
      averageValue: 'quantity',
      type: 'string!',
      value: 'quantity',
    },
  },
  ExternalMetricSource: {
    fields: {
      metric: 'MetricIdentifier!',
      target: 'MetricTarget!',
    },
  },
  MetricIdentifier: {
    fields: {
      name: 'string!',
      selector: 'meta.LabelSelector',
    },
  },
  ObjectMetricSource: {
    fields: {
      describedObject: 'CrossVersionObjectReference!',
      metric: 'MetricIdentifier!',
      target: 'MetricTarget!',
    },
  },
  CrossVersionObjectReference: {
    about: 'Names an object of the same namespace.',
    fields: {
      apiVersion: 'string',
      kind: 'string!',
      name: 'string!',
    },
  },
  PodsMetricSource: {
    fields: {
      metric: 'MetricIdentifier!',
      target: 'MetricTarget!',
    },
  },
  ResourceMetricSource: {
    fields: {
      name: 'string!',
      target: 'MetricTarget!',
    },
  },
  HorizontalPodAutoscalerStatus: {
    about: 'What was measured and decided.',
    fields: {
      conditions: '[HorizontalPodAutoscalerCondition] map=type merge=type',
      currentMetrics: '[MetricStatus]',
      currentReplicas: 'int32',
      desiredReplicas: 'int32!',
      lastScaleTime: 'time',
      observedGeneration: 'int64',
    },
  },
  HorizontalPodAutoscalerCondition: {
    fields: {
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
  MetricStatus: {
    about: 'The present value of one measurement.',
    fields: {
      containerResource: 'ContainerResourceMetricStatus',
      external: 'ExternalMetricStatus',
      object: 'ObjectMetricStatus',
      pods: 'PodsMetricStatus',
      resource: 'ResourceMetricStatus',
      type: 'string!',
    },
  },
  ContainerResourceMetricStatus: {
    fields: {
      container: 'string!',
      current: 'MetricValueStatus!',
      name: 'string!',
    },
  },
  MetricValueStatus: {
    fields: {
      averageUtilization: 'int32',
      averageValue: 'quantity',
      value: 'quantity',
    },
  },
  ExternalMetricStatus: {
    fields: {
      current: 'MetricValueStatus!',
      metric: 'MetricIdentifier!',
    },
  },
  ObjectMetricStatus: {
    fields: {
      current: 'MetricValueStatus!',
      describedObject: 'CrossVersionObjectReference!',
      metric: 'MetricIdentifier!',
    },
  },
  PodsMetricStatus: {
    fields: {
      current: 'MetricValueStatus!',
      metric: 'MetricIdentifier!',
    },
  },
  ResourceMetricStatus: {
    fields: {
      current: 'MetricValueStatus!',
      name: 'string!',
    },
  },
});

const v1 = readSchemas('io.k8s.api.autoscaling.v1', {
  HorizontalPodAutoscaler: {
    about: 'Sets the number of replicas by the use of the CPU.',
    root: true,
    fields: {
      spec: 'HorizontalPodAutoscalerSpec!',
      status: 'HorizontalPodAutoscalerStatus',
    },
  },
  HorizontalPodAutoscalerSpec: {
    about: 'What is scaled, in which bounds, by which use of the CPU.',
    fields: {
      maxReplicas: 'int32! | Upper bound.',
      minReplicas: 'int32 | Lower bound. Default 1.',
      scaleTargetRef: 'CrossVersionObjectReference! | What is scaled.',
      targetCPUUtilizationPercentage: 'int32 | Share of the requested CPU that is aimed at. Default 80.',
    },
  },
  CrossVersionObjectReference: {
    about: 'Names an object of the same namespace.',
    fields: {
      apiVersion: 'string',
      kind: 'string!',
      name: 'string!',
    },
  },
  HorizontalPodAutoscalerStatus: {
    about: 'What was measured and decided.',
    fields: {
      currentCPUUtilizationPercentage: 'int32',
      currentReplicas: 'int32!',
      desiredReplicas: 'int32!',
      lastScaleTime: 'time',
      observedGeneration: 'int64',
    },
  },
});

/** Types of `autoscaling`. */
export const autoscalingSchemas = { ...v2, ...v1 };
