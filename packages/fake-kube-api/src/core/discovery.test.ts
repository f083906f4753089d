import { describe, expect, it } from 'vitest';
import { recorded } from '../../test/support/objects.ts';
import { discoveryResponse } from './discovery.ts';
import { builtinResources } from './resources/builtin-resources.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

function ask<T>(path: string, accept?: string): T {
  const response = discoveryResponse(path, accept, builtinResources);
  if (response === undefined) throw new Error(`no answer for ${path}`);
  return response.body as T;
}

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly storageVersionHash?: string }[];
}

interface GroupList {
  readonly groups: readonly { readonly name: string; readonly versions: readonly object[] }[];
}

interface Aggregated {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly { readonly version: string; readonly resources: readonly AggregatedResource[] }[];
  }[];
}

interface AggregatedResource {
  readonly resource: string;
  readonly subresources?: readonly { readonly subresource: string }[];
}

/** Resources of ours and of the recorded server, without what ours does not have. */
function compare(path: string, fixture: string): { readonly ours: unknown; readonly theirs: unknown } {
  const ours = ask<ResourceList>(path);
  const names = new Set(ours.resources.map(({ name }) => name));
  const { resources, ...theirs } = recorded<ResourceList>(fixture);
  return {
    ours,
    theirs: {
      ...theirs,
      resources: resources
        .filter(({ name }) => names.has(name))
        .map(({ storageVersionHash: _, ...resource }) => resource),
    },
  };
}

describe('plain discovery', () => {
  it('names the version of the core group', () => {
    expect(ask('/api')).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
  });

  it('describes the core resources as the real server does', () => {
    const { ours, theirs } = compare('/api/v1', 'api-v1.json');
    expect(ours).toEqual(theirs);
  });

  it('describes the resources of a group as the real server does', () => {
    const { ours, theirs } = compare('/apis/apps/v1', 'apis-apps-v1.json');
    expect(ours).toEqual(theirs);
  });

  it('names the groups as the real server does', () => {
    const { groups } = ask<GroupList>('/apis');
    const all = recorded<GroupList>('apis.json').groups;
    for (const group of groups.filter(({ name }) => name !== 'autoscaling')) expect(all).toContainEqual(group);
    const names = new Set(groups.map(({ name }) => name));
    expect(groups.map(({ name }) => name)).toEqual(all.map(({ name }) => name).filter((name) => names.has(name)));
    expect(ask('/apis/apps')).toMatchObject({ kind: 'APIGroup', name: 'apps', preferredVersion: { version: 'v1' } });
  });

  it('has no answer for groups, versions and paths that there are not', () => {
    for (const path of ['/apis/none', '/apis/apps/v2', '/api/v2', '/api/v1/pods', '/version']) {
      expect(discoveryResponse(path, undefined, builtinResources)).toBeUndefined();
    }
  });
});

describe('aggregated discovery', () => {
  it('describes groups and resources as the real server does', () => {
    const theirs = new Map(
      recorded<Aggregated>('apis-aggregated-discovery.json').items.map((item) => [item.metadata.name, item]),
    );
    for (const group of ask<Aggregated>('/apis', AGGREGATED).items) {
      for (const { version, resources } of group.versions) {
        const other = theirs.get(group.metadata.name)?.versions.find((one) => one.version === version);
        for (const resource of resources) expect(other?.resources).toContainEqual(resource);
      }
    }
  });

  it('also holds the core group, at /api', () => {
    const { items } = ask<Aggregated>('/api', AGGREGATED);
    expect(items).toHaveLength(1);
    expect(items[0]?.versions[0]?.resources.map(({ resource }) => resource)).toContain('pods');
  });

  it('is answered in the version that is asked for first', () => {
    const accept = `${AGGREGATED.replace('v=v2', 'v=v2beta1')},application/json`;
    const response = discoveryResponse('/apis', accept, builtinResources);
    expect(response?.contentType).toBe('application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList');
    expect(response?.body).toMatchObject({ apiVersion: 'apidiscovery.k8s.io/v2beta1' });
    expect(discoveryResponse('/apis', 'application/json', builtinResources)?.contentType).toBe('application/json');
  });
});
