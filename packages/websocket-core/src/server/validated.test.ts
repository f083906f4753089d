import * as z from 'zod/mini';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from './types.ts';
import { validated } from './validated.ts';

const context = {} as RequestContext;

describe('validated', () => {
  const handler = validated(z.object({ text: z.string().check(z.minLength(2)) }), ({ text }) => text.toUpperCase());

  it('[R5] hands on what fits, without unknown keys', () => {
    expect(handler({ text: 'ab', more: 1 }, context)).toBe('AB');
  });

  it.each([
    ['the wrong type', { text: 7 }],
    ['too short a text', { text: 'a' }],
    ['nothing', undefined],
    ['a hostile length', { text: { length: { valueOf: 1, toString: 1 } } }],
  ])('[R5] answers %s with BAD_REQUEST', (_what, params) => {
    expect(() => handler(params, context)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }) as Error);
  });
});
