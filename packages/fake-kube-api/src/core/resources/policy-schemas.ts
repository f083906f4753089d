import { readSchemas } from './schema-notation.ts';

/** Types of `policy`. */
export const policySchemas = readSchemas('io.k8s.api.policy.v1', {
  PodDisruptionBudget: {
    about: 'How many pods may be missing because of evictions.',
    root: true,
    fields: {
      spec: 'PodDisruptionBudgetSpec',
      status: 'PodDisruptionBudgetStatus',
    },
  },
  PodDisruptionBudgetSpec: {
    about: 'The pods and the bound.',
    fields: {
      maxUnavailable: 'intOrString | Pods that may be missing, a number or a percentage.',
      minAvailable: 'intOrString | Pods that must stay, a number or a percentage.',
      selector: 'meta.LabelSelector',
      unhealthyPodEvictionPolicy: 'string',
    },
  },
  PodDisruptionBudgetStatus: {
    about: 'Whether an eviction is allowed now.',
    fields: {
      conditions: '[meta.Condition] map=type merge=type',
      currentHealthy: 'int32',
      desiredHealthy: 'int32',
      disruptedPods: '{time}',
      disruptionsAllowed: 'int32',
      expectedPods: 'int32',
      observedGeneration: 'int64',
    },
  },
});
