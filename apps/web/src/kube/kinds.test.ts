import { expect, it } from 'vitest';
import { builtInKinds, defaultFavourites, groupKinds, kindEntry } from './kinds.ts';
import { parseResourceKey } from './resource-key.ts';

it('every built-in kind has an address that can be read, and every favourite is built in', () => {
  const keys = builtInKinds.map(({ key }) => key);
  expect(keys.filter((key) => parseResourceKey(key) === undefined)).toEqual([]);
  expect(defaultFavourites.filter((key) => !keys.includes(key))).toEqual([]);
});

it.each([
  ['storage.k8s.io/v1/csidrivers', 'Storage'],
  ['scheduling.k8s.io/v1/priorityclasses', 'Cluster'],
  ['policy/v1/poddisruptionbudgets', 'Config'],
  ['cert-manager.io/v1/issuers', 'Custom'],
  ['example.notk8s.io/v1/things', 'Custom'],
])('%s stands under %s', (key, group) => {
  expect(kindEntry(key).group).toBe(group);
});

it('kinds stand under their headings in the order of the headings, and no heading is empty', () => {
  expect(groupKinds(['v1/nodes', 'cert-manager.io/v1/issuers', 'v1/pods'])).toEqual([
    ['Workloads', [expect.objectContaining({ title: 'Pods' })]],
    ['Cluster', [expect.objectContaining({ title: 'Nodes' })]],
    ['Custom', [expect.objectContaining({ title: 'issuers' })]],
  ]);
});
