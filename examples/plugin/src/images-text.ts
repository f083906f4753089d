import type { TargetProps } from '@fleetwire/plugin-manager/sdk';

type ImagesByUid = ReadonlyMap<string, readonly string[]>;

const known = new Map<string, ImagesByUid>();

/** The images of a pod in a row: a row has none itself, so its cells bring them from the whole pods. */
export function rememberImages(cluster: string, images: ImagesByUid): void {
  known.set(cluster, images);
}

/** What the column of images is sorted and filtered by; empty until a cell of the pod's cluster was shown. */
export function imagesText({ object, cluster = '' }: TargetProps): string {
  const { metadata } = object as { readonly metadata: { readonly uid: string } };
  return known.get(cluster)?.get(metadata.uid)?.join(' ') ?? '';
}
