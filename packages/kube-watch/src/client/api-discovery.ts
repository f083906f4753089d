import type { ApiResource } from '../protocol/resource.ts';
import { createKubeWatchError } from '../core/kube-watch-error.ts';
import type { KubeHttp } from './http.ts';

/** Aggregated discovery (Kubernetes documentation, § API discovery), and the plain form of older servers beside it. */
const ACCEPT = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

interface AggregatedResource {
  readonly resource?: string;
  readonly responseKind?: { readonly kind?: string };
  readonly scope?: string;
  readonly singularResource?: string;
  readonly verbs?: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly { readonly subresource?: string }[];
}

interface AggregatedGroups {
  readonly kind?: string;
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly { readonly version?: string; readonly resources?: readonly AggregatedResource[] }[];
  }[];
}

interface PlainRoot {
  /** Of `/api`. */
  readonly versions?: readonly string[];
  /** Of `/apis`. */
  readonly groups?: readonly {
    readonly name?: string;
    readonly versions?: readonly { readonly version?: string }[];
    readonly preferredVersion?: { readonly version?: string };
  }[];
}

interface PlainResources {
  readonly resources?: readonly {
    readonly name?: string;
    readonly kind?: string;
    readonly namespaced?: boolean;
    readonly singularName?: string;
    readonly verbs?: readonly string[];
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  }[];
}

/**
 * All resource types of a cluster. A group that cannot be asked is left out and hides no other; it rejects, with a
 * KubeWatchError, only when neither `/api` nor `/apis` answered.
 */
export async function discoverApiResources(http: KubeHttp, cluster: string): Promise<readonly ApiResource[]> {
  const get = async <T>(path: string): Promise<T> => {
    const text = await http.readWithRefresh({ cluster, path, init: { headers: { Accept: ACCEPT } } });
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      const message = `expected ${path} in JSON`;
      throw createKubeWatchError({ code: 'KUBE_MALFORMED', message, cluster, cause });
    }
  };
  const roots = await Promise.allSettled(['/api', '/apis'].map((path) => discoverBelow(get, path)));
  const found = roots.flatMap((root) => (root.status === 'fulfilled' ? [root.value] : []));
  if (found.length === 0) throw (roots[0] as PromiseRejectedResult).reason;
  return found.flat();
}

type Get = <T>(path: string) => Promise<T>;

async function discoverBelow(get: Get, path: string): Promise<readonly ApiResource[]> {
  const root = await get<AggregatedGroups & PlainRoot>(path);
  if (root.kind === 'APIGroupDiscoveryList') return readAggregated(root);
  const core = (root.versions ?? []).map((version, index) => ({
    group: '',
    version,
    isPreferred: index === 0,
    path: `/api/${version}`,
  }));
  const groups = (root.groups ?? []).flatMap(({ name = '', versions = [], preferredVersion }) =>
    versions.flatMap(({ version }) =>
      version === undefined
        ? []
        : [
            {
              group: name,
              version,
              isPreferred: version === preferredVersion?.version,
              path: `/apis/${name}/${version}`,
            },
          ],
    ),
  );
  const lists = await Promise.allSettled(
    [...core, ...groups].map(async (place) => readPlain(await get<PlainResources>(place.path), place)),
  );
  return lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []));
}

function readAggregated({ items = [] }: AggregatedGroups): ApiResource[] {
  return items.flatMap(({ metadata, versions = [] }) =>
    versions.flatMap(({ version, resources = [] }, index) => {
      if (version === undefined) return [];
      return resources.flatMap((found) => {
        const { resource, responseKind, scope, singularResource, shortNames, categories, verbs = [] } = found;
        if (resource === undefined || responseKind?.kind === undefined) return [];
        const subresources = (found.subresources ?? []).flatMap(({ subresource }) => subresource ?? []);
        return {
          ...groupOf(metadata?.name),
          version,
          resource,
          kind: responseKind.kind,
          namespaced: scope === 'Namespaced',
          verbs,
          ...namesOf(singularResource, shortNames, categories),
          subresources,
          // The server lists the version that it prefers first.
          isPreferred: index === 0,
        };
      });
    }),
  );
}

function readPlain(
  { resources = [] }: PlainResources,
  { group, version, isPreferred }: { readonly group: string; readonly version: string; readonly isPreferred: boolean },
): ApiResource[] {
  const subresources = new Map<string, string[]>();
  for (const { name = '' } of resources) {
    const [owner = '', ...rest] = name.split('/');
    if (rest.length > 0) subresources.set(owner, [...(subresources.get(owner) ?? []), rest.join('/')]);
  }
  return resources.flatMap(
    ({ name = '', kind, namespaced = false, singularName, shortNames, categories, verbs = [] }) => {
      if (name === '' || name.includes('/') || kind === undefined) return [];
      return {
        ...groupOf(group),
        version,
        resource: name,
        kind,
        namespaced,
        verbs,
        ...namesOf(singularName, shortNames, categories),
        subresources: subresources.get(name) ?? [],
        isPreferred,
      };
    },
  );
}

function groupOf(group: string | undefined): { readonly group?: string } {
  return group === undefined || group === '' ? {} : { group };
}

function namesOf(
  singular: string | undefined,
  shortNames: readonly string[] | undefined,
  categories: readonly string[] | undefined,
): Pick<ApiResource, 'singular' | 'shortNames' | 'categories'> {
  return {
    ...(singular === undefined || singular === '' ? {} : { singular }),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
  };
}
