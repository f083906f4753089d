import type { JsonSchema } from '../resource-definition.ts';
import { resolveSchema } from '../resources/schema-registry.ts';
import { createFieldSetBuilder, type FieldSet, type FieldSetBuilder } from './field-set.ts';
import { isRecord, jsonEqual } from './json-value.ts';
import { fieldSchema, shapeOf } from './schema-shape.ts';

/** What is different between two versions of an object. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Builders {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

/**
 * Parts that every object has on the real server, if only empty, because their Go types are no pointers. They never
 * count as added: nobody owns `spec` itself.
 */
const ALWAYS_PRESENT: ReadonlySet<string> = new Set([
  'jobTemplate',
  'metadata',
  'spec',
  'status',
  'strategy',
  'template',
  'updateStrategy',
]);

/** Compares field by field as apply would merge (sigs.k8s.io/structured-merge-diff, `TypedValue.Compare`). */
export function compareObjects(schema: JsonSchema, before: object, after: object): Comparison {
  const builders: Builders = {
    added: createFieldSetBuilder(),
    modified: createFieldSetBuilder(),
    removed: createFieldSetBuilder(),
  };
  compareValues(builders, [], schema, before, after);
  return {
    added: builders.added.build(),
    modified: builders.modified.build(),
    removed: builders.removed.build(),
  };
}

function compareValues(
  builders: Builders,
  path: readonly string[],
  schema: JsonSchema | undefined,
  before: unknown,
  after: unknown,
): void {
  if (before === after) return;
  const deeper = childrenOf(schema, before, after);
  if (deeper === undefined) {
    if (before === undefined) builders.added.insert(path);
    else if (after === undefined) builders.removed.insert(path);
    else if (!jsonEqual(before, after)) builders.modified.insert(path);
    return;
  }
  for (const child of deeper) {
    compareValues(builders, [...path, child.element], child.schema, child.before, child.after);
  }
  if (before === undefined) builders.added.insert(path);
  else if (after === undefined) builders.removed.insert(path);
}

interface ChildPair {
  readonly element: string;
  readonly schema: JsonSchema | undefined;
  readonly before: unknown;
  readonly after: unknown;
}

/** Undefined where the two are compared as a whole: other shapes, or nothing inside. Null takes any shape. */
function childrenOf(schema: JsonSchema | undefined, before: unknown, after: unknown): readonly ChildPair[] | undefined {
  const sides = [before, after].filter((side) => side !== undefined && side !== null);
  const shapes = sides.map((side) => shapeOf(schema, side));
  if (shapes.length === 0 || shapes.some(({ kind }) => kind === 'whole' || kind !== shapes[0]?.kind)) return undefined;
  const pairs = shapes[0]?.kind === 'map' ? fieldPairs(schema, before, after) : itemPairs(schema, before, after);
  return pairs.length === 0 ? undefined : pairs;
}

function fieldPairs(schema: JsonSchema | undefined, before: unknown, after: unknown): readonly ChildPair[] {
  const left = isRecord(before) ? before : {};
  const right = isRecord(after) ? after : {};
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  const type = resolveSchema(schema);
  return [...names].map((name) => {
    const isImplied = before !== undefined && left[name] === undefined && isAlwaysPresent(type, name, right[name]);
    return {
      element: `f:${name}`,
      schema: fieldSchema(schema, name),
      before: isImplied ? null : left[name],
      after: right[name],
    };
  });
}

function isAlwaysPresent(type: JsonSchema | undefined, field: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || type?.properties?.[field] === undefined) return false;
  return ALWAYS_PRESENT.has(field) || type.required?.includes(field) === true;
}

function itemPairs(schema: JsonSchema | undefined, before: unknown, after: unknown): readonly ChildPair[] {
  const left = itemsByElement(schema, before);
  const right = itemsByElement(schema, after);
  return [...new Set([...left.keys(), ...right.keys()])].map((element) => ({
    element,
    schema: schema?.items,
    before: left.get(element),
    after: right.get(element),
  }));
}

/** The items of a list by their path elements; empty for what is no list of that kind. */
export function itemsByElement(schema: JsonSchema | undefined, list: unknown): ReadonlyMap<string, unknown> {
  const shape = shapeOf(schema, list);
  if (shape.kind !== 'list' || !Array.isArray(list)) return new Map();
  const items: readonly unknown[] = list;
  return new Map(shape.elements.map((element, index) => [element, items[index]]));
}

/** The fields that an applied configuration claims (structured-merge-diff, `TypedValue.ToFieldSet`). */
export function fieldSetOf(schema: JsonSchema, configuration: object): FieldSet {
  const builder = createFieldSetBuilder();
  collectFields(builder, [], schema, configuration, false);
  return builder.build();
}

function collectFields(
  builder: FieldSetBuilder,
  path: readonly string[],
  schema: JsonSchema | undefined,
  value: unknown,
  isItem: boolean,
): void {
  const children = childrenOf(schema, undefined, value);
  if (children === undefined || isItem) builder.insert(path);
  const named = resolveSchema(schema)?.properties;
  for (const child of children ?? []) {
    // A key of a free map belongs to the manager itself; a named field only through what is in it.
    const isOwn = !child.element.startsWith('f:') || named?.[child.element.slice(2)] === undefined;
    collectFields(builder, [...path, child.element], child.schema, child.after, isOwn);
  }
}
