import { expect, it } from 'vitest';
import { imagesText, rememberImages } from './images-text.ts';

it('a row says which images its pod has, once they are known', () => {
  const object = { metadata: { uid: 'u1' } };
  expect(imagesText({ object, cluster: 'a' })).toBe('');
  rememberImages('a', new Map([['u1', ['acme/api:1', 'busybox']]]));
  expect(imagesText({ object, cluster: 'a' })).toBe('acme/api:1 busybox');
  expect(imagesText({ object, cluster: 'b' })).toBe('');
});
