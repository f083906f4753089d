import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  null: 'null',
};

/**
 * What was expected of a body or a query and what came, in words, where its schema says neither. What came is told by its
 * kind, numbers apart: it may be a password. Undefined for what zod says as well.
 */
export function expectationOf(issue: Issue): string | undefined {
  const got = `got ${kindOf(issue.input)}`;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${kinds[issue.expected] ?? issue.expected}, ${got}`;
    case 'invalid_value':
      return `expected ${issue.values.map((value) => JSON.stringify(value) ?? String(value)).join(' or ')}, ${got}`;
    case 'too_big':
      return `expected ${amountOf(issue.origin, 'at most', issue.maximum)}, ${got}`;
    case 'too_small':
      return `expected ${amountOf(issue.origin, 'at least', issue.minimum)}, ${got}`;
    case 'unrecognized_keys':
      return `expected no ${issue.keys.slice(0, 3).join(', ').slice(0, 200)}`;
    default:
      return undefined;
  }
}

function amountOf(origin: string, most: string, bound: number | bigint): string {
  const units: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };
  return `${most} ${String(bound)}${units[origin] ?? ''}`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isNaN(value) ? 'what is no number' : String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'a text' : 'an object';
}
