import * as z from 'zod/mini';

/**
 * A text of `min` to `max` UTF-16 code units. Not zod's own length checks: those look also at what is no string, where a
 * hostile `{"length": {"toString": ""}}` makes the comparison throw.
 */
export function text(min: number, max: number) {
  const expected = `expected ${String(min)} to ${String(max)} characters`;
  return z.string().check(z.refine((value: string) => value.length >= min && value.length <= max, expected));
}
