import { useMemo } from 'react';
import type { ApiResource, KubeResource } from '@fleetwire/kube-watch';
import { useApiResources } from '@fleetwire/kube-watch/react';
import { formatResourceKey } from './resource-key.ts';

/** What discovery says of a resource type, from the first of the clusters that has it; undefined until it is known. */
export function useKind(resource: KubeResource | undefined, clusters: readonly string[]): ApiResource | undefined {
  const { byCluster } = useApiResources(clusters);
  const key = resource === undefined ? '' : formatResourceKey(resource);
  return useMemo(() => {
    for (const types of byCluster.values()) {
      const found = types.find((each) => formatResourceKey(each) === key);
      if (found !== undefined) return found;
    }
    return undefined;
  }, [byCluster, key]);
}
