import { expect, it } from 'vitest';
import { z } from 'zod';
import { expectationOf } from './expectation.ts';
import { textUpTo } from './route.ts';

const schema = z.strictObject({
  id: z.string(),
  limit: z.coerce.number().int().min(1).max(60).default(20),
  role: z.enum(['viewer', 'admin']).default('viewer'),
  isEnabled: z.boolean().optional(),
  names: z.array(textUpTo(3)).max(2).optional(),
  of: z.object({}).optional(),
});

it.each<[value: unknown, told: string]>([
  [undefined, ': expected an object, got nothing'],
  [null, ': expected an object, got null'],
  [[], ': expected an object, got a list'],
  [{}, 'id: expected a text, got nothing'],
  [{ id: 7 }, 'id: expected a text, got 7'],
  [{ id: { length: { valueOf: 1 } } }, 'id: expected a text, got an object'],
  [{ id: 'x', limit: 100 }, 'limit: expected at most 60, got 100'],
  [{ id: 'x', limit: 0 }, 'limit: expected at least 1, got 0'],
  [{ id: 'x', limit: 1.5 }, 'limit: expected a whole number, got 1.5'],
  [{ id: 'x', limit: 'many' }, 'limit: expected a number, got what is no number'],
  [{ id: 'x', role: 'hush' }, 'role: expected "viewer" or "admin", got a text'],
  [{ id: 'x', isEnabled: 'yes' }, 'isEnabled: expected true or false, got a text'],
  [{ id: 'x', names: ['a', 'b', 'c'] }, 'names: expected at most 2 items, got a list'],
  [{ id: 'x', names: ['four'] }, 'names.0: expected 1 to 3 characters'],
  [{ id: 'x', of: true }, 'of: expected an object, got true'],
  [{ id: 'x', other: 1 }, ': expected no other'],
])('of %j it is told what was expected and what came, and no text of it', (value, told) => {
  const { error } = schema.safeParse(value, { error: expectationOf });
  expect(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([told]);
});
