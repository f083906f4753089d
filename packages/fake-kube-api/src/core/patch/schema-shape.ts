import type { JsonSchema } from '../resource-definition.ts';
import { resolveSchema } from '../resources/schema-registry.ts';
import { isRecord } from './json-value.ts';

/**
 * How apply treats a value (Kubernetes documentation, Server-Side Apply, § Merge strategy): a map field by field, a list
 * item by item, anything else as a whole. `items` are those of a list by their path elements, in order.
 */
export type Shape =
  | { readonly kind: 'map' }
  | { readonly kind: 'list'; readonly items: ReadonlyMap<string, unknown> }
  | { readonly kind: 'whole' };

const MAP: Shape = { kind: 'map' };
const WHOLE: Shape = { kind: 'whole' };

/** The shape of a value under its schema. A list with the same item twice is treated as a whole. */
export function shapeOf(schema: JsonSchema | undefined, value: unknown): Shape {
  if (isRecord(value)) return mapTypeOf(schema) === 'atomic' ? WHOLE : MAP;
  const listType = schema?.['x-kubernetes-list-type'];
  if (!Array.isArray(value) || (listType !== 'map' && listType !== 'set')) return WHOLE;
  const items = new Map<string, unknown>();
  for (const item of value as readonly unknown[]) {
    const element = listType === 'set' ? `v:${JSON.stringify(item)}` : itemElement(schema, item);
    if (element === undefined || items.has(element)) return WHOLE;
    items.set(element, item);
  }
  return { kind: 'list', items };
}

function mapTypeOf(schema: JsonSchema | undefined): string | undefined {
  return schema?.['x-kubernetes-map-type'] ?? resolveSchema(schema)?.['x-kubernetes-map-type'];
}

/** A key that an item leaves out counts with its default, as `protocol` of a port does. */
function itemElement(list: JsonSchema | undefined, item: unknown): string | undefined {
  if (!isRecord(item)) return undefined;
  const properties = resolveSchema(list?.items)?.properties;
  const keys = [...(list?.['x-kubernetes-list-map-keys'] ?? [])].sort();
  const entries = keys.flatMap((key) => {
    const value = item[key] ?? properties?.[key]?.default;
    return value === undefined || value === null ? [] : [[key, value] as const];
  });
  return entries.length === 0 ? undefined : `k:${JSON.stringify(Object.fromEntries(entries))}`;
}

/** The schema of a field, by name or as a value of a map; undefined where nothing is known of it. */
export function fieldSchema(schema: JsonSchema | undefined, field: string): JsonSchema | undefined {
  const resolved = resolveSchema(schema);
  const properties = resolved?.properties;
  if (properties !== undefined && Object.hasOwn(properties, field)) return properties[field];
  return typeof resolved?.additionalProperties === 'object' ? resolved.additionalProperties : undefined;
}
