/**
 * Whether a path below `/clusters` is a view of the dashboard and no cluster's API: the list itself, and the page of an
 * object, whose second part is a resource type with `~` in it (`v1~pods`), as no path of a Kubernetes API begins. Told
 * by the path alone, so that an address means the same to a browser and to kubectl.
 */
export function isDashboardPath(path: string): boolean {
  return path === '/clusters' || path === '/clusters/list' || /^\/clusters\/[^/]+\/[^/]*~[^/]*\//.test(path);
}
