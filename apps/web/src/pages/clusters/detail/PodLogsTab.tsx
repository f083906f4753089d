import type { ReactElement } from 'react';
import type { KubeObject } from '@fleetwire/kube-watch';
import { LoadingRows } from '../../../ui/StateViews.tsx';
import { LogsTab } from './LogsTab.tsx';
import { useWorkloadPods } from './use-workload-pods.ts';

/** The logs of a pod, or of the pods of a workload. */
export function PodLogsTab({
  cluster,
  object,
}: {
  readonly cluster: string;
  readonly object: KubeObject;
}): ReactElement {
  return object.kind === 'Pod' ? (
    <LogsTab cluster={cluster} pods={[object]} />
  ) : (
    <WorkloadLogs cluster={cluster} workload={object} />
  );
}

function WorkloadLogs({
  cluster,
  workload,
}: {
  readonly cluster: string;
  readonly workload: KubeObject;
}): ReactElement {
  const { pods, isLoading } = useWorkloadPods(cluster, workload);
  if (isLoading) return <LoadingRows rows={6} label="Looking for pods" />;
  return <LogsTab cluster={cluster} pods={pods} />;
}
