import type { ResourceDefinition, ResourceVerb, SubresourceDefinition, TableColumn } from '../resource-definition.ts';
import { schemaNamed } from './schema-registry.ts';
import { ageColumn, nameColumn } from './columns.ts';

/** Every verb that an ordinary resource allows, in the order of discovery documents. */
export const ALL_VERBS: readonly ResourceVerb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

const READ_AND_CHANGE: readonly ResourceVerb[] = ['get', 'patch', 'update'];

/** What a built-in resource says of itself; everything else follows by the conventions of the API. */
export type ResourceFacts = Pick<ResourceDefinition, 'group' | 'version' | 'resource' | 'kind' | 'schemaName'> &
  Partial<Omit<ResourceDefinition, 'subresources' | 'schema'>> & {
    /** `status` and `scale` by name, others in full. */
    readonly subresources?: readonly ('status' | 'scale' | SubresourceDefinition)[];
  };

/** Fills in the conventional members of a definition: namespaced, all verbs, singular and list kind, name and age. */
export function defineResource(facts: ResourceFacts): ResourceDefinition {
  const columns: readonly TableColumn[] = [nameColumn, ageColumn];
  return {
    singular: facts.kind.toLowerCase(),
    listKind: `${facts.kind}List`,
    namespaced: true,
    shortNames: [],
    categories: [],
    verbs: ALL_VERBS,
    columns,
    fieldSelectors: [],
    strategicMerge: true,
    ...facts,
    schema: schemaNamed(facts.schemaName),
    subresources: (facts.subresources ?? []).map((subresource) => subresourceOf(subresource, facts.kind)),
  };
}

function subresourceOf(subresource: 'status' | 'scale' | SubresourceDefinition, kind: string): SubresourceDefinition {
  if (subresource === 'status') return { name: 'status', kind, verbs: READ_AND_CHANGE };
  if (subresource === 'scale') {
    return { name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: READ_AND_CHANGE };
  }
  return subresource;
}
