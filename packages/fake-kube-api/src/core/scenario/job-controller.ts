import { isReady } from './availability.ts';
import type { Cluster } from './cluster.ts';
import { conditionOf, isTrue } from './conditions.ts';
import type { EventRecorder } from './event-recorder.ts';
import { createPod, isActive } from './pod-factory.ts';
import type { Scheduler } from './scheduler.ts';
import type { Condition, Job } from './views.ts';
import type { Controller } from './work-loop.ts';

const COMPONENT = 'job-controller';

/** Whether a job has ended, well or not. */
export function isFinished(job: Job): boolean {
  return isTrue(job.status?.conditions, 'Complete') || isTrue(job.status?.conditions, 'Failed');
}

/** Runs jobs: pods until enough have succeeded, or too many have failed. */
export function createJobController(cluster: Cluster, scheduler: Scheduler, events: EventRecorder): Controller {
  /** After a job's end there is nothing to do but to remove it when its time is over. */
  const afterEnd = (job: Job): number | undefined => {
    const { ttlSecondsAfterFinished: ttlSeconds } = job.spec;
    if (ttlSeconds === undefined) return undefined;
    const ended = (job.status?.conditions ?? []).find(({ type }) => type === 'Complete' || type === 'Failed');
    const leftMs = Date.parse(ended?.lastTransitionTime ?? '') + ttlSeconds * 1_000 - cluster.clock.now();
    if (leftMs > 0) return leftMs;
    cluster.remove('jobs', job);
    return undefined;
  };

  return {
    name: 'jobs',
    reconcile: (key) => {
      const job = cluster.cache('jobs').get(key);
      if (job === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
      if (isFinished(job)) return afterEnd(job);
      const { parallelism = 1, completions = parallelism, backoffLimit = 6, suspend = false } = job.spec;
      const pods = cluster.cache('pods').ownedBy(job.metadata.uid);
      const active = pods.filter(isActive);
      const succeeded = pods.filter(({ status }) => status?.phase === 'Succeeded').length;
      const restarts = active.reduce((sum, { status }) => sum + (status?.containerStatuses?.[0]?.restartCount ?? 0), 0);
      const failed = pods.filter(({ status }) => status?.phase === 'Failed').length;
      const time = cluster.time();
      const conditions: Condition[] = [];
      if (succeeded >= completions) {
        conditions.push({ type: 'Complete', status: 'True', reason: 'CompletionsReached', lastProbeTime: time });
        events.record(job, { type: 'Normal', reason: 'Completed', message: 'Job completed', component: COMPONENT });
      } else if (failed > backoffLimit || (restarts > 0 && restarts >= backoffLimit)) {
        const message = 'Job has reached the specified backoff limit';
        conditions.push({
          type: 'Failed',
          status: 'True',
          reason: 'BackoffLimitExceeded',
          message,
          lastProbeTime: time,
        });
        events.record(job, { type: 'Warning', reason: 'BackoffLimitExceeded', message, component: COMPONENT });
      }
      const isEnding = conditions.length > 0 || suspend;
      const wanted = isEnding ? 0 : Math.min(parallelism, completions - succeeded);
      for (const pod of active.slice(wanted)) cluster.remove('pods', pod);
      for (let missing = wanted - active.length; missing > 0; missing--) {
        const { uid, name } = job.metadata;
        const labels = {
          'batch.kubernetes.io/controller-uid': uid,
          'batch.kubernetes.io/job-name': name,
          'controller-uid': uid,
          'job-name': name,
        };
        const pod = createPod(cluster, scheduler, { owner: job, template: job.spec.template, labels });
        const message = `Created pod: ${pod.metadata.name}`;
        events.record(job, { type: 'Normal', reason: 'SuccessfulCreate', message, component: COMPONENT });
      }
      const running = cluster.cache('pods').ownedBy(job.metadata.uid).filter(isActive);
      const ready = running.filter(isReady).length;
      const isComplete = conditionOf(conditions, 'Complete') !== undefined;
      const timed = conditions.map((condition) => ({ ...condition, lastTransitionTime: time }));
      cluster.updateStatus('jobs', job, {
        ...(timed.length > 0 ? { conditions: timed } : {}),
        startTime: job.status?.startTime ?? time,
        ...(isComplete ? { completionTime: time } : {}),
        ...(running.length > 0 ? { active: running.length } : {}),
        ...(succeeded > 0 ? { succeeded } : {}),
        ...(failed > 0 ? { failed } : {}),
        ready,
        terminating: pods.length - active.length - succeeded - failed,
        uncountedTerminatedPods: {},
      });
      return undefined;
    },
  };
}
