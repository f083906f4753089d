import { expect, it } from 'vitest';
import type { ApiResource } from '@fleetwire/kube-watch';
import { builtInKinds } from './kinds.ts';
import { discoveredKinds } from './discovered-kinds.ts';

const type = (change: Partial<ApiResource>): ApiResource => ({
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
  subresources: [],
  isPreferred: true,
  ...change,
});

it('what any cluster has is there once, under its heading, built-in kinds in their order', () => {
  const issuer = type({ group: 'cert-manager.io', resource: 'issuers', kind: 'Issuer' });
  const kinds = discoveredKinds(
    new Map([
      ['a', [issuer, type({ resource: 'nodes', kind: 'Node' }), type({})]],
      ['b', [type({ shortNames: ['po'] }), type({ group: 'apps', resource: 'deployments', kind: 'Deployment' })]],
    ]),
  );
  expect(kinds.map(({ title }) => title)).toEqual(['Pods', 'Deployments', 'Nodes', 'Issuer']);
  expect(kinds[0]?.names).toEqual(['Pod', 'po']);
});

it('what cannot be listed, and versions that are not preferred, are left out', () => {
  const kinds = discoveredKinds(
    new Map([
      ['a', [type({}), type({ resource: 'bindings', verbs: ['create'] }), type({ version: 'v2', isPreferred: false })]],
    ]),
  );
  expect(kinds.map(({ key }) => key)).toEqual(['v1/pods']);
});

it('until discovery has answered there are the built-in kinds', () => {
  expect(discoveredKinds(new Map())).toHaveLength(builtInKinds.length);
});
