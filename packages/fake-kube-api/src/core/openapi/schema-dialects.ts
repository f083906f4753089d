import type { JsonSchema } from '../resource-definition.ts';

/** A schema as a document holds it. */
export type DocumentSchema = Readonly<Record<string, unknown>>;

const INT_OR_STRING = 'x-kubernetes-int-or-string';
const PRESERVE_UNKNOWN = 'x-kubernetes-preserve-unknown-fields';

/** What OpenAPI v2 has no word for, or what its readers in kubectl do not expect. */
const NOT_IN_V2: ReadonlySet<string> = new Set([
  'allOf',
  'anyOf',
  'default',
  'nullable',
  'oneOf',
  'not',
  'x-kubernetes-validations',
]);

/** A schema in the dialect of OpenAPI v3, its references into `#/components/schemas/`. */
export function toV3(schema: JsonSchema): DocumentSchema {
  if (schema.ref !== undefined) {
    const { ref, ...rest } = schema;
    const reference = { $ref: `#/components/schemas/${ref}` };
    return Object.keys(rest).length === 0 ? reference : { ...rest, allOf: [reference] };
  }
  const inner = withInner(schema, toV3);
  return schema[INT_OR_STRING] === true && schema.type === undefined
    ? { ...inner, format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }
    : inner;
}

/** A schema in the dialect of OpenAPI v2 (swagger), its references into `#/definitions/`. */
export function toV2(schema: JsonSchema): DocumentSchema {
  if (schema.ref !== undefined) {
    const { ref, ...rest } = schema;
    return { ...rest, $ref: `#/definitions/${ref}` };
  }
  if (schema[INT_OR_STRING] === true) {
    return { ...describe(schema), type: 'string', format: 'int-or-string' };
  }
  // kubectl checks manifests against this document: a type that is open must not name any fields.
  if (schema[PRESERVE_UNKNOWN] === true) return { ...describe(schema), [PRESERVE_UNKNOWN]: true };
  const entries = Object.entries(withInner(schema, toV2)).filter(([key]) => !NOT_IN_V2.has(key));
  return Object.fromEntries(entries);
}

function describe({ description }: JsonSchema): DocumentSchema {
  return description === undefined ? {} : { description };
}

function withInner(schema: JsonSchema, convert: (inner: JsonSchema) => DocumentSchema): DocumentSchema {
  const { properties, items, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(properties === undefined ? {} : { properties: mapValues(properties, convert) }),
    ...(items === undefined ? {} : { items: convert(items) }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'object' ? convert(additionalProperties) : additionalProperties,
        }),
  };
}

function mapValues(
  properties: Readonly<Record<string, JsonSchema>>,
  convert: (inner: JsonSchema) => DocumentSchema,
): Readonly<Record<string, DocumentSchema>> {
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, convert(property)]));
}
