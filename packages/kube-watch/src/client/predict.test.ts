import { expect, it } from 'vitest';
import type { KubeObject } from '../protocol/kube-object.ts';
import { predictDelete, predictJsonPatch, predictMergePatch, predictScale, predictStrategicMerge } from './predict.ts';

const pod = {
  kind: 'Pod',
  metadata: { name: 'a', uid: 'u', resourceVersion: '1', labels: { app: 'x', tier: 'web' } },
  spec: {
    containers: [
      { name: 'main', image: 'i:1' },
      { name: 'side', image: 's:1' },
    ],
    args: ['1', '2'],
  },
} as unknown as KubeObject;

it('merges as RFC 7396 says, and leaves what it merges into as it was', () => {
  const before = JSON.stringify(pod);
  const patched = predictMergePatch({ metadata: { labels: { tier: null, new: 'y' } }, spec: { args: ['3'] } })(pod);
  expect(patched?.metadata.labels).toEqual({ app: 'x', new: 'y' });
  expect(patched).toMatchObject({ spec: { args: ['3'], containers: [{ name: 'main' }, { name: 'side' }] } });
  expect(JSON.stringify(pod)).toBe(before);
});

it('keeps a key that is called __proto__ a key', () => {
  const patched = predictMergePatch(JSON.parse('{"metadata":{"labels":{"__proto__":"x"}}}'))(pod);
  expect(Object.keys(patched?.metadata.labels ?? {})).toContain('__proto__');
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

it('merges lists by name, and leaves those alone that only the API can merge', () => {
  const patched = predictStrategicMerge({
    spec: { containers: [{ name: 'main', image: 'i:2' }, { name: 'new' }], args: ['3'] },
  })(pod);
  expect(patched).toMatchObject({
    spec: {
      containers: [{ name: 'main', image: 'i:2' }, { name: 'side', image: 's:1' }, { name: 'new' }],
      args: ['1', '2'],
    },
  });
});

it('follows the paths of a JSON patch, and predicts nothing of one that it cannot follow', () => {
  const patch = [
    { op: 'replace', path: '/spec/containers/0/image', value: 'i:3' },
    { op: 'add', path: '/metadata/labels/a~1b', value: 'c' },
    { op: 'remove', path: '/metadata/labels/tier' },
    { op: 'add', path: '/spec/args/-', value: '3' },
  ];
  expect(predictJsonPatch(patch)(pod)).toMatchObject({
    metadata: { labels: { app: 'x', 'a/b': 'c' } },
    spec: { containers: [{ image: 'i:3' }, { image: 's:1' }], args: ['1', '2', '3'] },
  });
  for (const lost of [
    [{ op: 'replace', path: '/spec/nothing/0', value: 1 }],
    [{ op: 'move', path: '/spec', from: '/status' }],
    [{ op: 'remove', path: '/spec/args/9' }],
    'no patch',
  ]) {
    expect(predictJsonPatch(lost)(pod)).toBeUndefined();
  }
});

it('shows what was scaled and what is being deleted', () => {
  expect(predictScale(3)(pod)).toMatchObject({ spec: { replicas: 3 } });
  const deleted = predictDelete('2026-01-01T00:00:00Z')(pod);
  expect(deleted?.metadata.deletionTimestamp).toBe('2026-01-01T00:00:00Z');
  expect(predictDelete('later')(deleted as KubeObject)).toBe(deleted);
});
