import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalParams } from './canonical-params.ts';

it('[S8] gives one text to parameters that differ in the order of their keys alone', () => {
  const one = canonicalParams({ b: 1, a: { d: [1, { y: 1, x: 2 }], c: null } });
  const other = canonicalParams({ a: { c: null, d: [1, { x: 2, y: 1 }] }, b: 1 });
  expect(one).toBe('{"a":{"c":null,"d":[1,{"x":2,"y":1}]},"b":1}');
  expect(other).toBe(one);
});

it('[S8] gives an empty text to absent and to empty parameters', () => {
  expect([undefined, {}, { a: undefined }].map(canonicalParams)).toEqual(['', '', '']);
});

it('[S8] tells apart what differs in a value, in the order of an array or in a type', () => {
  const all = [
    { a: 1 },
    { a: '1' },
    { a: [1, 2] },
    { a: [2, 1] },
    { a: null },
    { a: {} },
    { a: [] },
    { b: 1 },
    { a: { b: 1 } },
  ];
  expect(new Set(all.map(canonicalParams)).size).toBe(all.length);
});

const params = fc.dictionary(fc.string(), fc.jsonValue());

function shuffle(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffle);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, shuffle(member)]),
  );
}

it('[S8] is JSON of the same value, for every order of the keys', () => {
  fc.assert(
    fc.property(params, (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
      const text = canonicalParams(plain);
      expect(canonicalParams(shuffle(plain) as Record<string, unknown>)).toBe(text);
      expect(JSON.parse(text === '' ? '{}' : text)).toEqual(plain);
    }),
  );
});
