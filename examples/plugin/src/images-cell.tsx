import type { ReactElement } from 'react';
import type { TargetProps } from '@fleetwire/plugin-manager/sdk';
import { ImageName } from './image-name.tsx';
import type { ImagesText } from './images-text.ts';
import { useImagesOfPod } from './use-pods.ts';

/** The images of a pod in a list. A row has what the server prints of it, so that the images come from the whole pods. */
export function ImagesCell({ object, cluster = '', text }: TargetProps & { readonly text: ImagesText }): ReactElement {
  const { metadata } = object as { readonly metadata: { readonly uid: string } };
  const [first, ...others] = useImagesOfPod(text, cluster, metadata.uid);
  if (first === undefined) return <></>;
  return (
    <span title={[first, ...others].join('\n')}>
      <ImageName image={first} />
      {others.length > 0 ? ` +${String(others.length)}` : ''}
    </span>
  );
}
