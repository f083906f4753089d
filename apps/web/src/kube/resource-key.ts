import type { KubeResource } from '@fleetwire/kube-watch';

/** A resource type as addresses have it: `apps/v1/deployments`, `v1/pods` of the core group. */
export function formatResourceKey({ group, version, resource }: KubeResource, separator: '/' | '~' = '/'): string {
  return [...(group === undefined || group === '' ? [] : [group]), version, resource].join(separator);
}

/** Reads what {@link formatResourceKey} wrote, with either separator; undefined for anything else. */
export function parseResourceKey(text: string): KubeResource | undefined {
  const parts = text.split(/[/~]/);
  if (parts.length < 2 || parts.length > 3) return undefined;
  const [resource = '', version = '', group] = parts.toReversed();
  if (!/^[a-z][a-z0-9-]*$/.test(resource) || !/^v[0-9][a-z0-9]*$/.test(version)) return undefined;
  if (group === undefined) return { version, resource };
  return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(group) ? { group, version, resource } : undefined;
}

/** The namespace of an address of an object that has none. */
const noNamespace = '_';

/** Parameters of the address of one object's page. */
export function objectParams(
  cluster: string,
  resource: KubeResource,
  namespace: string | undefined,
  name: string,
): { readonly cluster: string; readonly resource: string; readonly namespace: string; readonly name: string } {
  return { cluster, resource: formatResourceKey(resource, '~'), namespace: namespace ?? noNamespace, name };
}

/** The namespace that a part of an address means. */
export function namespaceOfParam(param: string): string | undefined {
  return param === noNamespace ? undefined : param;
}
