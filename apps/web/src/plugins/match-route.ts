import { comparablePath, type Registered } from '@fleetwire/plugin-manager/browser';

/** Whether an address is that of a route, or below it. */
export function isWithin(pathname: string, path: string): boolean {
  const [address, own] = [comparablePath(pathname), comparablePath(path)];
  return address === own || address.startsWith(own.endsWith('/') ? own : `${own}/`);
}

/** The route of an address: of those that fit, the one whose path is the longest. */
export function matchRoute(routes: readonly Registered<'route'>[], pathname: string): Registered<'route'> | undefined {
  const path = longestOf(
    routes.map(({ value }) => value.path),
    pathname,
  );
  return routes.find(({ value }) => value.path === path);
}

/** The plugin that has, or had, the route of an address. */
export function ownerOf(owners: ReadonlyMap<string, string>, pathname: string): string | undefined {
  return owners.get(longestOf([...owners.keys()], pathname) ?? '');
}

/** The path, of those that an address is at or below, that is the longest. */
export function longestOf(paths: readonly string[], pathname: string): string | undefined {
  return paths.filter((path) => isWithin(pathname, path)).sort((a, b) => b.length - a.length)[0];
}
