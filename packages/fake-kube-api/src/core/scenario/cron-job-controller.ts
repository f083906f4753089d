import { ownerReference, type Cluster } from './cluster.ts';
import { isTrue } from './conditions.ts';
import { nextRunAt, parseCron, type CronSchedule } from './cron.ts';
import type { EventRecorder } from './event-recorder.ts';
import { isFinished } from './job-controller.ts';
import { kubeTime } from './text.ts';
import type { CronJob, Job } from './views.ts';
import type { Controller } from './work-loop.ts';

const COMPONENT = 'cronjob-controller';
/** Earlier runs that were missed are forgotten. */
const MAX_MISSED_MS = 86_400_000;

/** Starts the jobs of cron jobs when their time comes, and removes old ones. */
export function createCronJobController(cluster: Cluster, events: EventRecorder): Controller {
  const run = (cronJob: CronJob, atMs: number) => {
    const { metadata, spec } = cronJob.spec.jobTemplate;
    const job = cluster.create('jobs', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        ...metadata,
        // The minute that it is for, so that no minute runs twice.
        name: `${cronJob.metadata.name}-${Math.floor(atMs / 60_000)}`,
        namespace: cronJob.metadata.namespace ?? 'default',
        annotations: { ...metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': kubeTime(atMs) },
        ownerReferences: [ownerReference(cronJob)],
      },
      spec,
    });
    const message = `Created job ${job.metadata.name}`;
    events.record(cronJob, { type: 'Normal', reason: 'SuccessfulCreate', message, component: COMPONENT });
  };

  const prune = (cronJob: CronJob, jobs: readonly Job[]) => {
    const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec;
    for (const [type, limit] of [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const) {
      const ended = jobs.filter(({ status }) => isTrue(status?.conditions, type));
      const oldest = [...ended].sort((a, b) => ((a.status?.startTime ?? '') < (b.status?.startTime ?? '') ? -1 : 1));
      for (const job of oldest.slice(0, Math.max(0, ended.length - limit))) cluster.remove('jobs', job);
    }
  };

  return {
    name: 'cron-jobs',
    reconcile: (key) => {
      const cronJob = cluster.cache('cronJobs').get(key);
      if (cronJob === undefined || cronJob.metadata.deletionTimestamp !== undefined) return undefined;
      const schedule = parseCron(cronJob.spec.schedule);
      const nowMs = cluster.clock.now();
      const { lastScheduleTime } = cronJob.status ?? {};
      const lastAt = Date.parse(lastScheduleTime ?? cronJob.metadata.creationTimestamp ?? kubeTime(nowMs));
      const since = Math.max(lastAt, nowMs - MAX_MISSED_MS);
      const due = schedule && nextRunAt(schedule, since);
      const jobs = cluster.cache('jobs').ownedBy(cronJob.metadata.uid);
      const active = jobs.filter((job) => !isFinished(job));
      let ranAt = lastScheduleTime;
      if (schedule !== undefined && due !== undefined && due <= nowMs && cronJob.spec.suspend !== true) {
        const policy = cronJob.spec.concurrencyPolicy ?? 'Allow';
        if (policy === 'Replace') for (const job of active) cluster.remove('jobs', job);
        // Minutes that were missed while nobody looked are not made up for: the latest one runs.
        const atMs = latest(schedule, due, nowMs);
        // A cluster that has been in use for a while is filled with what has run already.
        const hasRun = cluster.isWarm && lastScheduleTime === undefined;
        if (!hasRun && (policy !== 'Forbid' || active.length === 0)) run(cronJob, atMs);
        ranAt = kubeTime(atMs);
      }
      prune(cronJob, cluster.cache('jobs').ownedBy(cronJob.metadata.uid));
      const unfinished = cluster
        .cache('jobs')
        .ownedBy(cronJob.metadata.uid)
        .filter((job) => !isFinished(job));
      const ended = jobs.map(({ status }) => status?.completionTime ?? '').sort();
      const lastSuccessfulTime = ended.at(-1) || cronJob.status?.lastSuccessfulTime;
      cluster.updateStatus('cronJobs', cronJob, {
        ...(unfinished.length === 0 ? {} : { active: unfinished.map(referenceTo) }),
        ...(ranAt === undefined ? {} : { lastScheduleTime: ranAt }),
        ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
      });
      const next = schedule && nextRunAt(schedule, nowMs);
      return next === undefined ? undefined : next - nowMs;
    },
  };
}

/** The last minute of a schedule from `firstMs` up to `untilMs`. */
function latest(schedule: CronSchedule, firstMs: number, untilMs: number): number {
  let at = firstMs;
  for (let next = nextRunAt(schedule, at); next !== undefined && next <= untilMs; next = nextRunAt(schedule, at))
    at = next;
  return at;
}

function referenceTo(job: Job) {
  const { name, namespace, uid, resourceVersion } = job.metadata;
  return { apiVersion: job.apiVersion, kind: job.kind, name, namespace, uid, resourceVersion };
}
