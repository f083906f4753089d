import { useMemo, type ReactElement } from 'react';
import type { KubeObject } from '@fleetwire/kube-watch';
import { useKubeObjectList } from '@fleetwire/kube-watch/react';
import { LoadingRows } from '../../../ui/StateViews.tsx';
import { LogsTab } from './LogsTab.tsx';
import { relatedLists } from './related-objects.ts';

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

/** Whether an object is a pod or has pods of its own. */
export function hasLogs(object: KubeObject): boolean {
  if (object.kind === 'Pod') return true;
  return object.kind !== 'Node' && relatedLists(object.kind).some(({ resource }) => resource.resource === 'pods');
}

function WorkloadLogs({
  cluster,
  workload,
}: {
  readonly cluster: string;
  readonly workload: KubeObject;
}): ReactElement {
  const { namespace } = workload.metadata;
  const list = useKubeObjectList({
    resource: { version: 'v1', resource: 'pods' },
    clusters: [cluster],
    ...(namespace === undefined ? {} : { namespaces: [namespace] }),
  });
  const belongs = relatedLists(workload.kind).find(({ resource }) => resource.resource === 'pods')?.belongs;
  const names = list.items
    .map(({ object }) => object)
    .filter((pod) => belongs?.(pod, workload) === true)
    .toSorted((a, b) => (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''))
    .slice(0, maxPods);
  // A heartbeat of a pod is no reason to look at its log anew.
  const key = names.map(({ metadata }) => metadata.uid).join();
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the key says when they are others
  const pods = useMemo(() => names, [key]);
  if (list.isLoading) return <LoadingRows rows={6} label="Looking for pods" />;
  return <LogsTab cluster={cluster} pods={pods} />;
}
