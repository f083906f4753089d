import { comparablePath } from '@fleetwire/plugin-manager/browser';

/**
 * First parts of the paths that are the dashboard's or its server's, now or before long. The router puts the dashboard's
 * own pages first in any case; this also keeps plugins from addresses below them, and from what the server answers itself.
 */
const ownParts: ReadonlySet<string> = new Set([
  'clusters',
  'connections',
  'login',
  'plugins',
  'agents',
  'sessions',
  'vms',
  'audit',
  'settings',
  'users',
  'docs',
  'api',
  'assets',
  'ws',
  'healthz',
  'readyz',
  'metrics',
]);

/** Whether a path is the dashboard's own, so that no plugin may have a page there. */
export function isOwnPath(path: string): boolean {
  const { pathname } = new URL(path, 'http://page.invalid');
  const [, first = ''] = comparablePath(pathname).split('/');
  // What begins with `@` is the development server's; what has a dot is a file.
  return first === '' || first.startsWith('@') || first.includes('.') || ownParts.has(first);
}

/** Whether the server answers a path itself, and not with the page: its API, files, and the clusters' own APIs. */
export function isAnsweredByServer(pathname: string): boolean {
  if (/^\/(?:api|assets|ws|healthz|readyz|metrics)(?:\/|$)/.test(pathname)) return true;
  // Files of plugins are below their id and build.
  if (/^\/plugins\/[^/]+\/[^/]+\//.test(pathname)) return true;
  const isOfCluster = /^\/clusters\/[^/]+\/[^/]/.test(pathname);
  return isOfCluster && !/^\/clusters\/[^/]+\/[^/]*~[^/]*\//.test(pathname);
}
