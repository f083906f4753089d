import type { ReactElement } from 'react';
import type { KubeObject } from '@fleetwire/kube-watch';
import { LoadingRows } from '../../../ui/StateViews.tsx';
import { useWorkloadPods } from './use-workload-pods.ts';

interface OfPodsProps {
  readonly cluster: string;
  readonly object: KubeObject;
  readonly children: (pods: readonly KubeObject[]) => ReactElement;
}

/** What is shown of a pod, or of the pods of a workload. */
export function OfPods({ cluster, object, children }: OfPodsProps): ReactElement {
  if (object.kind === 'Pod') return children([object]);
  return (
    <OfWorkload cluster={cluster} object={object}>
      {children}
    </OfWorkload>
  );
}

function OfWorkload({ cluster, object, children }: OfPodsProps): ReactElement {
  const { pods, isLoading } = useWorkloadPods(cluster, object);
  return isLoading ? <LoadingRows rows={6} label="Looking for pods" /> : children(pods);
}
