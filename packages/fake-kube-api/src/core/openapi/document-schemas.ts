import type { JsonSchema, ResourceDefinition, SubresourceDefinition } from '../resource-definition.ts';
import { schemaNamed } from '../resources/schema-registry.ts';
import type { DocumentSchema } from './schema-dialects.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Options of a deletion, by their name in documents. */
export const DELETE_OPTIONS = `${META}.DeleteOptions`;

/** Schemas of subresources that have a kind of their own. */
const SUBRESOURCE_SCHEMAS: Readonly<Record<string, string>> = {
  Scale: 'io.k8s.api.autoscaling.v1.Scale',
  Eviction: 'io.k8s.api.policy.v1.Eviction',
};

/** Group, version and kind, as `x-kubernetes-group-version-kind` says them. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** The kind of a resource, or of one of its subresources. */
export function kindOf(definition: ResourceDefinition, subresource?: SubresourceDefinition): GroupVersionKind {
  return {
    group: subresource?.group ?? definition.group,
    kind: subresource?.kind ?? definition.kind,
    version: subresource?.version ?? definition.version,
  };
}

/** The name of the schema of a resource, or of one of its subresources. */
export function schemaNameOf(definition: ResourceDefinition, subresource?: SubresourceDefinition): string {
  if (subresource === undefined || subresource.kind === definition.kind) return definition.schemaName;
  return SUBRESOURCE_SCHEMAS[subresource.kind] ?? definition.schemaName;
}

/** The name of the schema of a resource's list. */
export function listSchemaName(definition: ResourceDefinition): string {
  return `${definition.schemaName}List`;
}

/** Every schema that the documents of these resources need, in the dialect of `convert`, by name and in order. */
export function documentSchemas(
  definitions: readonly ResourceDefinition[],
  convert: (schema: JsonSchema) => DocumentSchema,
): Readonly<Record<string, DocumentSchema>> {
  const own = new Map<string, JsonSchema>();
  const kinds = new Map<string, GroupVersionKind>();
  for (const definition of definitions) {
    own.set(definition.schemaName, definition.schema);
    own.set(listSchemaName(definition), listSchema(definition));
    kinds.set(definition.schemaName, kindOf(definition));
    kinds.set(listSchemaName(definition), { ...kindOf(definition), kind: definition.listKind });
    for (const subresource of definition.subresources) {
      const name = schemaNameOf(definition, subresource);
      if (name !== definition.schemaName) kinds.set(name, kindOf(definition, subresource));
    }
  }
  const found = new Map<string, DocumentSchema>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    const schema = own.get(name) ?? schemaNamed(name);
    const kind = kinds.get(name);
    found.set(name, {
      ...convert(schema),
      ...(kind === undefined ? {} : { 'x-kubernetes-group-version-kind': [kind] }),
    });
    visitRefs(schema, visit);
  };
  [...own.keys(), ...kinds.keys(), DELETE_OPTIONS].forEach(visit);
  return Object.fromEntries([...found].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function listSchema({ kind, schemaName }: ResourceDefinition): JsonSchema {
  return {
    type: 'object',
    description: `A list of objects of the kind ${kind}.`,
    properties: {
      apiVersion: { type: 'string', description: 'Group and version of this kind.' },
      items: { type: 'array', description: 'The objects.', items: { ref: schemaName } },
      kind: { type: 'string', description: 'The kind of this list.' },
      metadata: { ref: `${META}.ListMeta`, description: 'What the server says of the list.' },
    },
    required: ['items'],
  };
}

function visitRefs(schema: JsonSchema, visit: (name: string) => void): void {
  if (schema.ref !== undefined) visit(schema.ref);
  const inner = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  for (const one of inner) {
    if (typeof one === 'object') visitRefs(one, visit);
  }
}
