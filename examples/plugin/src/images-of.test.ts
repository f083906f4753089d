import { expect, it } from 'vitest';
import type { ClusterObject, KubeObject } from '@fleetwire/kube-watch';
import { imagesByUid, imagesOf, imageUses, podHref } from './images-of.ts';

const pod = (cluster: string, name: string, ...images: readonly string[]): ClusterObject<KubeObject> => {
  const containers = images.map((image, index) => ({ name: `c${String(index)}`, image }));
  const metadata = { name, namespace: 'shop', uid: `${cluster}-${name}`, resourceVersion: '1' };
  return { cluster, object: { metadata, spec: { containers } } as KubeObject };
};

it('finds the images of pods and of what has a template of pods', () => {
  const spec = {
    initContainers: [{ name: 'wait', image: 'busybox' }],
    containers: [{ name: 'api', image: 'acme/api:1' }],
  };
  const expected = [
    { container: 'wait', image: 'busybox' },
    { container: 'api', image: 'acme/api:1' },
  ];
  expect(imagesOf({ spec })).toEqual(expected);
  expect(imagesOf({ spec: { replicas: 2, template: { spec } } })).toEqual(expected);
});

it.each([
  undefined,
  null,
  7,
  {},
  { spec: null },
  { spec: { containers: 'x' } },
  { spec: { containers: [null, 7, {}] } },
])('there are none in %j', (object) => {
  expect(imagesOf(object)).toEqual([]);
});

it('says which pods run an image, each once, over all clusters', () => {
  const uses = imageUses([pod('b', 'p1', 'api:1', 'api:1'), pod('a', 'p2', 'api:1', 'db:2'), pod('a', 'p3', 'db:2')]);
  expect(uses.map(({ image, pods, clusters }) => [image, pods.map(({ name }) => name), clusters])).toEqual([
    ['api:1', ['p1', 'p2'], ['a', 'b']],
    ['db:2', ['p2', 'p3'], ['a']],
  ]);
});

it('makes one pass over a list, however many cells ask', () => {
  const pods = [pod('a', 'p', 'api:1').object];
  expect(imagesByUid(pods)).toBe(imagesByUid(pods));
  expect(imagesByUid(pods).get('a-p')).toEqual(['api:1']);
});

it('what did not change with a list is the same in the next one, so that no cell shows it again', () => {
  const [kept, changed] = [pod('a', 'p', 'api:1').object, pod('a', 'q', 'api:1').object];
  const before = imagesByUid([kept, changed]);
  const after = imagesByUid([kept, pod('a', 'q', 'api:2').object]);
  expect(after.get('a-p')).toBe(before.get('a-p'));
  expect(after.get('a-q')).toEqual(['api:2']);
});

it("a pod's address is one of the dashboard, whatever its cluster is called", () => {
  expect(podHref({ cluster: 'kind/a b', namespace: 'shop', name: 'api-1' })).toBe(
    '/clusters/kind%2Fa%20b/v1~pods/shop/api-1',
  );
});
