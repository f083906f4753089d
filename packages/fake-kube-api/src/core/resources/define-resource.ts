import type { KubeObject } from '../../protocol/kube-object.ts';
import type { ResourceDefinition, ResourceVerb, SubresourceDefinition } from '../resource-definition.ts';
import { pruneUnknown, schemaCauses } from '../schema-check.ts';
import { ageColumn, nameColumn } from './columns.ts';
import { schemaNamed } from './schema-registry.ts';

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

/**
 * Fills in the conventional members of a definition: namespaced, all verbs, singular and list kind, name and age. Before
 * the defaults of the resource it drops fields that are null or that the schema does not know; values of a wrong type
 * are refused.
 */
export function defineResource(facts: ResourceFacts): ResourceDefinition {
  const schema = schemaNamed(facts.schemaName);
  const { prepare, validate } = facts;
  return {
    singular: facts.kind.toLowerCase(),
    listKind: `${facts.kind}List`,
    namespaced: true,
    shortNames: [],
    categories: [],
    verbs: ALL_VERBS,
    columns: [nameColumn, ageColumn],
    fieldSelectors: [],
    strategicMerge: true,
    ...facts,
    schema,
    subresources: (facts.subresources ?? []).map((subresource) => subresourceOf(subresource, facts.kind)),
    prepare: (object, old) => {
      const known = pruneUnknown(schema, object, true) as KubeObject;
      return prepare === undefined ? known : prepare(known, old);
    },
    validate: (object, old) => {
      const wrongTypes = schemaCauses(schema, object, false);
      return wrongTypes.length > 0 || validate === undefined ? wrongTypes : validate(object, old);
    },
  };
}

function subresourceOf(subresource: 'status' | 'scale' | SubresourceDefinition, kind: string): SubresourceDefinition {
  if (subresource === 'status') return { name: 'status', kind, verbs: READ_AND_CHANGE };
  if (subresource === 'scale') {
    return { name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: READ_AND_CHANGE };
  }
  return subresource;
}
