import type { ResourceDefinition, SubresourceDefinition } from './resource-definition.ts';

/** An answer of a discovery endpoint; `body` is to be sent as JSON. */
export interface DiscoveryResponse {
  readonly contentType: string;
  readonly body: object;
}

interface ApiGroup {
  readonly name: string;
  /** By preference: stable before beta before alpha, newer before older. */
  readonly versions: readonly { readonly version: string; readonly definitions: readonly ResourceDefinition[] }[];
}

const AGGREGATED_VERSIONS = ['v2', 'v2beta1'] as const;

/**
 * Answers `/api`, `/api/v1`, `/apis`, `/apis/{group}` and `/apis/{group}/{version}` for the types of a server, plain or,
 * where `accept` asks for it, aggregated (Kubernetes documentation, Discovery API). Undefined for any other path and for
 * a group or version that the server does not have.
 */
export function discoveryResponse(
  path: string,
  accept: string | undefined,
  definitions: readonly ResourceDefinition[],
): DiscoveryResponse | undefined {
  const [root, group, version, ...more] = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  if (more.length > 0) return undefined;
  if (root === 'api') {
    if (version !== undefined) return undefined;
    if (group !== undefined) return plain(resourceList(definitions, '', group));
    return aggregated(accept, groupsOf(definitions, true)) ?? plain(coreVersions(definitions));
  }
  if (root !== 'apis') return undefined;
  if (group === undefined) {
    const groups = groupsOf(definitions, false);
    return (
      aggregated(accept, groups) ?? plain({ kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupEntry) })
    );
  }
  if (group === '') return undefined;
  if (version !== undefined) return plain(resourceList(definitions, group, version));
  const found = groupsOf(definitions, false).find(({ name }) => name === group);
  return plain(found && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(found) });
}

function plain(body: object | undefined): DiscoveryResponse | undefined {
  return body && { contentType: 'application/json', body };
}

function groupsOf(definitions: readonly ResourceDefinition[], core: boolean): readonly ApiGroup[] {
  const names = new Set(definitions.map(({ group }) => group).filter((group) => (group === '') === core));
  return [...names].map((name) => {
    const own = definitions.filter(({ group }) => group === name);
    const versions = [...new Set(own.map(({ version }) => version))].sort(compareVersions);
    return {
      name,
      versions: versions.map((version) => ({ version, definitions: own.filter((one) => one.version === version) })),
    };
  });
}

/** Kubernetes documentation, Versions in CustomResourceDefinitions, § Version priority; the preferred one first. */
function compareVersions(left: string, right: string): number {
  const [a, b] = [versionRank(left), versionRank(right)];
  for (const [index, rank] of a.entries()) {
    const difference = (b[index] ?? 0) - rank;
    if (difference !== 0) return difference;
  }
  return left < right ? -1 : 1;
}

function versionRank(version: string): readonly number[] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return [0, 0, 0];
  const stability = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
  return [stability, Number(match[1]), Number(match[3] ?? 0)];
}

function coreVersions(definitions: readonly ResourceDefinition[]): object {
  const versions = groupsOf(definitions, true).flatMap((group) => group.versions.map(({ version }) => version));
  return { kind: 'APIVersions', versions, serverAddressByClientCIDRs: [] };
}

function groupEntry(group: ApiGroup): object {
  const versions = group.versions.map(({ version }) => ({ groupVersion: `${group.name}/${version}`, version }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

function resourceList(definitions: readonly ResourceDefinition[], group: string, version: string): object | undefined {
  const own = definitions.filter((definition) => definition.group === group && definition.version === version);
  if (own.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: own
      .toSorted(byResource)
      .flatMap((definition) => [resourceEntry(definition), ...subresourceEntries(definition)]),
  };
}

function byResource(left: ResourceDefinition, right: ResourceDefinition): number {
  return left.resource < right.resource ? -1 : 1;
}

function resourceEntry(definition: ResourceDefinition): object {
  return {
    name: definition.resource,
    singularName: definition.singular,
    namespaced: definition.namespaced,
    kind: definition.kind,
    verbs: definition.verbs,
    ...optionalLists(definition),
  };
}

function subresourceEntries(definition: ResourceDefinition): readonly object[] {
  return definition.subresources.map(({ name, group, version, kind, verbs }) => ({
    name: `${definition.resource}/${name}`,
    singularName: '',
    namespaced: definition.namespaced,
    ...(group === undefined ? {} : { group, version }),
    kind,
    verbs,
  }));
}

function optionalLists({ shortNames, categories }: ResourceDefinition): object {
  return {
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
}

function aggregated(accept: string | undefined, groups: readonly ApiGroup[]): DiscoveryResponse | undefined {
  const version = aggregatedVersion(accept);
  if (version === undefined) return undefined;
  return {
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
    body: {
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${version}`,
      metadata: {},
      items: groups.map(({ name, versions }) => ({
        metadata: name === '' ? {} : { name },
        versions: versions.map((served) => ({
          version: served.version,
          resources: served.definitions.toSorted(byResource).map(aggregatedResource),
          freshness: 'Current',
        })),
      })),
    },
  };
}

/** The first entry of the header that we can answer decides, as the client wrote them by preference. */
function aggregatedVersion(accept: string | undefined): (typeof AGGREGATED_VERSIONS)[number] | undefined {
  for (const entry of (accept ?? '').split(',')) {
    const [mediaType, ...parameters] = entry.split(';').map((part) => part.trim());
    if (mediaType !== 'application/json') continue;
    if (!parameters.some((parameter) => parameter.startsWith('as='))) return undefined;
    const isDiscovery = parameters.includes('g=apidiscovery.k8s.io') && parameters.includes('as=APIGroupDiscoveryList');
    const version = AGGREGATED_VERSIONS.find((known) => parameters.includes(`v=${known}`));
    if (isDiscovery && version !== undefined) return version;
  }
  return undefined;
}

function aggregatedResource(definition: ResourceDefinition): object {
  return {
    resource: definition.resource,
    responseKind: { group: '', version: '', kind: definition.kind },
    scope: definition.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: definition.singular,
    verbs: definition.verbs,
    ...optionalLists(definition),
    ...(definition.subresources.length === 0
      ? {}
      : { subresources: definition.subresources.map(aggregatedSubresource) }),
  };
}

function aggregatedSubresource({ name, group, version, kind, verbs }: SubresourceDefinition): object {
  return { subresource: name, responseKind: { group: group ?? '', version: version ?? '', kind }, verbs };
}
