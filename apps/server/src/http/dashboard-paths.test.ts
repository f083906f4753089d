import { expect, it } from 'vitest';
import { isDashboardPath } from './dashboard-paths.ts';

it.each([
  '/clusters',
  '/clusters/list',
  '/clusters/demo/v1~pods/default/web',
  '/clusters/list/apps~v1~deployments/_/x',
  '/plugins',
  '/plugins/catalog',
  '/plugins/artifacthub~headlamp~app-catalog',
])('%s is a view of the dashboard', (path) => {
  expect(isDashboardPath(path)).toBe(true);
});

it.each([
  '/clusters/',
  '/clusters/demo',
  '/clusters/list/',
  '/clusters/list/api/v1/pods',
  '/clusters/demo/api/v1/namespaces/a~b/pods',
  '/clusters/a~b/api/v1/pods',
  '/clusters/demo/version',
  '/plugins/',
  '/plugins/a~b~c/',
  '/plugins/a~b~c/1.0.0-0123456789ab',
  '/plugins/a~b~c/1.0.0-0123456789ab/index.js',
])('%s is not', (path) => {
  expect(isDashboardPath(path)).toBe(false);
});
