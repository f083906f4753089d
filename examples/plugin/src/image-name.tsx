import type { ReactElement } from 'react';
import { parseImage, versionText } from './image-reference.ts';

/** An image with its tag set apart; marked where nobody can say which version of it runs. */
export function ImageName({ image }: { readonly image: string }): ReactElement {
  const reference = parseImage(image);
  return (
    <span className="images-name" title={image}>
      {reference.repository}
      <span className="images-version" data-floating={reference.isFloating}>
        {versionText(reference)}
      </span>
    </span>
  );
}

/** The address of an image on the page of images. */
export function imageHref(image: string): string {
  return `/images?${new URLSearchParams({ image }).toString()}`;
}
