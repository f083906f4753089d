import type { JsonSchema } from '../resource-definition.ts';

/** Every shared definition of the built-in resources, by its name in OpenAPI documents. */
export const sharedSchemas: Readonly<Record<string, JsonSchema>> = {};

/** The shared definition of that name; throws when there is none, which is a mistake in this package. */
export function schemaNamed(name: string): JsonSchema {
  return sharedSchemas[name] ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
}

/** Follows `ref` to the definition that it names. */
export function resolveSchema(schema: JsonSchema | undefined): JsonSchema | undefined {
  return schema?.ref === undefined ? schema : schemaNamed(schema.ref);
}
