import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';
import type { ColumnsOf } from '@fleetwire/kube-watch/react';
import { conditionsOf } from '../../kube/read-object.ts';
import { controllerOf, timeOf } from '../../kube/verdict.ts';
import { keyOf, stateOfJob } from './suspects.ts';

/**
 * Keys of jobs whose failure a later run of the same controller, a CronJob, has settled: of the runs that have ended only
 * the newest tells how it does. One that goes on settles nothing yet. `held`: jobs without a success; `rows`: the others,
 * printed.
 */
export function settledJobs(
  held: readonly ClusterObject<KubeObject>[],
  rows: readonly ClusterObject<KubeObject>[],
  columnsOf: ColumnsOf,
): ReadonlySet<string> {
  const ended = [
    ...held.filter(({ object }) =>
      // One that wants no completions completes without a success.
      conditionsOf(object).some(({ type, status }) => (type === 'Failed' || type === 'Complete') && status === 'True'),
    ),
    ...rows.filter((row) => ['complete', 'failed'].includes(stateOfJob(row, columnsOf))),
  ];
  const newest = new Map<string, number>();
  for (const job of ended) {
    const series = seriesOf(job);
    if (series !== undefined) newest.set(series, Math.max(newest.get(series) ?? 0, bornAt(job)));
  }
  return new Set(
    [...held, ...rows].flatMap((job) => {
      const series = seriesOf(job);
      if (series === undefined || bornAt(job) >= (newest.get(series) ?? 0)) return [];
      const { namespace, name } = job.object.metadata;
      return [keyOf({ cluster: job.cluster, kind: 'job', namespace, name })];
    }),
  );
}

function seriesOf({ cluster, object }: ClusterObject<KubeObject>): string | undefined {
  const controller = controllerOf(object);
  return controller === undefined ? undefined : `${cluster}\n${controller.uid}`;
}

function bornAt({ object }: ClusterObject<KubeObject>): number {
  return timeOf(object.metadata.creationTimestamp) ?? 0;
}
