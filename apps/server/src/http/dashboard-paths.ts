/**
 * Whether a path below `/clusters` or `/plugins` is a view of the dashboard, told by the path alone.
 *
 * Below `/plugins`: the page itself, and one segment, a tab or a plugin in its folder's form. Files of plugins are three
 * segments deep.
 *
 * Below `/clusters`: what is a view of the dashboard and no cluster's API: the list itself, and the page of an
 * object, whose second part is a resource type with `~` in it (`v1~pods`), as no path of a Kubernetes API begins; so that
 * an address means the same to a browser and to kubectl.
 */
export function isDashboardPath(path: string): boolean {
  if (/^\/plugins(?:\/[^/]+)?$/.test(path)) return true;
  return path === '/clusters' || path === '/clusters/list' || /^\/clusters\/[^/]+\/[^/]*~[^/]*\//.test(path);
}
