import { useCallback, useSyncExternalStore } from 'react';
import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';
import { useKubeObjectList, useKubeWatchClient } from '@fleetwire/kube-watch/react';
import type { PluginSdk } from '@fleetwire/plugin-manager/sdk';
import { imagesByUid } from './images-of.ts';
import type { ImagesText } from './images-text.ts';

const pods = { version: 'v1', resource: 'pods' };

/** All pods of all clusters that answer, live, and what `select` makes of them. */
export function usePodsOf<S>(sdk: PluginSdk, select: (items: readonly ClusterObject<KubeObject>[]) => S) {
  const clusters = useSyncExternalStore(sdk.clusters.subscribe, sdk.clusters.getSnapshot);
  const names = clusters?.filter(({ state }) => state !== 'unreachable').map(({ name }) => name) ?? [];
  return useKubeObjectList<KubeObject, S>({ resource: pods, clusters: names, enabled: names.length > 0, select });
}

const none: readonly string[] = [];

/**
 * The images of one pod of a cluster. A list has such a cell in each row, so that this renders again when these images
 * change, and not with each event of the pods. However many cells ask, the pods are listed and watched once. `text` keeps
 * what is known for the rows out of sight.
 */
export function useImagesOfPod(text: ImagesText, cluster: string, uid: string): readonly string[] {
  const client = useKubeWatchClient();
  const subscribe = useCallback(
    (listener: () => void) => {
      const handle = client.watch({ cluster, resource: pods });
      const tell = (): void => {
        text.remember(cluster, imagesByUid(handle.snapshot.items));
        listener();
      };
      handle.subscribe(tell);
      tell();
      return () => {
        handle.dispose();
      };
    },
    [client, cluster, text],
  );
  return useSyncExternalStore(subscribe, () => {
    const known = client.peek({ cluster, resource: pods });
    return (known && imagesByUid(known.items).get(uid)) ?? none;
  });
}
