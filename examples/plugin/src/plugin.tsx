import { definePlugin } from '@fleetwire/plugin-manager/sdk';
import { ImagesCell } from './images-cell.tsx';
import { ImagesPage } from './images-page.tsx';
import { ImagesSection } from './images-section.tsx';
import { createImagesText } from './images-text.ts';
import { addStyles } from './styles.ts';

/** Which container images run where. The ids are those of `contributes` in package.json. */
export const plugin = definePlugin({
  activate({ register, onDispose, sdk }) {
    onDispose(addStyles(document));
    const text = createImagesText();
    onDispose(() => {
      text.dispose();
    });
    register('navigation', { id: 'images', title: 'Images', to: '/images', icon: 'kind' });
    register('route', {
      id: 'images',
      path: '/images',
      title: 'Images',
      component: (props) => <ImagesPage sdk={sdk} {...props} />,
    });
    register('listColumn', {
      id: 'images',
      target: 'v1/pods',
      title: 'Images',
      component: (props) => <ImagesCell text={text} {...props} />,
      text: (target) => text.of(target),
    });
    register('detailSection', { id: 'images-of-pod', target: 'v1/pods', title: 'Images', component: ImagesSection });
    register('detailSection', {
      id: 'images-of-deployment',
      target: 'apps/v1/deployments',
      title: 'Images',
      component: ImagesSection,
    });
    register('command', {
      id: 'show-images',
      title: 'Show images',
      run() {
        sdk.navigate('/images');
      },
    });
  },
});
