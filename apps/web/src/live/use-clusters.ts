import { useMemo } from 'react';
import { clustersChannel, type ClusterInfo } from '@fleetwire/kube-watch';
import { useChannel, type ChannelView } from '@fleetwire/websocket-core/react';

const fallback = { url: '/api/v1/clusters', intervalMs: 5_000 };

/** The clusters that the user may see, by name; undefined until they are known. */
export function useClusters(): {
  readonly view: ChannelView;
  readonly clusters: readonly ClusterInfo[] | undefined;
} {
  const view = useChannel(clustersChannel, { fallback });
  const { items } = view;
  const clusters = useMemo(
    () =>
      items === undefined
        ? undefined
        : [...items.values()]
            .map(({ value }) => value as ClusterInfo)
            .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true })),
    [items],
  );
  return { view, clusters };
}

/** How a cluster's state looks and is called. */
export function clusterTone({ state }: ClusterInfo): {
  readonly tone: 'good' | 'busy' | 'bad';
  readonly label: string;
} {
  switch (state) {
    case 'ready':
      return { tone: 'good', label: 'Ready' };
    case 'unknown':
      return { tone: 'busy', label: 'Not asked yet' };
    case 'unreachable':
      return { tone: 'bad', label: 'Unreachable' };
    case 'unauthorized':
      return { tone: 'bad', label: 'Not authorised' };
  }
}
