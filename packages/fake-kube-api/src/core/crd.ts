import type { KubeObject } from '../protocol/kube-object.ts';
import { parseJsonPath, readJsonPath } from './json-path.ts';
import { isRecord } from './patch/json-value.ts';
import type { JsonSchema, ResourceDefinition, SubresourceDefinition, TableColumn } from './resource-definition.ts';
import { ageColumn, ageOf, nameColumn } from './resources/columns.ts';
import { ALL_VERBS } from './resources/define-resource.ts';
import { fieldsAt, itemsAt, textAt, textsAt, valueAt, type Fields } from './resources/read-fields.ts';
import { OBJECT_META, resolveSchema } from './resources/schema-registry.ts';
import { pruneUnknown, schemaCauses } from './schema-check.ts';

const COLUMN_TYPES = ['string', 'integer', 'number', 'boolean', 'date'] as const;

/**
 * The resources that a CustomResourceDefinition brings: one for each version that it serves, with its columns,
 * subresources and schema. Objects are pruned, given defaults and checked by the schema (Kubernetes documentation,
 * Extend the Kubernetes API with CustomResourceDefinitions); rules in CEL are not evaluated, and nothing is converted
 * between versions.
 */
export function definitionsOfCrd(object: KubeObject): readonly ResourceDefinition[] {
  return itemsAt(object, 'spec', 'versions')
    .filter((version) => version['served'] === true)
    .map((version) => definitionOfVersion(object, version));
}

function definitionOfVersion(object: KubeObject, version: Fields): ResourceDefinition {
  const names = fieldsAt(object, 'spec', 'names');
  const group = textAt(object, 'spec', 'group');
  const kind = textAt(names, 'kind');
  const name = textAt(version, 'name');
  const schema = schemaOf(version);
  const hasStatus = valueAt(version, 'subresources', 'status') !== undefined;
  const scale = valueAt(version, 'subresources', 'scale');
  const printed = itemsAt(version, 'additionalPrinterColumns').map(printerColumn);
  return {
    group,
    version: name,
    resource: textAt(names, 'plural'),
    singular: textAt(names, 'singular') || kind.toLowerCase(),
    kind,
    listKind: textAt(names, 'listKind') || `${kind}List`,
    namespaced: textAt(object, 'spec', 'scope') === 'Namespaced',
    shortNames: textsAt(names, 'shortNames'),
    categories: textsAt(names, 'categories'),
    verbs: ALL_VERBS,
    subresources: subresourcesOf(kind, hasStatus, isRecord(scale)),
    columns: [nameColumn, ...(printed.length === 0 ? [ageColumn] : printed)],
    schemaName: `${group.split('.').toReversed().join('.')}.${name}.${kind}`,
    schema,
    fieldSelectors: itemsAt(version, 'selectableFields').map((field) => textAt(field, 'jsonPath').replace(/^\./, '')),
    strategicMerge: false,
    ...(isRecord(scale) ? { scalePaths: scalePathsOf(scale) } : {}),
    prepare: (instance, old) => {
      const { status: _, ...withoutStatus } = instance;
      const given = hasStatus && old === undefined ? withoutStatus : instance;
      return withSchemaDefaults(schema, pruneUnknown(schema, given)) as KubeObject;
    },
    validate: (instance) => schemaCauses(schema, instance, true),
  };
}

function schemaOf(version: Fields): JsonSchema {
  const given = fieldsAt(version, 'schema', 'openAPIV3Schema') as JsonSchema;
  return {
    ...given,
    type: 'object',
    properties: {
      ...given.properties,
      apiVersion: { type: 'string', description: 'Group and version of this kind.' },
      kind: { type: 'string', description: 'The kind of this object.' },
      metadata: { ref: OBJECT_META, description: 'Name, labels and what the server notes of the object.' },
    },
  };
}

function subresourcesOf(kind: string, hasStatus: boolean, hasScale: boolean): readonly SubresourceDefinition[] {
  const verbs = ['get', 'patch', 'update'] as const;
  return [
    ...(hasScale ? [{ name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs }] : []),
    ...(hasStatus ? [{ name: 'status', kind, verbs }] : []),
  ];
}

function scalePathsOf(scale: Fields): NonNullable<ResourceDefinition['scalePaths']> {
  const path = (name: string): string => textAt(scale, name).replace(/^\./, '');
  const selector = path('labelSelectorPath');
  return {
    spec: path('specReplicasPath'),
    status: path('statusReplicasPath'),
    ...(selector === '' ? {} : { selector }),
  };
}

function printerColumn(given: Fields): TableColumn {
  const type = COLUMN_TYPES.find((one) => one === given['type']) ?? 'string';
  const steps = parseJsonPath(textAt(given, 'jsonPath'));
  return {
    name: textAt(given, 'name'),
    type,
    ...(textAt(given, 'format') === '' ? {} : { format: textAt(given, 'format') }),
    description: textAt(given, 'description') || `The value at ${textAt(given, 'jsonPath')}.`,
    priority: typeof given['priority'] === 'number' ? given['priority'] : 0,
    value: (object, nowMs) => {
      const found = steps === undefined ? [] : readJsonPath(steps, object);
      if (type === 'date') return found.length === 0 ? '' : ageOf(found[0], nowMs);
      const [first] = found;
      if (found.length === 1 && (typeof first === 'number' || typeof first === 'boolean')) return first;
      return found.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(',');
    },
  };
}

/** Fills in the `default`s of a schema wherever a value is absent; the same value where none is. */
function withSchemaDefaults(given: JsonSchema | undefined, value: unknown): unknown {
  const schema = resolveSchema(given);
  if (schema === undefined) return value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    const filled = items.map((item) => withSchemaDefaults(schema.items, item));
    return filled.every((item, index) => item === items[index]) ? value : filled;
  }
  if (!isRecord(value)) return value;
  let result = value;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const missing = value[name] === undefined || (value[name] === null && property.nullable !== true);
    const field = missing ? (property.default ?? value[name]) : value[name];
    const filled = withSchemaDefaults(property, field);
    if (filled !== value[name]) result = { ...result, [name]: filled };
  }
  if (typeof schema.additionalProperties === 'object') {
    for (const [name, field] of Object.entries(value)) {
      if (schema.properties?.[name] !== undefined) continue;
      const filled = withSchemaDefaults(schema.additionalProperties, field);
      if (filled !== field) result = { ...result, [name]: filled };
    }
  }
  return result;
}
