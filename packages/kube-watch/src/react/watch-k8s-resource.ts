import type { ResourceMatch } from '../client/api-resources.ts';
import { selectorText, type K8sSelector } from '../core/selector-text.ts';
import type { ListRequest } from './use-list-views.ts';

/** What `useK8sWatchResource` watches, as OpenShift's console has it. The type is found by discovery. */
export interface WatchK8sResource {
  readonly groupVersionKind?:
    { readonly group?: string | undefined; readonly version?: string | undefined; readonly kind: string } | undefined;
  /** In place of `groupVersionKind`: `Pod`, or `group~version~Kind` with `core` for no group. */
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  /** A list; else one object. */
  readonly isList?: boolean | undefined;
  readonly selector?: K8sSelector | undefined;
  readonly fieldSelector?: string | undefined;
  /** At most so many. */
  readonly limit?: number | undefined;
  /** Metadata alone. */
  readonly partialMetadata?: boolean | undefined;
  /** That it cannot be read is no error. */
  readonly optional?: boolean | undefined;
  /** Default: the provider's. */
  readonly cluster?: string | undefined;
}

/** The list that answers it. Throws when neither the resource nor the provider names a cluster. */
export function listOfK8sResource(init: WatchK8sResource | null, cluster: string | undefined): ListRequest {
  const wanted = init?.cluster ?? cluster;
  if (init === null) return { resource: [], clusters: [] };
  if (wanted === undefined)
    throw new Error('expected `cluster` in the resource or on the KubeWatchProvider, got neither');
  const { fieldSelector, isList = false, limit, name, namespace, partialMetadata = false, selector } = init;
  const fields = [name === undefined ? '' : `metadata.name=${name}`, fieldSelector ?? ''].filter((part) => part !== '');
  return {
    resource: [matchOf(init)],
    clusters: [wanted],
    namespaces: namespace === undefined || namespace === '' ? [] : [namespace],
    labelSelector: selector === undefined ? undefined : selectorText(selector),
    fieldSelector: fields.length === 0 ? undefined : fields.join(','),
    projection: partialMetadata ? 'metadata' : undefined,
    maxItems: isList ? limit : undefined,
  };
}

function matchOf({ groupVersionKind, kind = '' }: WatchK8sResource): ResourceMatch {
  if (groupVersionKind !== undefined) {
    const { group = '', version } = groupVersionKind;
    return { kind: groupVersionKind.kind, group, version };
  }
  const parts = kind.split('~');
  if (parts.length < 3) return { kind };
  const [group = '', version = '', name = ''] = parts;
  return { kind: name, group: group === 'core' ? '' : group, version };
}
