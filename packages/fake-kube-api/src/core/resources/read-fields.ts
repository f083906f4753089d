import { isRecord } from '../patch/json-value.ts';

/** A JSON object of any shape. */
export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = {};

/** What stands at a path of fields; undefined where the path ends early. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (!isRecord(current) || !Object.hasOwn(current, name)) return undefined;
    current = current[name];
  }
  return current;
}

/** The object at a path; an empty one where there is none. */
export function fieldsAt(value: unknown, ...path: readonly string[]): Fields {
  const found = valueAt(value, ...path);
  return isRecord(found) ? found : NOTHING;
}

/** The objects of the list at a path; none where there is no list. */
export function itemsAt(value: unknown, ...path: readonly string[]): readonly Fields[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found.filter(isRecord) : [];
}

/** The texts of the list at a path; none where there is no list. */
export function textsAt(value: unknown, ...path: readonly string[]): readonly string[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}

/** The text at a path; empty where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The number at a path; 0 where there is none. */
export function numberAt(value: unknown, ...path: readonly string[]): number {
  const found = valueAt(value, ...path);
  return typeof found === 'number' ? found : 0;
}

/** The item of `status.conditions` of that type. */
export function conditionOf(object: unknown, type: string): Fields | undefined {
  return itemsAt(object, 'status', 'conditions').find((condition) => condition['type'] === type);
}

/** A text or number (a quantity, say) as text; `nothing` for anything else. */
export function scalarText(value: unknown, nothing: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : nothing;
}
