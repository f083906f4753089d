import { expect, it } from 'vitest';
import { formatResourceKey, namespaceOfParam, objectParams, parseResourceKey } from './resource-key.ts';

it.each([
  ['v1/pods', { version: 'v1', resource: 'pods' }],
  ['apps/v1/deployments', { group: 'apps', version: 'v1', resource: 'deployments' }],
  ['cert-manager.io/v1alpha2/issuers', { group: 'cert-manager.io', version: 'v1alpha2', resource: 'issuers' }],
])('%s is a resource type, there and back, with either separator', (text, resource) => {
  expect(parseResourceKey(text)).toEqual(resource);
  expect(formatResourceKey(resource)).toBe(text);
  expect(parseResourceKey(formatResourceKey(resource, '~'))).toEqual(resource);
});

it.each(['', 'pods', 'v1', 'v1/', '/v1/pods', 'a/b/c/d', 'v1/Pods', 'apps/one/deployments', '../v1/pods', 'v1/pods?x'])(
  '%j is no resource type',
  (text) => {
    expect(parseResourceKey(text)).toBeUndefined();
  },
);

it('an object of no namespace has one in its address that no namespace can be called', () => {
  const params = objectParams('demo', { version: 'v1', resource: 'nodes' }, undefined, 'node-1');
  expect(params).toEqual({ cluster: 'demo', resource: 'v1~nodes', namespace: '_', name: 'node-1' });
  expect([namespaceOfParam(params.namespace), namespaceOfParam('default')]).toEqual([undefined, 'default']);
});
