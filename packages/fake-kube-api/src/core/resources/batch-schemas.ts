import { readSchemas } from './schema-notation.ts';

/** Types of `batch`. */
export const batchSchemas = readSchemas('io.k8s.api.batch.v1', {
  Job: {
    about: 'Runs pods until enough of them have succeeded.',
    root: true,
    fields: {
      spec: 'JobSpec',
      status: 'JobStatus',
    },
  },
  JobSpec: {
    about: 'What the job runs, and when it is done.',
    fields: {
      activeDeadlineSeconds: 'int64 | Seconds that the job may run.',
      backoffLimit: 'int32 | Failures until the job has failed. Default 6.',
      backoffLimitPerIndex: 'int32',
      completionMode: 'string | NonIndexed or Indexed.',
      completions: 'int32 | Pods that must succeed.',
      managedBy: 'string',
      manualSelector: 'boolean | True when the selector was written by hand.',
      maxFailedIndexes: 'int32',
      parallelism: 'int32 | Pods that run at a time. Default 1.',
      podFailurePolicy: 'PodFailurePolicy',
      podReplacementPolicy: 'string',
      selector: 'meta.LabelSelector',
      successPolicy: 'SuccessPolicy',
      suspend: 'boolean | True runs no pods.',
      template: 'core.PodTemplateSpec!',
      ttlSecondsAfterFinished: 'int32 | Seconds after which a finished job is deleted.',
    },
  },
  PodFailurePolicy: {
    fields: {
      rules: '[PodFailurePolicyRule]!',
    },
  },
  PodFailurePolicyRule: {
    fields: {
      action: 'string!',
      onExitCodes: 'PodFailurePolicyOnExitCodesRequirement',
      onPodConditions: '[PodFailurePolicyOnPodConditionsPattern]',
    },
  },
  PodFailurePolicyOnExitCodesRequirement: {
    fields: {
      containerName: 'string',
      operator: 'string!',
      values: '[int32]! set',
    },
  },
  PodFailurePolicyOnPodConditionsPattern: {
    fields: {
      status: 'string',
      type: 'string!',
    },
  },
  SuccessPolicy: {
    fields: {
      rules: '[SuccessPolicyRule]!',
    },
  },
  SuccessPolicyRule: {
    fields: {
      succeededCount: 'int32',
      succeededIndexes: 'string',
    },
  },
  JobStatus: {
    about: 'How far a job is.',
    fields: {
      active: 'int32 | Pods that run.',
      completedIndexes: 'string',
      completionTime: 'time',
      conditions: '[JobCondition] merge=type',
      failed: 'int32 | Pods that have failed.',
      failedIndexes: 'string',
      ready: 'int32',
      startTime: 'time',
      succeeded: 'int32 | Pods that have succeeded.',
      terminating: 'int32',
      uncountedTerminatedPods: 'UncountedTerminatedPods',
    },
  },
  JobCondition: {
    fields: {
      lastProbeTime: 'time | When it was last looked at.',
      lastTransitionTime: 'time | When the status last changed.',
      message: 'string | Why.',
      reason: 'string | Why, in one word.',
      status: 'string! | True, False or Unknown.',
      type: 'string! | Which aspect.',
    },
  },
  UncountedTerminatedPods: {
    fields: {
      failed: '[string] set',
      succeeded: '[string] set',
    },
  },
  CronJob: {
    about: 'Makes jobs by a schedule.',
    root: true,
    fields: {
      spec: 'CronJobSpec!',
      status: 'CronJobStatus',
    },
  },
  CronJobSpec: {
    about: 'The schedule and the job.',
    fields: {
      concurrencyPolicy: 'string | Allow, Forbid or Replace. Default Allow.',
      failedJobsHistoryLimit: 'int32 | Failed jobs that are kept. Default 1.',
      jobTemplate: 'JobTemplateSpec! | Jobs are made after this.',
      schedule: 'string! | When to run, in the form of cron.',
      startingDeadlineSeconds: 'int64 | Seconds by which a start may be late.',
      successfulJobsHistoryLimit: 'int32 | Successful jobs that are kept. Default 3.',
      suspend: 'boolean | True starts no jobs.',
      timeZone: 'string | Time zone of the schedule.',
    },
  },
  JobTemplateSpec: {
    about: 'Jobs are made after this.',
    fields: {
      metadata: 'meta.ObjectMeta',
      spec: 'JobSpec',
    },
  },
  CronJobStatus: {
    about: 'What a cron job has started.',
    fields: {
      active: '[core.ObjectReference]',
      lastScheduleTime: 'time',
      lastSuccessfulTime: 'time',
    },
  },
});
