import { expect, it } from 'vitest';
import type { AuthSession } from '../auth/auth-session.ts';
import type { SignInPrefill } from '../auth/sign-in-prefill.ts';
import { createAppRouter } from '../router.tsx';
import { isAnsweredByServer, isOwnPath } from './own-paths.ts';

it("every page of the dashboard is the dashboard's own", () => {
  const session = { subscribe: () => () => undefined } as unknown as AuthSession;
  const { routesByPath } = createAppRouter(session, {} as SignInPrefill);
  const paths = Object.keys(routesByPath).filter((path) => path !== '/$');
  expect(paths.length).toBeGreaterThan(5);
  for (const path of paths) expect([path, isOwnPath(path)]).toEqual([path, true]);
});

it.each([
  '/',
  '/clusters',
  '/clusters/mine',
  '/x/../clusters/a',
  '/api/v1/me',
  '/assets/a.js',
  '/color-scheme.js',
  '/@vite',
  '/Clusters',
  '/%63lusters/mine',
  '/%2Fclusters',
  '/clusters%2Fmine',
])('%s is refused', (path) => {
  expect(isOwnPath(path)).toBe(true);
});

it.each(['/images', '/images/by-cluster', '/clusters-of-acme', '/a/clusters', '/costs?of=clusters', '/%'])(
  '%s may be a plugin’s',
  (path) => {
    expect(isOwnPath(path)).toBe(false);
  },
);

it.each([
  ['/api/docs', true],
  ['/healthz', true],
  ['/clusters/demo/api/v1/pods', true],
  ['/clusters/demo/version', true],
  ['/plugins/hub~acme~a/1.0.0-a/logo.svg', true],
  ['/plugins/hub~acme~a', false],
  ['/clusters', false],
  ['/clusters/list', false],
  ['/clusters/demo/v1~pods/shop/api-1', false],
  ['/apiary', false],
  ['/', false],
])('%s is answered by the server itself: %s', (path, isServers) => {
  expect(isAnsweredByServer(path)).toBe(isServers);
});
