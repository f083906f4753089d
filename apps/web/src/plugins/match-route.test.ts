import type { Registered } from '@fleetwire/plugin-manager/browser';
import { expect, it } from 'vitest';
import { matchRoute, ownerOf } from './match-route.ts';

const route = (path: string): Registered<'route'> => ({
  key: `hub:acme/a#route/${path}`,
  pluginId: 'hub:acme/a',
  kind: 'route',
  value: { id: 'r', path, component: () => null },
  isDeclared: false,
});

it.each([
  ['/images', '/images'],
  ['/images/nginx', '/images'],
  ['/images/old', '/images/old'],
  ['/images/old/1', '/images/old'],
  ['/Images/NGINX', '/images'],
  ['/%69mages', '/images'],
  ['/imagesque', undefined],
  ['/', undefined],
])('%s is on %s: the longest path that it is at or below', (pathname, path) => {
  const routes = [route('/images'), route('/images/old'), route('/costs')];
  expect(matchRoute(routes, pathname)?.value.path).toBe(path);
});

it('knows whose an address is, or was', () => {
  const owners = new Map([
    ['/images', 'hub:acme/images'],
    ['/images/old', 'hub:acme/old'],
  ]);
  expect(ownerOf(owners, '/images/1')).toBe('hub:acme/images');
  expect(ownerOf(owners, '/images/old')).toBe('hub:acme/old');
  expect(ownerOf(owners, '/costs')).toBeUndefined();
});
