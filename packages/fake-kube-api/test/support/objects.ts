import { readFileSync } from 'node:fs';
import type { KubeObject } from '../../src/protocol/kube-object.ts';
import type { ResourceDefinition } from '../../src/core/resource-definition.ts';
import { builtinResources } from '../../src/core/resources/builtin-resources.ts';

/** A recorded answer of a real API server. */
export function recorded<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../../fixtures/kubernetes/${name}`, import.meta.url), 'utf8')) as T;
}

/** The recorded pods, with the `apiVersion` and `kind` that items of a list leave out. */
export function recordedPods(): readonly KubeObject[] {
  const { items } = recorded<{ readonly items: readonly KubeObject[] }>('list-pods.json');
  return items.map((item) => ({ ...item, apiVersion: 'v1', kind: 'Pod' }));
}

/** The built-in resource of that plural name. */
export function definitionOf(resource: string): ResourceDefinition {
  const definition = builtinResources.find((one) => one.resource === resource);
  if (definition === undefined) throw new Error(`there is no resource ${resource}`);
  return definition;
}

/** An object of a built-in resource, named `web` in `default` unless `more` says otherwise. */
export function objectOf(
  resource: string,
  more: { readonly metadata?: object; readonly [field: string]: unknown } = {},
): KubeObject {
  const { group, version, kind, namespaced } = definitionOf(resource);
  return {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    ...more,
    metadata: {
      name: 'web',
      ...(namespaced ? { namespace: 'default' } : {}),
      uid: 'b5f0a2de-0000-4000-8000-000000000000',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...more.metadata,
    },
  };
}
