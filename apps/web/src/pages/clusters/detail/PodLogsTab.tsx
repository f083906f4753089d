import { useMemo, type ReactElement } from 'react';
import type { KubeObject } from '@fleetwire/kube-watch';
import { LoadingRows } from '../../../ui/StateViews.tsx';
import { LogsTab } from './LogsTab.tsx';
import { useWorkloadPods } from './use-workload-pods.ts';

/** More at once would be more streams than a browser opens to one host. */
const maxPods = 4;

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
  const { pods: all, isLoading } = useWorkloadPods(cluster, workload);
  const newest = all.slice(0, maxPods);
  // A heartbeat of a pod is no reason to look at its log anew.
  const key = newest.map(({ metadata }) => metadata.uid).join();
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the key says when they are others
  const pods = useMemo(() => newest, [key]);
  if (isLoading) return <LoadingRows rows={6} label="Looking for pods" />;
  return <LogsTab cluster={cluster} pods={pods} />;
}
