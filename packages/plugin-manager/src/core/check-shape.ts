import * as z from 'zod/mini';

const shownLength = 120;

/** A value as messages show it: its JSON, cut short. */
export function shown(value: unknown): string {
  const json = value === undefined ? 'nothing' : jsonOf(value);
  return json.length > shownLength ? `${json.slice(0, shownLength)}…` : json;
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // What a parser takes may be nested deeper than the stack of what writes it.
    return 'what cannot be shown';
  }
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[key];
  }
  return found;
}

/** What was expected, what came and where; the words of an error's message and its details. */
export interface Mismatch {
  readonly expected: string;
  readonly found: string;
  /** `repository.name`; empty for the whole. */
  readonly path: string;
}

/** The value as the schema reads it; throws what `fail` makes of the first mismatch. */
export function checkShape<T>(schema: z.ZodMiniType<T>, value: unknown, fail: (mismatch: Mismatch) => Error): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  let expected = issue?.message ?? 'another shape';
  if (issue?.code === 'invalid_type') expected = `expected ${issue.expected}`;
  if (issue?.code === 'invalid_value') expected = `expected ${issue.values.map(shown).join(' or ')}`;
  if (issue?.code === 'unrecognized_keys') expected = `unknown keys ${issue.keys.map(shown).join(', ')}`;
  throw fail({ expected, found: shown(at(value, path)), path: path.map(String).join('.') });
}
