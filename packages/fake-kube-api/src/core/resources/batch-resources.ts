import type { ResourceDefinition } from '../resource-definition.ts';
import { defineResource } from './define-resource.ts';
import { cronJobColumns, jobColumns } from './workload-columns.ts';
import { prepareCronJob, prepareJob } from './workload-defaults.ts';
import { validateCronJob, validateJob } from './workload-validation.ts';

const BATCH = { group: 'batch', version: 'v1' } as const;

/** The resources of `batch/v1`. */
export const batchResources: readonly ResourceDefinition[] = [
  defineResource({
    ...BATCH,
    resource: 'cronjobs',
    kind: 'CronJob',
    schemaName: 'io.k8s.api.batch.v1.CronJob',
    columns: cronJobColumns,
    prepare: prepareCronJob,
    validate: validateCronJob,
    shortNames: ['cj'],
    categories: ['all'],
    subresources: ['status'],
  }),
  defineResource({
    ...BATCH,
    resource: 'jobs',
    kind: 'Job',
    schemaName: 'io.k8s.api.batch.v1.Job',
    columns: jobColumns,
    prepare: prepareJob,
    validate: validateJob,
    categories: ['all'],
    subresources: ['status'],
    fieldSelectors: ['status.successful'],
  }),
];
