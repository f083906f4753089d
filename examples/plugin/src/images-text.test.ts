import { expect, it } from 'vitest';
import { createImagesText } from './images-text.ts';

const object = { metadata: { uid: 'u1' } };
const images = new Map([['u1', ['acme/api:1', 'busybox']]]);

it('a row says which images its pod has, once they are known', () => {
  const text = createImagesText();
  expect(text.of({ object, cluster: 'a' })).toBe('');
  text.remember('a', images);
  expect(text.of({ object, cluster: 'a' })).toBe('acme/api:1 busybox');
  expect(text.of({ object, cluster: 'b' })).toBe('');
});

it('what one run knew is not there for the next', () => {
  const [first, second] = [createImagesText(), createImagesText()];
  first.remember('a', images);
  expect(second.of({ object, cluster: 'a' })).toBe('');
  first.dispose();
  first.remember('a', images);
  expect(first.of({ object, cluster: 'a' })).toBe('');
});
