import type { ReactElement } from 'react';
import type { PluginSdk, RouteProps } from '@fleetwire/plugin-manager/sdk';
import { parseImage } from './image-reference.ts';
import { imageHref, ImageName } from './image-name.tsx';
import { imageUses, podHref, type ImageUse } from './images-of.ts';
import { usePodsOf } from './use-pods.ts';

/** Which images run where, over all clusters; which of them, is in the address. */
export function ImagesPage({ sdk, pathname, search }: RouteProps & { readonly sdk: PluginSdk }): ReactElement {
  const { items: uses, isLoading, isSynced, errors } = usePodsOf(sdk, imageUses);
  const params = new URLSearchParams(search);
  const image = params.get('image');
  const text = params.get('q') ?? '';
  const isFloatingOnly = params.get('floating') === '1';
  const change = (name: string, value: string): void => {
    const next = new URLSearchParams(search);
    if (value === '') next.delete(name);
    else next.set(name, value);
    sdk.navigate(`${pathname}${next.size > 0 ? `?${next.toString()}` : ''}`);
  };
  const shown = uses.filter(
    (use) => use.image.includes(text.trim()) && (!isFloatingOnly || parseImage(use.image).isFloating),
  );
  return (
    <div className="images">
      <h1>Images</h1>
      {errors.map(({ message }) => (
        <p key={message} role="alert">
          {message}
        </p>
      ))}
      {image !== null ? (
        <OneImage image={image} use={uses.find((use) => use.image === image)} isKnown={isSynced} />
      ) : (
        <>
          <div className="images-tools">
            <input
              type="search"
              aria-label="Filter the images"
              placeholder="Filter"
              value={text}
              onChange={(event) => change('q', event.currentTarget.value)}
            />
            <label>
              <input
                type="checkbox"
                checked={isFloatingOnly}
                onChange={(event) => change('floating', event.currentTarget.checked ? '1' : '')}
              />{' '}
              Only <i>latest</i>
            </label>
            <span role="status">
              {isLoading ? 'Loading' : `${String(shown.length)} of ${String(uses.length)} images`}
            </span>
          </div>
          <Images uses={shown} />
        </>
      )}
    </div>
  );
}

function Images({ uses }: { readonly uses: readonly ImageUse[] }): ReactElement {
  return (
    <div className="images-card">
      <table>
        <thead>
          <tr>
            <th scope="col">Image</th>
            <th scope="col">Pods</th>
            <th scope="col">Clusters</th>
          </tr>
        </thead>
        <tbody>
          {uses.map(({ image, pods, clusters }) => (
            <tr key={image}>
              <td>
                <a href={imageHref(image)}>
                  <ImageName image={image} />
                </a>
              </td>
              <td className="images-number">{pods.length}</td>
              <td>{clusters.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function OneImage(props: {
  readonly image: string;
  readonly use: ImageUse | undefined;
  readonly isKnown: boolean;
}): ReactElement {
  const { image, use, isKnown } = props;
  return (
    <>
      <p>
        <a href="/images">All images</a> · <ImageName image={image} />
      </p>
      {use === undefined ? (
        <p role="status">{isKnown ? 'No pod runs it.' : 'Loading'}</p>
      ) : (
        <div className="images-card">
          <table>
            <thead>
              <tr>
                <th scope="col">Pod</th>
                <th scope="col">Namespace</th>
                <th scope="col">Cluster</th>
              </tr>
            </thead>
            <tbody>
              {use.pods.map((pod) => (
                <tr key={podHref(pod)}>
                  <td>
                    <a href={podHref(pod)}>{pod.name}</a>
                  </td>
                  <td>{pod.namespace}</td>
                  <td>{pod.cluster}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
