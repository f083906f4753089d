import type { TargetProps } from '@fleetwire/plugin-manager/sdk';

type ImagesByUid = ReadonlyMap<string, readonly string[]>;

/** What is known of the images of pods; of one run of the plugin, so that nothing of it is there for the next user. */
export interface ImagesText {
  /** The images of a pod in a row: a row has none itself, so its cells bring them from the whole pods. */
  remember(cluster: string, images: ImagesByUid): void;
  /** What the column of images is sorted and filtered by; empty until a cell of the pod's cluster was shown. */
  of(target: TargetProps): string;
  /** Drops it all, and takes nothing any more. */
  dispose(): void;
}

/** Begins with nothing. */
export function createImagesText(): ImagesText {
  const known = new Map<string, ImagesByUid>();
  let isDisposed = false;
  return {
    remember(cluster, images) {
      if (!isDisposed) known.set(cluster, images);
    },
    of({ object, cluster = '' }) {
      const { metadata } = object as { readonly metadata: { readonly uid: string } };
      return known.get(cluster)?.get(metadata.uid)?.join(' ') ?? '';
    },
    dispose() {
      isDisposed = true;
      known.clear();
    },
  };
}
