import { describe, expect, it } from 'vitest';
import type { WatchTarget } from '../protocol/resource.ts';
import { canonicalSelector, targetKey } from './canonical-target.ts';

const pods: WatchTarget = { cluster: 'a', resource: { version: 'v1', resource: 'pods' } };

describe('[L6] the key of a target', () => {
  it.each<[string, Partial<WatchTarget>]>([
    ['an empty group', { resource: { group: '', version: 'v1', resource: 'pods' } }],
    ['an empty namespace', { namespace: '' }],
    ['an undefined namespace', { namespace: undefined }],
    ['empty selectors', { labelSelector: '', fieldSelector: ' ' }],
    ['the default projection', { projection: 'full' }],
  ])('is the same with %s', (_, other) => {
    expect(targetKey({ ...pods, ...other })).toBe(targetKey(pods));
  });

  it.each<[string, Partial<WatchTarget>]>([
    ['cluster', { cluster: 'b' }],
    ['group', { resource: { group: 'apps', version: 'v1', resource: 'pods' } }],
    ['version', { resource: { version: 'v2', resource: 'pods' } }],
    ['resource', { resource: { version: 'v1', resource: 'nodes' } }],
    ['namespace', { namespace: 'x' }],
    ['label selector', { labelSelector: 'a=b' }],
    ['field selector', { fieldSelector: 'a=b' }],
    ['projection', { projection: 'metadata' }],
  ])('differs by the %s', (_, other) => {
    expect(targetKey({ ...pods, ...other })).not.toBe(targetKey(pods));
  });

  it('does not mix a label selector with a field selector', () => {
    expect(targetKey({ ...pods, labelSelector: 'a=b' })).not.toBe(targetKey({ ...pods, fieldSelector: 'a=b' }));
  });
});

it('requirements have no order and count once, and what is within one is left alone', () => {
  expect(canonicalSelector(' b=2, a=1,b=2 ,')).toBe('a=1,b=2');
  expect(canonicalSelector('tier in (web, api),app')).toBe('app,tier in (web, api)');
  expect(canonicalSelector('b=1\\,2,a=x')).toBe('a=x,b=1\\,2');
});
