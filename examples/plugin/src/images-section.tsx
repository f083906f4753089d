import type { ReactElement } from 'react';
import type { TargetProps } from '@fleetwire/plugin-manager/sdk';
import { parseImage } from './image-reference.ts';
import { imageHref, ImageName } from './image-name.tsx';
import { imagesOf } from './images-of.ts';

/** The images of an object, each with a way to where else it runs. */
export function ImagesSection({ object }: TargetProps): ReactElement {
  const images = imagesOf(object);
  if (images.length === 0) return <p className="images-note">It has no containers.</p>;
  const floating = images.filter(({ image }) => parseImage(image).isFloating).length;
  return (
    <>
      <ul className="images-list">
        {images.map(({ container, image }) => (
          <li key={container}>
            <b>{container}</b> <a href={imageHref(image)}>{<ImageName image={image} />}</a>
          </li>
        ))}
      </ul>
      {floating > 0 ? (
        <p className="images-note">
          The tag <i>latest</i> means another image tomorrow than today. Name a version, or a digest.
        </p>
      ) : null}
    </>
  );
}
