import type { JsonSchema } from '../resource-definition.ts';
import { resolveSchema } from '../resources/schema-registry.ts';
import { createFieldSetBuilder, type FieldSet, type FieldSetBuilder } from './field-set.ts';
import { isRecord, jsonEqual } from './json-value.ts';
import { fieldSchema, shapeOf, type Shape } from './schema-shape.ts';

/** What is different between two versions of an object. */
export interface Comparison {
  /** Paths that are new or have another value. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

interface Comparing {
  readonly changed: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
  /** Where the comparison is. */
  readonly path: string[];
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
  const comparing: Comparing = { changed: createFieldSetBuilder(), removed: createFieldSetBuilder(), path: [] };
  compareValues(comparing, schema, before, after);
  return { changed: comparing.changed.build(), removed: comparing.removed.build() };
}

function compareValues(comparing: Comparing, schema: JsonSchema | undefined, before: unknown, after: unknown): void {
  if (before === after) return;
  const { changed, removed, path } = comparing;
  const pairs = childPairs(schema, before, after);
  for (const pair of pairs) {
    path.push(pair.element);
    compareValues(comparing, pair.schema, pair.before, pair.after);
    path.pop();
  }
  if (path.length === 0) return;
  if (before === undefined) changed.insert(path);
  else if (after === undefined) removed.insert(path);
  else if (pairs.length === 0 && !jsonEqual(before, after)) changed.insert(path);
}

interface ChildPair {
  readonly element: string;
  readonly schema: JsonSchema | undefined;
  readonly before: unknown;
  readonly after: unknown;
}

/** None where the two are compared as a whole: other shapes, or nothing inside. Null takes any shape. */
function childPairs(schema: JsonSchema | undefined, before: unknown, after: unknown): readonly ChildPair[] {
  const left = presentShape(schema, before);
  const right = presentShape(schema, after);
  const kinds = [left, right].flatMap((shape) => shape?.kind ?? []);
  if (kinds.length === 2 && kinds[0] !== kinds[1]) return [];
  if (kinds[0] === 'map') return fieldPairs(schema, before, after);
  return kinds[0] === 'list' ? itemPairs(schema, left, right) : [];
}

function presentShape(schema: JsonSchema | undefined, value: unknown): Shape | undefined {
  return value === undefined || value === null ? undefined : shapeOf(schema, value);
}

function fieldPairs(schema: JsonSchema | undefined, before: unknown, after: unknown): readonly ChildPair[] {
  const left = isRecord(before) ? before : {};
  const right = isRecord(after) ? after : {};
  const type = resolveSchema(schema);
  const names = Object.keys(right);
  for (const name of Object.keys(left)) if (!Object.hasOwn(right, name)) names.push(name);
  return names
    .filter((name) => left[name] !== right[name])
    .map((name) => {
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

function itemPairs(
  schema: JsonSchema | undefined,
  left: Shape | undefined,
  right: Shape | undefined,
): readonly ChildPair[] {
  const before = left?.kind === 'list' ? left.items : new Map<string, unknown>();
  const after = right?.kind === 'list' ? right.items : new Map<string, unknown>();
  return [...new Set([...before.keys(), ...after.keys()])].map((element) => ({
    element,
    schema: schema?.items,
    before: before.get(element),
    after: after.get(element),
  }));
}

/** The fields that an applied configuration claims (structured-merge-diff, `TypedValue.ToFieldSet`). */
export function fieldSetOf(schema: JsonSchema, configuration: object): FieldSet {
  const builder = createFieldSetBuilder();
  collectFields(builder, [], schema, configuration, false);
  return builder.build();
}

function collectFields(
  builder: FieldSetBuilder,
  path: string[],
  schema: JsonSchema | undefined,
  value: unknown,
  isOwn: boolean,
): void {
  const children = childPairs(schema, undefined, value);
  if (children.length === 0 || isOwn) builder.insert(path);
  const named = resolveSchema(schema)?.properties;
  for (const child of children) {
    // A key of a free map belongs to the manager itself; a named field only through what is in it.
    const isOwnChild = !child.element.startsWith('f:') || named?.[child.element.slice(2)] === undefined;
    path.push(child.element);
    collectFields(builder, path, child.schema, child.after, isOwnChild);
    path.pop();
  }
}
