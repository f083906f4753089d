import type { JsonSchema } from '../resource-definition.ts';
import type { FieldSet } from './field-set.ts';
import { isRecord } from './json-value.ts';
import { fieldSchema, shapeOf } from './schema-shape.ts';

/** Lays an applied configuration over an object: maps field by field, lists by their type, all else replaced. */
export function mergeApplied(schema: JsonSchema | undefined, live: unknown, applied: unknown): unknown {
  const shape = shapeOf(schema, applied);
  const liveShape = shapeOf(schema, live);
  if (shape.kind === 'list' && liveShape.kind === 'list') return mergeItems(schema, liveShape.items, shape.items);
  if (shape.kind !== 'map' || liveShape.kind !== 'map') return applied;
  if (!isRecord(live) || !isRecord(applied)) return applied;
  const result: Record<string, unknown> = { ...live };
  for (const [name, value] of Object.entries(applied)) {
    result[name] = mergeApplied(fieldSchema(schema, name), live[name], value);
  }
  return result;
}

/** Keeps the order of the applied items, and those of the live list between them where they stood. */
function mergeItems(
  schema: JsonSchema | undefined,
  left: ReadonlyMap<string, unknown>,
  right: ReadonlyMap<string, unknown>,
): readonly unknown[] {
  const pending = [...right.keys()];
  const result: unknown[] = [];
  const takeUntil = (element: string): void => {
    const end = pending.indexOf(element);
    for (const key of pending.splice(0, end + 1))
      result.push(mergeApplied(schema?.items, left.get(key), right.get(key)));
  };
  for (const [element, item] of left) {
    if (!right.has(element)) result.push(item);
    else if (pending.includes(element)) takeUntil(element);
  }
  const last = pending.at(-1);
  if (last !== undefined) takeUntil(last);
  return result;
}

/**
 * Takes out what a manager has applied before and no longer applies, where nobody owns it now
 * (structured-merge-diff, `Updater.prune`). `last` is what it owned, `kept` what all managers own now.
 */
export function pruneApplied(schema: JsonSchema | undefined, value: unknown, last: FieldSet, kept: FieldSet): unknown {
  const shape = shapeOf(schema, value);
  if (shape.kind === 'map' && isRecord(value)) {
    const entries = Object.entries(value).flatMap(([name, field]) => {
      const rest = pruneChild(fieldSchema(schema, name), field, `f:${name}`, last, kept);
      return rest === undefined ? [] : [[name, rest.value] as const];
    });
    return Object.fromEntries(entries);
  }
  if (shape.kind !== 'list') return value;
  return [...shape.items].flatMap(([element, item]) => {
    const rest = pruneChild(schema?.items, item, element, last, kept);
    return rest === undefined ? [] : [rest.value];
  });
}

function pruneChild(
  schema: JsonSchema | undefined,
  value: unknown,
  element: string,
  last: FieldSet,
  kept: FieldSet,
): { readonly value: unknown } | undefined {
  const before = last[element];
  if (before === undefined) return { value };
  const now = kept[element];
  return now === undefined ? undefined : { value: pruneApplied(schema, value, before, now) };
}
